"""Time as an argument: policies never read a clock of their own."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Protocol, Self


class Clock(Protocol):
    """Wall time for what people read, monotonic seconds for every decision."""

    def now(self) -> datetime:
        """The present instant, aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never jump."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Waits *seconds*."""
        ...

    def timeout_at(self, when: float | None) -> AbstractAsyncContextManager[object]:
        """Like :func:`asyncio.timeout_at`, on this clock's monotonic seconds; raises :class:`TimeoutError`."""
        ...


class SystemClock:
    """The machine's clocks."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def timeout_at(self, when: float | None) -> AbstractAsyncContextManager[object]:
        return asyncio.timeout(None) if when is None else _Within(when - time.monotonic())


class _Within:
    """:func:`asyncio.timeout` for those who never move their end: three stand around each question to a source, and
    without its states one takes half the time.
    """

    __slots__ = ("_cancelling", "_expired", "_seconds", "_task", "_timer")

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._expired = False

    async def __aenter__(self) -> Self:
        task = asyncio.current_task()
        assert task is not None, "a timeout ends a task"
        self._task = task
        self._cancelling = task.cancelling()
        self._timer = asyncio.get_running_loop().call_later(self._seconds, self._expire)
        return self

    def _expire(self) -> None:
        self._expired = True
        self._task.cancel()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        # As asyncio's own: where somebody else cancels the task as well, that goes on.
        if self._expired and self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error


class FakeClock:
    """A clock that stands still until told: for tests of ours and of those who write connectors.

    ``await clock.advance(5)`` lets every timer that is due within five seconds fire, in order,
    and gives woken tasks the loop before the next one.
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

        self._at(self._monotonic + seconds, wake)
        await woken

    @asynccontextmanager
    async def timeout_at(self, when: float | None) -> AsyncIterator[object]:
        """See :meth:`Clock.timeout_at`."""
        async with asyncio.timeout(None) as scope:
            if when is not None:
                loop = asyncio.get_running_loop()
                active = True

                def expire() -> None:
                    if active:
                        scope.reschedule(loop.time())

                if when <= self._monotonic:
                    expire()
                else:
                    self._at(when, expire)
            try:
                yield scope
            finally:
                active = False

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

    def _at(self, when: float, fire: Callable[[], None]) -> None:
        heapq.heappush(self._timers, (when, next(self._order), fire))


async def settle(turns: int = 25) -> None:
    """Gives every task that can run its turns of the event loop."""
    for _ in range(turns):
        await asyncio.sleep(0)
