"""Rings are lists of steps, joined once at start."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
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
