"""The way to the Redis that gateways share, for all but the cache's entries: nobody waits for it longer than
:data:`WAIT_S`, and once it has failed nobody but this link's own task asks it until it is back.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar

import structlog
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as Disconnected
from redis.exceptions import RedisError, ResponseError

from gateway.core.clock import Clock
from gateway.core.lasting import lasting
from gateway.peers import tasks
from gateway.pipeline.cache.shared.redis_settings import RedisSettings
from gateway.pipeline.cache.shared.redis_store import connect

T = TypeVar("T")
WAIT_S: Final = 0.04
"""Longest wait of a request, with room for the loop to be late: 50 ms are promised."""
AGAIN_S: Final = 1.0
LOOK_S: Final = 1.0
"""Longest wait of the link's own look while Redis is there: no request waits for it, and a late loop is no outage."""
LATE_S: Final = 1.0
"""After so long an answer is not waited for in the background either."""
log = structlog.get_logger("gateway.peers.redis")


class LinkAway(Exception):
    """Redis did not answer in time, answered with an error, or is being passed over."""


def hand_over(asking: asyncio.Task[T], late: Callable[[T], None]) -> None:
    """Calls *late* with the answer of *asking*, where it has one."""
    if not asking.cancelled() and asking.exception() is None:
        late(asking.result())


class RedisLink:
    """A client of its own, so that what waits there waits for nothing of the cache's."""

    def __init__(
        self, settings: RedisSettings, clock: Clock, *, wait_s: float = WAIT_S, late_s: float = LATE_S
    ) -> None:
        self._wait_s = wait_s
        self._late_s = late_s
        self._client = connect(settings)
        self._clock = clock
        self._task: asyncio.Task[None] | None = None
        self._asking: set[asyncio.Task[Any]] = set()
        self.prefix = f"{settings.prefix}:2:".encode()
        self.up = False
        """Whether it worked when it was asked last: by a request, or each second by this link itself."""

    async def open(self) -> None:
        """Begins to look whether Redis is there; one that is down is not an error."""
        await self.look()
        self._task = lasting(self._run, self._clock, "link to Redis")

    async def close(self) -> None:
        """Ends it."""
        await tasks.end([*self._asking, *([] if self._task is None else [self._task])])
        await self._client.aclose()

    async def ask(self, question: Callable[[Redis], Awaitable[T]], late: Callable[[T], None] | None = None) -> T:
        """The answer to *question*. *late* is called with one that came within :data:`LATE_S`, and not for the asker.

        Raises:
            LinkAway: It did not come; whether Redis did what it was asked is not known.
        """
        if not self.up:
            raise LinkAway("passed over")
        if late is None:
            return await self._asked(question, self._wait_s)
        asking = asyncio.create_task(self._answered_late(question), name="question to Redis")
        self._asking.add(asking)
        asking.add_done_callback(self._asking.discard)
        try:
            async with self._within(self._wait_s):
                answer = await asyncio.shield(asking)
        except BaseException:
            asking.add_done_callback(lambda done: hand_over(done, late))
            raise
        self._note(up=True)
        return answer

    async def look(self) -> None:
        """Asks whether Redis is there; one that was away must answer as quickly as requests need it."""
        try:
            await self._asked(lambda client: client.ping(), LOOK_S if self.up else self._wait_s)
        except LinkAway:
            return

    async def _asked(self, question: Callable[[Redis], Awaitable[T]], wait_s: float) -> T:
        async with self._within(wait_s):
            answer = await self._answered(question)
        self._note(up=True)
        return answer

    async def _answered(self, question: Callable[[Redis], Awaitable[T]]) -> T:
        try:
            return await question(self._client)
        except Disconnected:  # a connection that Redis closed while nobody used it
            return await question(self._client)

    async def _answered_late(self, question: Callable[[Redis], Awaitable[T]]) -> T:
        async with self._clock.timeout_at(self._clock.monotonic() + self._late_s):
            return await self._answered(question)

    @asynccontextmanager
    async def _within(self, wait_s: float) -> AsyncIterator[None]:
        """Notes that Redis is away where what is done here fails, or takes longer than *wait_s* seconds."""
        try:
            async with self._clock.timeout_at(self._clock.monotonic() + wait_s):
                yield
        except ResponseError as error:
            # Read-only, full, or another type under a name of ours: the rest may work.
            raise LinkAway(type(error).__name__) from None
        except (RedisError, OSError, TimeoutError) as error:
            self._note(up=False, why=type(error).__name__)
            raise LinkAway(type(error).__name__) from None

    def _note(self, *, up: bool, why: str = "") -> None:
        if up is not self.up:
            self.up = up
            log.log(20 if up else 30, "Redis is there" if up else "Redis is away", why=why)

    async def _run(self) -> None:
        while True:
            await self._clock.sleep(AGAIN_S)
            await self.look()
