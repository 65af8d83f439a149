"""The promises of ``requirements/``: production carries what it imports, and nothing that only mocks or tests do."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
PIN: Final = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)", re.MULTILINE)
OURS: Final = frozenset({"gateway", "conformance", "mocks", "lgsp_pytest"})
NOT_IN_PRODUCTION: Final = ("httpx", "httpx-aiohttp", "fpdf2", "pillow", "fonttools", "python-stdnum")
LOCKS: Final = ("runtime", "mocks", "dev")


def pins(lock: str) -> dict[str, str]:
    """The packages of a lock with their versions."""
    text = (ROOT / "requirements" / f"{lock}.lock").read_text("utf-8")
    return {normal(name): version for name, version in PIN.findall(text)}


def normal(name: str) -> str:
    """A package's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def imported(folder: str) -> Iterator[tuple[str, Path]]:
    """Each foreign top-level module that the code of *folder* imports, with the file that does."""
    for path in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_bytes())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module is not None:
                names = [node.module]
            for name in names:
                top = name.partition(".")[0]
                if top not in sys.stdlib_module_names | OURS:
                    yield top, path.relative_to(ROOT)


@pytest.mark.parametrize("package", NOT_IN_PRODUCTION)
def test_production_does_not_carry(package: str) -> None:
    """A second HTTP client and the libraries that draw the mocks' papers stay out of the production lock."""
    assert package not in pins("runtime")


@pytest.mark.parametrize(
    ("folder", "lock"),
    [("gateway", "runtime"), ("conformance", "runtime"), ("mocks", "mocks"), ("lgsp_pytest", "mocks")],
)
def test_what_is_imported_is_locked(folder: str, lock: str) -> None:
    """Every module that the code imports comes with a package of the lock that it is installed from."""
    known, provided = pins(lock), packages_distributions()
    lacking = {
        (module, str(path))
        for module, path in imported(folder)
        if not {normal(package) for package in provided.get(module, ())} & known.keys()
    }

    assert lacking - {("pytest", "lgsp_pytest/plugin.py")} == set(), "the plugin alone is imported by pytest itself"


def test_each_lock_holds_what_the_smaller_one_holds() -> None:
    """In the same versions, so that what is tested and shown is what runs in production."""
    runtime, mocks, dev = (pins(lock).items() for lock in LOCKS)

    assert runtime < mocks < dev


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_has_hashes_and_no_address(lock: str) -> None:
    """Any mirror may serve the packages, and none can change them."""
    text = (ROOT / "requirements" / f"{lock}.lock").read_text("utf-8")
    requirements = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]

    assert [one.splitlines()[0] for one in requirements if "--hash=sha256:" not in one] == []
    assert re.findall(r"--index-url|--extra-index-url|--find-links|\w+://", text) == []
