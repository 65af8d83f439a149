"""Decodes an answer. Fields that the wire model does not know are ignored, and counted, at every depth."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

from pydantic import AliasChoices, BaseModel, ValidationError
from pydantic.fields import FieldInfo

from gateway.core.canonical import Wire, inner_models

ENVELOPE: Final = frozenset({"data", "success", "Status", "status", "Message", "message", "DataCount"})
"""Keys around the facts, read by tables rather than by models."""
_ROWS: Final = 20
"""Elements of a list that are looked at; the others look alike."""


@dataclass(frozen=True, slots=True)
class _Shape:
    names: frozenset[str]
    known: frozenset[str]
    """Names, and those of the envelope."""
    nested: tuple[tuple[str, type[BaseModel]], ...]


@cache
def _shape(model: type[BaseModel]) -> _Shape:
    names: set[str] = set()
    nested: list[tuple[str, type[BaseModel]]] = []
    for name, info in model.model_fields.items():
        outer = _names(name, info)
        names.update(outer)
        nested.extend((key, inner) for inner in inner_models(info.annotation) for key in outer)
    return _Shape(frozenset(names), ENVELOPE | names, tuple(nested))


def _names(name: str, info: FieldInfo) -> set[str]:
    match info.validation_alias or info.alias:
        case str(alias):
            return {name, alias}
        case AliasChoices(choices=choices):
            return {name, *(choice for choice in choices if isinstance(choice, str))}
        case _:
            return {name}


def decode(model: type[Wire], body: object) -> tuple[Wire, int]:
    """*body* as a *model*, and how many of its keys the model does not know.

    The usual answer has only known keys, so it is first validated with unknown ones forbidden: that costs a quarter of
    counting them. An answer that fails so is validated again, with unknown keys ignored.

    Raises:
        ValidationError: The answer breaks its contract.
    """
    try:
        return model.model_validate(body, extra="forbid"), 0
    except ValidationError:
        return model.model_validate(body), unknown_fields(model, body)


def unknown_fields(model: type[BaseModel], value: object) -> int:
    """How many keys of *value* (parsed JSON, or a mapping of XML) no field of *model* reads."""
    shape = _shape(model)
    if isinstance(value, list | tuple):
        return sum(unknown_fields(model, entry) for entry in value[:_ROWS])
    if not isinstance(value, dict):
        return 0
    if "data" in value and "data" not in shape.names and isinstance(value["data"], dict | list):
        return unknown_fields(model, value["data"])
    count = 0
    if not value.keys() <= shape.known:
        count = sum(1 for key in value if key not in shape.known and key.strip() not in shape.names)
    for key, inner in shape.nested:
        if isinstance(found := value.get(key), dict | list | tuple):
            count += unknown_fields(inner, found)
    return count
