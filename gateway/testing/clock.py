"""A clock that stands still until a test moves it."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from gateway.core.clock import Limit


class FakeClock:
    """A :class:`~gateway.core.clock.Clock` that stands still until a test moves it.

    ``await clock.advance(5)`` fires every timer that is due within five seconds, in order,
    and gives the woken tasks their turns of the loop before it fires the next one::

        clock = FakeClock()
        task = asyncio.create_task(clock.sleep(60))
        await clock.advance(59)
        assert not task.done()
        await clock.advance(1)
        assert task.done()

    It begins at *start* (aware, UTC); the monotonic seconds begin at 1000.
    """

    def __init__(self, start: datetime = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)) -> None:
        self._wall = start
        self._monotonic = 1_000.0
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()

    def now(self) -> datetime:
        return self._wall

    def monotonic(self) -> float:
        return self._monotonic

    def jump_wall(self, seconds: float) -> None:
        """Sets the wall clock forward or back, as NTP or an operator may; the monotonic one goes on."""
        self._wall += timedelta(seconds=seconds)

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken = asyncio.get_running_loop().create_future()

        def wake() -> None:
            if not woken.done():
                woken.set_result(None)

        self.call_at(self._monotonic + seconds, wake)
        await woken

    @asynccontextmanager
    async def timeout_at(self, when: float | None) -> AsyncIterator[Limit]:
        """See :meth:`gateway.core.clock.Clock.timeout_at`."""
        async with asyncio.timeout(None) as scope:
            limit = _Limit(self, scope)
            limit.end_in(None if when is None else when - self._monotonic)
            try:
                yield limit
            finally:
                limit.end_in(None)

    async def advance(self, seconds: float) -> None:
        """Moves both clocks *seconds* forward, firing what is due on the way."""
        until = self._monotonic + seconds
        await settle()
        while self._timers and self._timers[0][0] <= until:
            due, _, fire = heapq.heappop(self._timers)
            self._move_to(max(due, self._monotonic))
            fire()
            await settle()
        self._move_to(until)
        await settle()

    def _move_to(self, when: float) -> None:
        self._wall += timedelta(seconds=when - self._monotonic)
        self._monotonic = when

    def call_at(self, when: float, fire: Callable[[], None]) -> None:
        """Calls *fire* when the monotonic seconds are *when*."""
        heapq.heappush(self._timers, (when, next(self._order), fire))


class _Limit:
    """The end of a block, which can move."""

    def __init__(self, clock: FakeClock, scope: asyncio.Timeout) -> None:
        self._clock = clock
        self._scope = scope
        self._turn = 0

    def end_in(self, seconds: float | None) -> None:
        """See :class:`gateway.core.clock.Limit`."""
        self._turn += 1
        turn, loop = self._turn, asyncio.get_running_loop()

        def expire() -> None:
            if turn == self._turn:
                self._scope.reschedule(loop.time())

        if seconds is not None and seconds <= 0:
            expire()
        elif seconds is not None:
            self._clock.call_at(self._clock.monotonic() + seconds, expire)


async def settle(turns: int = 25) -> None:
    """Gives every task that can run its turns of the event loop."""
    for _ in range(turns):
        await asyncio.sleep(0)
