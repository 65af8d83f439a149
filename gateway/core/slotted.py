"""Values that are made for each request: the type checker keeps them unchanged, not the interpreter.

A frozen dataclass writes each field by a call of ``object.__setattr__`` and so takes three to four times as long to
make. For what is made once, a frozen dataclass is right.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def slotted(*, kw_only: bool = False) -> Callable[[type[T]], type[T]]:
    """A slotted dataclass of which no field is assigned after it is made: mypy refuses that."""
    return dataclass(slots=True, kw_only=kw_only)
