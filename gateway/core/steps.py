"""Rings are lists of steps, joined once at start."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from inspect import isfunction
from typing import TypeVar

I = TypeVar("I")  # noqa: E741  # input of a step
O = TypeVar("O")  # noqa: E741  # output of a step
Next = Callable[[I], Awaitable[O]]
Step = Callable[[Next[I, O], I], Awaitable[O]]


def compose(steps: Sequence[Step[I, O]], last: Next[I, O]) -> Next[I, O]:
    """Joins *steps*, outermost first, around *last*; no steps gives *last* itself."""
    for step in reversed(steps):
        last = partial(step, last)
    return last


def steps_of(ring: object) -> list[str]:
    """The names of the steps that *ring* was composed of, outermost first, as words; the innermost is left out."""
    found = []
    while isinstance(ring, partial):
        step, ring = ring.func, ring.args[0]
        name = step.__name__ if isfunction(step) else type(step).__name__
        found.append(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.removesuffix("Step")).lower())
    return found
