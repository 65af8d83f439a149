"""Decides when a worker that has ended is replaced."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

FIRST_S: Final = 0.5
LONGEST_S: Final = 30.0
STEADY_S: Final = 30.0
"""One that has lived for so long ended for another cause than the one before it."""


@dataclass(frozen=True, slots=True)
class Restarts:
    """Those of one slot: how many *in_a_row*, and in all."""

    in_a_row: int = 0
    total: int = 0


def decide(state: Restarts, lived_s: float) -> tuple[Restarts, float]:
    """The next state, and in how many seconds the worker is replaced: soon at first, and later each time."""
    in_a_row = 0 if lived_s >= STEADY_S else state.in_a_row
    return Restarts(in_a_row + 1, state.total + 1), min(LONGEST_S, FIRST_S * 2.0**in_a_row)
