"""Collects events and gives them to listeners many at once, between requests instead of within each."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final, Protocol

from gateway.core.events import Event

GATHER_S: Final = 0.005
"""How long events wait for others at most: short, for telling them stops everything else as long as it takes."""
MOST: Final = 500
"""Largest number of waiting events; then they are passed on at once."""


class EventListener(Protocol):
    """Receives many events at once, in order."""

    def receive(self, events: Sequence[Event], /) -> None: ...


class EventBuffer:
    """Keeps events for a moment, then gives them to *listeners*. Made on a running event loop.

    Call :meth:`flush` before reading what listeners have counted.
    """

    def __init__(self, listeners: Sequence[EventListener]) -> None:
        self._listeners = tuple(listeners)
        self._waiting: list[Event] = []
        self._loop = asyncio.get_running_loop()

    def __call__(self, event: Event, /) -> None:
        waiting = self._waiting
        waiting.append(event)
        if len(waiting) == 1:
            self._loop.call_later(GATHER_S, self.flush)
        elif len(waiting) >= MOST:
            self.flush()

    def add(self, listener: EventListener) -> None:
        """Gives events to *listener* too, from now on."""
        self._listeners = (*self._listeners, listener)

    def flush(self) -> None:
        """Gives all waiting events to the listeners."""
        events, self._waiting = self._waiting, []
        for listener in self._listeners:
            listener.receive(events)
