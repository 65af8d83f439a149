"""The numbers that name one person or one record: whoever was asked about is found again by them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, Final, TypeAlias, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo


def nothing_more(_: str) -> Sequence[str]:
    """The number names its owner by itself alone."""
    return ()


@dataclass(frozen=True, slots=True)
class IdentifierMark:
    """Marks a field whose text names one person or record; *also* gives other numbers that the text holds."""

    also: Callable[[str], Sequence[str]] = nothing_more


IDENTIFIER: Final = IdentifierMark()

Plan: TypeAlias = "tuple[tuple[str, IdentifierMark | None], ...]"
"""The fields to look at: those with a mark, and (None) those whose models have such fields."""


def identifiers_of(value: BaseModel) -> list[str]:
    """The texts of the marked fields of *value*, nested ones too."""
    found: list[str] = []
    for name, mark in _plan(type(value)):
        held = getattr(value, name)
        if mark is not None and isinstance(held, str):
            found.append(held)
            found.extend(mark.also(held))
            continue
        for one in held if isinstance(held, tuple) else (held,):
            if isinstance(one, BaseModel):
                found.extend(identifiers_of(one))
            elif mark is not None and isinstance(one, str):
                found.append(one)
                found.extend(mark.also(one))
    return found


@lru_cache(maxsize=512)
def _plan(model: type[BaseModel]) -> Plan:
    found: list[tuple[str, IdentifierMark | None]] = []
    for name, info in model.model_fields.items():
        if (mark := _mark_of(info)) is not None:
            found.append((name, mark))
        elif any(inner is not model and _plan(inner) for inner in _models_in(info.annotation)):
            found.append((name, None))
    return tuple(found)


def _mark_of(info: FieldInfo) -> IdentifierMark | None:
    return next((mark for mark in info.metadata if isinstance(mark, IdentifierMark)), None) or _inner_mark(
        info.annotation
    )


def _inner_mark(annotation: Any) -> IdentifierMark | None:
    if get_origin(annotation) is Annotated:
        inner, *marks = get_args(annotation)
        own = next((mark for mark in marks if isinstance(mark, IdentifierMark)), None)
        return own or _inner_mark(inner)
    return next((mark for one in get_args(annotation) if (mark := _inner_mark(one)) is not None), None)


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for one in get_args(annotation):
        yield from _models_in(one)
