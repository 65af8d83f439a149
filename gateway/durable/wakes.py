"""Wakes the workers of other gateways, and hears of theirs.

A notice is never sent inside an accepting transaction: that serialises all commits of the database. It follows the
commit, at most every 20 ms, and it only saves time: every worker looks for work each second anyway.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import psycopg
import structlog

from gateway.core.clock import Clock
from gateway.core.lasting import lasting
from gateway.durable import tasks
from gateway.durable.store import Store, StoreUnavailable

CHANNEL: Final = "lgsp_work"
EVERY_S: Final = 0.02
AGAIN_S: Final = 1.0
log = structlog.get_logger("gateway.durable.wakes")


class Wakes:
    """Tells and hears. *woken* is called for each notice."""

    def __init__(self, store: Store, clock: Clock, woken: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._listeners: list[Callable[[], None]] = [woken]
        self._due = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def add(self, listener: Callable[[], None]) -> None:
        """Calls *listener* for each notice too."""
        self._listeners.append(listener)

    async def open(self) -> None:
        """Begins to listen."""
        self._tasks = [
            lasting(self._hear, self._clock, "hear of work"),
            lasting(self._speak, self._clock, "tell of work"),
        ]

    async def close(self) -> None:
        """Ends."""
        await tasks.end(self._tasks)

    def publish(self) -> None:
        """Tells this gateway at once, and the others soon, that something was committed."""
        self._due.set()
        self._heard()

    def _heard(self) -> None:
        for listener in self._listeners:
            listener()

    async def _speak(self) -> None:
        while True:
            await self._due.wait()
            self._due.clear()
            try:
                async with self._store.connection() as connection:
                    await connection.execute("select pg_notify(%s, '')", [CHANNEL])
            except (StoreUnavailable, psycopg.Error):
                pass  # the others look for themselves
            await self._clock.sleep(EVERY_S)

    async def _hear(self) -> None:
        while True:
            try:
                async with await self._store.connect() as connection:
                    await connection.execute("listen lgsp_work")
                    async for _ in connection.notifies():
                        self._heard()
            except psycopg.Error as error:
                log.debug("the listening connection ended", error=type(error).__name__)
            await self._clock.sleep(AGAIN_S)
