"""The clock of a laptop: the machine's, plus what the mock country's clock is ahead."""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Final

import aiohttp
import structlog

from gateway.core.clock import Clock, Limit

EVERY_S: Final = 1.0
log = structlog.get_logger("gateway.clock")


class FollowedClock:
    """Days, due dates and time limits pass as in the mock country; waits are real.

    Args:
        inner: The machine's clock.
        address: Of the mocks.
    """

    def __init__(self, inner: Clock, address: str) -> None:
        self._inner = inner
        self._address = f"{address.rstrip('/')}/__mock/clock"
        self._ahead = 0.0
        self._session: aiohttp.ClientSession | None = None
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Reads the mocks' clock, then once a second."""
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2))
        await self._read()
        self._task = asyncio.create_task(self._follow(), name="follow the mocks' clock")

    async def close(self) -> None:
        """Ends; the clock stays as far ahead as it was."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    async def _follow(self) -> None:
        while True:
            await self._inner.sleep(EVERY_S)
            await self._read()

    async def _read(self) -> None:
        assert self._session is not None, "open() first"
        # Mocks that do not listen yet, or any more: the clock stays as it is.
        with contextlib.suppress(aiohttp.ClientError, OSError, TimeoutError, ValueError, KeyError, TypeError):
            async with self._session.get(self._address) as response:
                ahead = float((await response.json())["ahead_seconds"])
            if abs(ahead - self._ahead) > EVERY_S:
                log.info("days pass with the mocks' clock", ahead_seconds=round(ahead))
            self._ahead = ahead

    def now(self) -> datetime:
        return self._inner.now() + timedelta(seconds=self._ahead)

    def monotonic(self) -> float:
        return self._inner.monotonic() + self._ahead

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)

    def timeout_at(self, when: float | None) -> AbstractAsyncContextManager[Limit]:
        return self._inner.timeout_at(None if when is None else when - self._ahead)


class FollowedDays:
    """The day of a :class:`FollowedClock`, with waits and time limits of the machine: for one call to a system."""

    def __init__(self, inner: Clock, followed: Clock) -> None:
        self._followed = followed
        self.monotonic = inner.monotonic
        self.sleep = inner.sleep
        self.timeout_at = inner.timeout_at

    def now(self) -> datetime:
        return self._followed.now()
