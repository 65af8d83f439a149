"""Questions as values: which operation, with which fields, and how its answer is read. Nothing here does I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Generic, Literal, Self, TypeVar

from pydantic import BaseModel

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of the API: *path* may have ``{fields}``."""

    name: str
    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    effect: Literal["read", "write"] = "read"
    names_dossier: bool = False
    """The dossier is among its fields: the one that the client was made for is not sent."""


@dataclass(frozen=True, slots=True)
class FileQuestion:
    """A question that a file answers. *fields* are named as on the wire; None was not said."""

    operation: Operation
    fields: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Question(Generic[T]):
    """A question or an order that ``data`` of type *T* answers."""

    operation: Operation
    fields: Mapping[str, object]
    read: Callable[[object], T]
    """Makes *T* of the answer's ``data``; raises :class:`ValueError` where it does not fit."""


@dataclass(frozen=True, slots=True)
class PageQuestion(Question[tuple[T, ...]]):
    """A question that a list answers, page by page."""

    def following(self, page_token: str) -> Self:
        """The question for the page that *page_token* names."""
        return replace(self, fields={**self.fields, "page_token": page_token})


def one(model: type[M]) -> Callable[[object], M]:
    """Reads ``data`` as one *model*."""
    return model.model_validate


def many(model: type[M]) -> Callable[[object], tuple[M, ...]]:
    """Reads ``data`` as a list of *model*."""

    def read(data: object) -> tuple[M, ...]:
        if not isinstance(data, list):
            raise ValueError("a list was expected")  # noqa: TRY004  # told as pydantic tells what does not fit
        return tuple(model.model_validate(item) for item in data)

    return read
