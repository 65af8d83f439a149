"""The alarms of an event loop, kept by one timer of the loop's own.

Nearly all are taken back before their time, and a loop's timer costs several times what an entry in a heap does.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from heapq import heapify, heappop, heappush
from typing import Final, Protocol

EARLY_S: Final = 0.001
"""A loop counts in milliseconds, so its timer may come so much before its time."""
MANY: Final = 64
"""Entries of alarms taken back, beyond which they are thrown away once they are more than the others."""


class Alarm(Protocol):
    """Rings once, at its time."""

    number: int
    """That of its entry; 0: it does not ring any more."""

    def ring(self) -> None: ...


class Handle(Protocol):
    """A timer of the loop's own."""

    def cancel(self) -> object: ...


class Alarms:
    """The alarms of one event loop.

    Args:
        call_later: The loop's.
        monotonic: Seconds that never jump.
    """

    def __init__(
        self, call_later: Callable[[float, Callable[[], None]], Handle], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._call_later = call_later
        self._monotonic = monotonic
        self._entries: list[tuple[float, int, Alarm]] = []
        self._last = 0
        self._taken_back = 0
        self._timer: Handle | None = None
        self._rings_at = math.inf

    def __len__(self) -> int:
        return len(self._entries)

    def set(self, alarm: Alarm, seconds: float) -> None:
        """Lets *alarm*, which is not set, ring in *seconds*."""
        self._last += 1
        alarm.number = self._last
        when = self._monotonic() + seconds
        heappush(self._entries, (when, self._last, alarm))
        if when < self._rings_at:
            self._wait(when, seconds)

    def take_back(self, alarm: Alarm) -> None:
        """Lets *alarm* not ring, where it is still to come."""
        if not alarm.number:
            return
        alarm.number = 0
        self._taken_back += 1
        if self._taken_back > MANY and 2 * self._taken_back > len(self._entries):
            self._entries = [entry for entry in self._entries if entry[2].number == entry[1]]
            heapify(self._entries)
            self._taken_back = 0

    def _wait(self, when: float, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._rings_at = when
        self._timer = self._call_later(seconds, self._ring)

    def _ring(self) -> None:
        self._timer = None
        self._rings_at = math.inf
        now = self._monotonic()
        while self._entries:
            when, number, alarm = self._entries[0]
            if alarm.number == number:
                if when > now + EARLY_S:
                    self._wait(when, when - now)
                    return
                alarm.number = 0
                heappop(self._entries)
                alarm.ring()
            else:
                self._taken_back -= 1
                heappop(self._entries)


class _Latest:
    """The alarms of the loop that was asked for last: nearly always there is one loop."""

    def __init__(self) -> None:
        self.found: tuple[asyncio.AbstractEventLoop, Alarms] | None = None


_LATEST: Final = _Latest()


def alarms_of(loop: asyncio.AbstractEventLoop) -> Alarms:
    """The alarms of *loop*, which is the running one; where several loops run, one may have some of them."""
    latest = _LATEST.found
    if latest is None or latest[0] is not loop:
        latest = _LATEST.found = (loop, Alarms(loop.call_later))
    return latest[1]
