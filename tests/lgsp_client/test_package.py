"""The distribution: what it needs, what it knows of, and that what is generated is what is declared."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import metadata
from pathlib import Path
from typing import Final

from lgsp_client.request import CONNECTOR, CONNECTORS, Defaults

import lgsp_client
from gateway.registry import scan
from lgsp_client import AsyncClient, Client, Options
from tests.support.every_operation import OPERATIONS
from tests.support.laptop import ROOT
from tests.support.portal_client import KEY, URL

HOME: Final = ROOT / "lgsp_client"
SOURCES: Final = sorted((HOME / "src" / "lgsp_client").rglob("*.py"))
MAY_IMPORT: Final = {"lgsp_client", "httpx", "pydantic"}


def imported(path: Path) -> set[str]:
    """The top-level names that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            found.add((node.module or "").partition(".")[0])
    return found


def test_distribution_needs_httpx_and_pydantic_alone() -> None:
    """Whoever installs it gets an HTTP client and models, and no gateway."""
    told = metadata("lgsp-client")
    declared = tomllib.loads((HOME / "pyproject.toml").read_text("utf-8"))["project"]

    needed = {re.split("[<>=]", line)[0] for line in told.get_all("Requires-Dist") or ()}
    assert needed == {re.split("[<>=]", line)[0] for line in declared["dependencies"]} == {"httpx", "pydantic"}
    assert told["Requires-Python"] == ">=3.11"


def test_source_imports_nothing_else() -> None:
    """But the standard library."""
    found = {name for path in SOURCES for name in imported(path)}

    assert found - MAY_IMPORT <= sys.stdlib_module_names
    assert found >= MAY_IMPORT


def test_client_is_imported_without_the_gateway() -> None:
    """In an interpreter of its own nothing of the repository is loaded with it."""
    code = "import sys, lgsp_client; print({'gateway', 'mocks', 'conformance', 'aiohttp'} & sys.modules.keys())"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)

    assert ran.stdout == "set()\n"


def test_it_says_that_it_is_typed() -> None:
    """Type checkers read its annotations (PEP 561)."""
    assert (HOME / "src" / "lgsp_client" / "py.typed").exists()


def test_what_is_generated_is_what_is_declared() -> None:
    """``make generate`` writes it, and takes away what nothing is declared for any more."""
    command = [sys.executable, "-m", "generator", "--check"]
    ran = subprocess.run(command, cwd=HOME, capture_output=True, text=True, check=False, timeout=100)

    assert ran.returncode == 0, ran.stderr


def test_every_operation_is_a_method_of_both_clients() -> None:
    """By the names of connector and operation."""
    with Client(URL, KEY) as client:
        for one in (client, AsyncClient(URL, KEY)):
            assert {connector.name for connector in scan().values()} <= vars(one).keys()
            for name in OPERATIONS:
                system, _, operation = name.partition(".")
                assert callable(getattr(getattr(one, system), operation)), name


def test_parameters_of_every_method_are_not_names_of_fields() -> None:
    """The generator refuses a field that an option of every method would hide."""
    generator = (HOME / "generator" / "operations.py").read_text("utf-8")
    (own,) = [
        ast.literal_eval(node.value)
        for node in ast.parse(generator).body
        if isinstance(node, ast.AnnAssign)
        and isinstance(node.target, ast.Name)
        and node.target.id == "OWN"
        and node.value
    ]

    assert own == {"self", "options", "idempotency_key", *Options.__annotations__}
    assert Defaults.__annotations__.keys() <= Options.__annotations__.keys()


def test_all_that_is_exported_exists() -> None:
    """In order, and under its own name."""
    assert [name for name in lgsp_client.__all__ if not hasattr(lgsp_client, name)] == []
    assert lgsp_client.__all__ == sorted(lgsp_client.__all__)
    assert {CONNECTORS.name, CONNECTOR.name} == {"connectors", "connector"}
