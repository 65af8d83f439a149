"""Collects events and gives them to listeners many at once, between requests instead of within each."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final, Protocol

from gateway.core.events import Event, RequestFinished

GATHER_S: Final = 0.005
"""How long events wait for others at most: short, for telling them stops everything else as long as it takes."""
MOST: Final = 500
"""Largest number of waiting events; then they are passed on at once."""


class RequestListener(Protocol):
    """Receives many finished requests at once, in order."""

    def receive(self, requests: Sequence[RequestFinished], /) -> None: ...


class EventListener(Protocol):
    """Receives many events at once, in order; :class:`gateway.core.events.RequestFinished` is not among them."""

    def receive(self, events: Sequence[Event], /) -> None: ...


class EventBuffer:
    """Keeps events for a moment, then gives them to its listeners. Made on a running event loop.

    Call :meth:`flush` before reading what listeners have counted. Finished requests have listeners of their own,
    because most events are requests, and most listeners would look at each in vain.

    Args:
        requests: Receive finished requests.
        others: Receive all other events.
    """

    def __init__(self, requests: Sequence[RequestListener], others: Sequence[EventListener]) -> None:
        self._request_listeners = tuple(requests)
        self._other_listeners = tuple(others)
        self._requests: list[RequestFinished] = []
        self._others: list[Event] = []
        self._due = False
        self._loop = asyncio.get_running_loop()

    def __call__(self, event: Event, /) -> None:
        waiting: list[RequestFinished] | list[Event]
        if type(event) is RequestFinished:
            waiting = self._requests
            self._requests.append(event)
        else:
            waiting = self._others
            self._others.append(event)
        if len(waiting) >= MOST:
            self.flush()
        elif not self._due:
            self._due = True
            self._loop.call_later(GATHER_S, self.flush)

    def add_requests(self, listener: RequestListener) -> None:
        """Gives finished requests to *listener* too, from now on."""
        self._request_listeners = (*self._request_listeners, listener)

    def add(self, listener: EventListener) -> None:
        """Gives all other events to *listener* too, from now on."""
        self._other_listeners = (*self._other_listeners, listener)

    def flush(self) -> None:
        """Gives all waiting events to the listeners."""
        self._due = False
        requests, self._requests = self._requests, []
        others, self._others = self._others, []
        if requests:
            for listener in self._request_listeners:
                listener.receive(requests)
        if others:
            for other in self._other_listeners:
                other.receive(others)
