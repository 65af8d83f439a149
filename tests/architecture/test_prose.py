"""Plain words: docstrings that say what a thing is or does, and messages of subject, verb, object."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from typing import Final, NamedTuple

import pytest

from tests.architecture.test_rules import name, sources, tree

FOLDERS: Final = ("gateway", "lgsp_client", "conformance", "mocks", "lgsp_pytest")
EXEMPT: Final[frozenset[tuple[str, str]]] = frozenset()
"""Findings that may stay for now, as (file, text); the list only shrinks."""

OPENING: Final = re.compile(r"(Who|What|Whose)\b")
DOCSTRING: Final = re.compile(r"(?<!\bthere )\bis (none|no field)\b")
MESSAGE: Final = re.compile(r"(?<!\bthere )\bis (none|no \w+)|\bcan't stand\b|\bstands?\b", re.IGNORECASE)


class Finding(NamedTuple):
    """A text that breaks the rule, and its line."""

    line: int
    text: str
    rule: str


def docstrings(module: ast.Module) -> Iterator[ast.Constant]:
    """Texts that stand alone: of modules, classes and functions, and those below the assignment that they explain."""
    for node in ast.walk(module):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.value


def messages(module: ast.Module) -> Iterator[tuple[int, str]]:
    """All other texts of more than one word; an f-string with its expressions, each as ``{}``."""
    left_out = {id(text) for text in docstrings(module)}
    for node in ast.walk(module):
        if isinstance(node, ast.JoinedStr):
            left_out |= {id(part) for part in node.values}
            parts = (part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
            yield node.lineno, "".join(map(str, parts))
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in left_out:
            yield node.lineno, node.value


def mannered(module: ast.Module) -> list[Finding]:
    """The texts of *module* that break the rule "Plain words" of CONTRIBUTING.md."""
    found = []
    for text in docstrings(module):
        said = str(text.value)
        if OPENING.match(said.strip()):
            found.append(Finding(text.lineno, said, "a docstring does not begin with Who, What or Whose"))
        if DOCSTRING.search(said):
            found.append(
                Finding(text.lineno, said, 'a docstring says "is not a field", not "is no field" or "is none"')
            )
    for line, said in messages(module):
        if " " in said.strip() and MESSAGE.search(said):
            found.append(Finding(line, said, 'a message says "is not a …"; it has no "is no …", "is none" or "stands"'))
    return found


@cache
def findings() -> dict[tuple[str, str], Finding]:
    """All of them by file and text, sought when a test first asks: each process of a run imports this file."""
    return {(name(path), finding.text): finding for path in sources(*FOLDERS) for finding in mannered(tree(path))}


@pytest.mark.parametrize("folder", FOLDERS)
def test_texts_are_plain(folder: str) -> None:
    """Docstrings and messages of the product, the client, the conformance tool and the mocks keep the rule."""
    broken = [
        f"{file}:{finding.line}: {finding.rule}: {finding.text.strip().splitlines()[0]!r}"
        for (file, text), finding in findings().items()
        if file.startswith(f"{folder}/") and (file, text) not in EXEMPT
    ]

    assert broken == []


def test_exemptions_are_still_needed() -> None:
    """An exemption whose text was rewritten leaves the list."""
    assert EXEMPT - findings().keys() == frozenset()


@pytest.mark.parametrize(
    "planted",
    [
        '"""What the ring said."""',
        'class A:\n    """Who calls."""',
        'async def a() -> None:\n    """Whose contributions."""',
        'A = 1\n"""What is forgotten."""',
        'def a():\n    """Refuses a token that is none of this query."""',
        'raise ValueError("is no day")',
        'errors = [FieldError("/a", "is no field of this operation")]',
        'A = Field(description="stands in the body")',
        'raise ValueError(f"{name} is none that {period} gave")',
        'WORDS = {"extra": "is no field of this operation"}',
        'log.warning("an answer stands")',
        'print(f"{name} names no record, and is no gateway")',
    ],
)
def test_planted_text_is_found(planted: str) -> None:
    """The check sees each kind of text that it is there for."""
    assert len(mannered(ast.parse(planted))) == 1


@pytest.mark.parametrize(
    "plain",
    [
        '"""Replays a fresh cache hit."""',
        '"""The running call, started now if there is none."""',
        'class Whatever:\n    """Whatever the caller sent, as bytes."""',
        'raise ValueError("is not a field of this operation")',
        'raise ValueError("there is no answer in time")',
        'A = "stands"',
        'raise ValueError(f"{name} is standing by")',
    ],
)
def test_plain_text_passes(plain: str) -> None:
    """Ordinary sentences, names and words of one piece are not refused."""
    assert mannered(ast.parse(plain)) == []
