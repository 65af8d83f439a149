"""Slow listeners are told of many events at once, between requests rather than within each."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from gateway.core.events import Event, Observer

GATHER_S: Final = 0.005
"""How long events wait for others at most: short, for telling them stops everything else as long as it takes."""
MOST: Final = 500
"""Events that wait at most; then they are told at once."""


class Batches:
    """Keeps events a moment, then tells *listeners* of each in order. Made on a running event loop.

    Who reads what listeners have counted calls :meth:`tell` before.
    """

    def __init__(self, listeners: Sequence[Observer]) -> None:
        self._listeners = tuple(listeners)
        self._waiting: list[Event] = []
        self._loop = asyncio.get_running_loop()

    def __call__(self, event: Event, /) -> None:
        self._waiting.append(event)
        if len(self._waiting) == 1:
            self._loop.call_later(GATHER_S, self.tell)
        elif len(self._waiting) >= MOST:
            self.tell()

    def tell(self) -> None:
        """Tells of all events that wait."""
        events, self._waiting = self._waiting, []
        for listener in self._listeners:
            for event in events:
                listener(event)
