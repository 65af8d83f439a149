"""Decides whether an optional helper (the shared cache) is asked, without I/O."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class Available:
    """It is asked; *failures* counts the failures in a row."""

    failures: int = 0


@dataclass(frozen=True, slots=True)
class PassedOver:
    """It is not asked before *until* (monotonic seconds), and then only by the task that checks whether it is back."""

    until: float


Availability: TypeAlias = Available | PassedOver


def decide(
    state: Availability, event: Literal["worked", "failed"], now: float, *, failures: int, open_s: float
) -> Availability:
    """The next state: down after so many *failures* in a row, for *open_s* at a time, up as soon as it works."""
    if event == "worked":
        return Available()
    if isinstance(state, PassedOver) or state.failures + 1 >= failures:
        return PassedOver(now + open_s)
    return Available(state.failures + 1)
