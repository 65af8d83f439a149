"""Joins lists of steps to rings, once at start."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import ClassVar, Protocol, TypeVar

I = TypeVar("I")  # noqa: E741  # input of a step
O = TypeVar("O")  # noqa: E741  # output of a step
Next = Callable[[I], Awaitable[O]]


class Step(Protocol[I, O]):
    """A policy around the steps that follow it; ``lgsp explain`` shows its *name*."""

    name: ClassVar[str]

    async def __call__(self, proceed: Next[I, O], value: I, /) -> O:
        """The answer to *value*, with or without calling *proceed*."""
        ...


def compose(steps: Sequence[Step[I, O]], last: Next[I, O]) -> Next[I, O]:
    """Joins *steps*, outermost first, around *last*; no steps gives *last* itself."""
    for step in reversed(steps):
        last = partial(step, last)
    return last


def steps_of(ring: object) -> list[str]:
    """The names of the steps that *ring* was composed of, outermost first; the innermost is left out."""
    found = []
    while isinstance(ring, partial):
        name: str = getattr(ring.func, "name")  # noqa: B009  # what partial holds has lost its type
        found.append(name)
        ring = ring.args[0]
    return found
