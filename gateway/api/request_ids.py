"""Formats request ids and the date once per second instead of once per request."""

from __future__ import annotations

import os
from email.utils import format_datetime

from gateway.core.clock import Clock


class RequestStamps:
    """Request ids and the ``Date`` header.

    Ids are unique, and sort by the second in which they were given and by their order in it: the second, a random part
    of this process, a counter.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._process = os.urandom(5).hex()
        self._count = 0
        self._until = float("-inf")
        self._date = ""
        self._prefix = ""

    def date(self, monotonic: float) -> str:
        """The HTTP date (RFC 9110 section 5.6.7) of the instant *monotonic*, which is about now."""
        if monotonic >= self._until:
            self._tick(monotonic)
        return self._date

    def next_id(self, monotonic: float) -> str:
        """An id for a request that came at *monotonic*, about now."""
        if monotonic >= self._until:
            self._tick(monotonic)
        self._count += 1
        return f"{self._prefix}{self._count:08x}"

    def _tick(self, monotonic: float) -> None:
        now = self._clock.now()
        self._until = monotonic + 1.0 - now.microsecond / 1e6
        self._date = format_datetime(now, usegmt=True)
        self._prefix = f"{int(now.timestamp()):08x}{self._process}"
