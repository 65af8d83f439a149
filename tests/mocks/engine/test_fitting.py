"""The quick reader of messages accepts what the slow one finds sound, and nothing else."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mocks.engine.fitting import Compiler
from mocks.engine.schema import Contract

CONTRACTS = Path(__file__).parents[3] / "contracts"
QUESTIONS = {
    f"{contract.parent.name}/{contract.stem}/{call.name.split('.')[0]}/{call.name}": (contract, call)
    for contract in sorted(CONTRACTS.glob("*/*.yaml"))
    for call in sorted(contract.parent.glob("samples/*.request.json"))
    if f"operationId: {call.name.split('.')[0]}\n" in contract.read_text("utf-8")
}
#: Put in the place of each value, one at a time: other types, edges of length and number, other words.
OTHERS: tuple[object, ...] = (
    None, True, False, 0, 1, -1, 2.5, "", " ", "0", "1", "x" * 3_000, "2026-10-05", "05/10/2026", [], [1], {}, {"x": 1},
)  # fmt: skip


def changed(value: object) -> Iterator[object]:
    """The value with one part replaced, left out or added, at every depth."""
    yield from OTHERS
    if isinstance(value, dict):
        yield {**value, "la": "x"}
        for name, inner in value.items():
            yield {known: kept for known, kept in value.items() if known != name}
            for other in changed(inner):
                yield {**value, name: other}
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            for other in changed(inner):
                yield [*value[:index], other, *value[index + 1 :]]


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_quick_and_slow_agree_on_every_changed_question(name: str) -> None:
    """Each contract's own questions, with every part changed in every way."""
    contract, call = QUESTIONS[name]
    reader = Contract(contract.read_text("utf-8"))
    schema = reader.question(call.name.split(".")[0])
    message: Any = json.loads(call.read_text("utf-8"))

    assert reader.fits(schema, copy.deepcopy(message))
    for other in changed(message):
        assert reader.fits(schema, other) is not any(reader.breaches(schema, other)), other


def test_a_schema_may_refer_to_itself() -> None:
    """A list of lists is read to its end."""
    tree = {"type": "object", "required": ["v"], "properties": {"in": {"$ref": "#/components/schemas/Tree"}}}
    fits = Compiler({"Tree": tree}).compiled(tree)

    assert fits({"v": 1, "in": {"v": 1, "in": {"v": 2}}})
    assert not fits({"v": 1, "in": {"v": 1, "in": {}}})
