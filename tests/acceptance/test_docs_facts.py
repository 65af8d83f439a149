"""What the documentation says about the code is so."""

from __future__ import annotations

import importlib
import re
import runpy
from pathlib import Path
from typing import Any, Final

import pytest
import typer.main
from pydantic import BaseModel

from gateway.__main__ import app
from gateway.api.problems import every_error
from gateway.api.reasons import REASONS
from gateway.api.texts import CODES
from gateway.observe.catalogue import whole_catalogue
from tests.support.documents import ROOT, anchors, blocks, links, pages

GENERATOR: Final = ROOT / "docs" / "generate.py"
TROUBLES: Final = (ROOT / "docs" / "operate" / "troubleshooting.md").read_text("utf-8")
BY_CODE, BY_REASON = TROUBLES.split("## By reason")
LAYOUT: Final = (ROOT / "LAYOUT.md").read_text("utf-8")
TERM: Final = re.compile(r"\| `([a-z_]+)\.(\w+)(?:\.(\w+))?` \|$", re.MULTILINE)
TERMS: Final = TERM.findall((ROOT / "docs" / "terms.md").read_text("utf-8"))
MAPPED: Final = re.compile(r"^\| `([\w./]+)` \|", re.MULTILINE)
HOMES: Final = {
    "core": tuple(
        f"gateway.core.{room}"
        for room in ("call", "canonical", "connector", "message", "settings", "steps", "upstream")
    ),
    "settings": ("gateway.settings",),
    "policies": ("gateway.pipeline.policies",),
    "build": ("gateway.pipeline.build",),
}
NOT_FOR_CALLERS: Final = {"soft_timeout"}
"""Reasons that stay inside: a stale answer is given instead."""
PAGES: Final = [*pages(), Path("mocks/README.md"), *sorted(p.relative_to(ROOT) for p in ROOT.glob("contracts/*/*.md"))]


# ---- what is generated


def test_tables_that_follow_from_the_code_are_current() -> None:
    """``make generate`` writes them."""
    generator = runpy.run_path(str(GENERATOR))
    for page in sorted(generator["PAGES"].glob("*.md")):
        text = page.read_text("utf-8")

        assert generator["written"](text) == text, f"{page.name}: make generate"


# ---- troubleshooting


def test_every_reason_has_a_row_and_every_row_a_reason() -> None:
    """What an operator reads in a problem is found in troubleshooting, and nothing else is."""
    rows = re.findall(r"^\| `(\w+)` \|", BY_REASON, re.MULTILINE)

    assert sorted(rows) == sorted(set(REASONS) - NOT_FOR_CALLERS)


def test_every_code_has_a_row() -> None:
    """With the status that it is sent with."""
    rows = re.findall(r"^\| (`[^|]*`) \| ([\d, ]+) \|", BY_CODE, re.MULTILINE)
    told = {
        code: status
        for codes, statuses in rows
        for code, status in zip(re.findall(r"`([\w-]+)`", codes), statuses.split(", "), strict=True)
    }

    assert told == {error.code: str(error.status) for error in every_error() if error.code in CODES}


# ---- names


@pytest.mark.parametrize(("home", "name", "field"), TERMS, ids=[".".join(filter(None, term)) for term in TERMS])
def test_a_term_names_what_exists(home: str, name: str, field: str) -> None:
    """In the connector's package or model, or among the shared types."""
    places = HOMES.get(home) or (f"gateway.connectors.{home}", f"gateway.connectors.{home}.model")
    found: Any = next(
        value for place in places if (value := getattr(importlib.import_module(place), name, None)) is not None
    )
    fields = found.model_fields if field and issubclass(found, BaseModel) else getattr(found, "__annotations__", {})

    assert not field or field in fields


def test_every_metric_that_a_page_names_exists() -> None:
    """In the catalogue, by the name that Prometheus sees."""
    exposed = re.findall(r"^# HELP (lgsp_\w+)", whole_catalogue().exposition("")[0].decode(), re.MULTILINE)
    known = {name + suffix for name in exposed for suffix in ("", "_bucket", "_sum", "_count")}
    named = {
        (str(page), name)
        for page in pages()
        for name in re.findall(
            r"\blgsp_(?!laptop_only|portal_|client|pytest|access_key|secret_key)\w+", (ROOT / page).read_text("utf-8")
        )
    }

    assert {(page, f"{name}") for page, name in named if name not in known} == set()


def test_every_command_that_a_page_names_exists() -> None:
    """``lgsp …`` in a code block or between backticks."""
    known = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]  # a group, as there are subcommands
    named = {
        (str(page), word)
        for page in pages()
        for word in re.findall(r"(?:`|\$ |/bin/|\n)lgsp ([a-z]+)", (ROOT / page).read_text("utf-8"))
    }

    assert {(page, word) for page, word in named if word not in known} == set()


# ---- places


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_links_lead_somewhere(page: Path) -> None:
    """Files that exist, and headings that they have; addresses elsewhere are not asked for."""
    broken = []
    for target in links((ROOT / page).read_text("utf-8")):
        name, _, anchor = target.partition("#")
        path = (ROOT / page).parent / name if name else ROOT / page
        if not path.exists() or (anchor and anchor not in anchors(path.read_text("utf-8"))):
            broken.append(target)

    assert broken == []


def test_the_map_shows_what_is_there() -> None:
    """Every path of LAYOUT.md exists, and every folder that a newcomer sees first is on it."""
    shown = {name.rstrip("/") for name in MAPPED.findall(LAYOUT.partition("A connector's folder")[0])}
    tops = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith((".", "__"))}
    floors = {
        path.parent.relative_to(ROOT).as_posix()
        for top in ("gateway", "mocks")
        for path in (ROOT / top).glob("*/__init__.py")
    }

    assert {name for name in shown if not (ROOT / name).exists()} == set()
    assert (tops | floors) - shown == set()


@pytest.mark.parametrize("page", pages(), ids=str)
def test_a_block_that_is_not_run_says_why(page: Path) -> None:
    """So that nobody takes it for one that is."""
    assert [block.where for block in blocks(ROOT / page) if block.why is not None and len(block.why) < 10] == []
