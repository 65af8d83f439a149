"""Mistakes of requests: every validator tells its own, in both languages."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from pydantic import BaseModel, ValidationError, field_validator

import gateway
from gateway.core import mistakes
from gateway.core.mistakes import Mistake

ROOT: Final = Path(gateway.__file__).parent
MODELS: Final = sorted([ROOT / "core" / "canonical.py", *(ROOT / "connectors").glob("*/model.py")])
WRONG: Final = Mistake("wrong", "is wrong", "sai")


class Wrong(BaseModel):
    """A value that is always wrong."""

    value: str

    @field_validator("value")
    @classmethod
    def _check(cls, value: str) -> str:
        raise WRONG.error()


@cache
def made() -> list[tuple[str, list[str]]]:
    """Each mistake that the source of the gateway makes: where, and its literal texts."""
    found = []
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Mistake":
                texts = [ast.unparse(argument) for argument in node.args]
                found.append((f"{path.relative_to(ROOT)}:{node.lineno}", texts))
    return found


def test_validator_tells_its_mistake() -> None:
    """Code and both texts go through pydantic, and the value does not."""
    with pytest.raises(ValidationError) as failed:
        Wrong(value="079085001234")
    [item] = failed.value.errors(include_input=False)

    assert (item["type"], item["msg"], item["ctx"]) == ("wrong", "is wrong", {"vi": "sai"})


def test_mistake_of_a_whole_query_is_shown_at_a_field() -> None:
    """A rule between fields points at the field to change."""
    [item] = WRONG.at("sex").errors()

    assert (item["loc"], item["msg"], item["input"]) == (("sex",), "is wrong", None)


@pytest.mark.parametrize("path", MODELS, ids=lambda path: str(path.relative_to(ROOT)))
def test_models_raise_mistakes_alone(path: Path) -> None:
    """A bare ValueError would have neither code nor Vietnamese text."""
    raised = [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "ValueError"
    ]

    assert raised == []


def test_every_mistake_has_two_texts() -> None:
    """The English one is ASCII, and the Vietnamese one is another."""
    broken = [
        where
        for where, texts in made()
        if len(texts) == 3 and texts[0].startswith("'") and (not texts[1].isascii() or texts[1] == texts[2])
    ]

    assert broken == []
    assert len(made()) > len([name for name in vars(mistakes) if name.isupper()])
