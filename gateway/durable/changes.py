"""Asks systems which cases have changed, so that these are looked at first; what was taken note of is acknowledged."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

import psycopg
import structlog

from gateway.core.clock import Clock
from gateway.core.durable import Changed
from gateway.core.lasting import lasting
from gateway.core.problems import GatewayError
from gateway.durable import cases, tasks
from gateway.durable.following import Followed
from gateway.durable.lanes import tables
from gateway.durable.orders import Errand
from gateway.durable.store import Store, StoreUnavailable

EVERY_S: Final = 300.0
MOST_LISTS: Final = 50
"""Lists that are taken one after the other, before the cases in them are looked at."""
log = structlog.get_logger("gateway.durable.changes")


class ChangeWatch:
    """The watch over one system that tells of changes; *woken* is told when cases are to be looked at."""

    def __init__(self, store: Store, clock: Clock, followed: Followed) -> None:
        self._store = store
        self._clock = clock
        self._followed = followed
        self._due = clock.monotonic()
        self._task: asyncio.Task[None] | None = None

    def follow(self, followed: Followed) -> None:
        """Watches for *followed*, of the same system, from the next turn on."""
        self._followed = followed

    def begin(self) -> None:
        """Begins to watch."""
        self._task = lasting(self._run, self._clock, f"changes of {self._followed.system}")

    async def close(self) -> None:
        """Ends."""
        if self._task is not None:
            await tasks.end([self._task])

    async def _run(self) -> None:
        while True:
            if self._clock.monotonic() >= self._due:
                self._due = self._clock.monotonic() + EVERY_S
                try:
                    await self.ask()
                except (GatewayError, StoreUnavailable, psycopg.Error) as error:
                    log.info("changes could not be had", system=self._followed.system, error=type(error).__name__)
            await self._clock.sleep(1.0)

    async def ask(self) -> int:
        """Takes the lists of changes, and gives how many cases are to be looked at because of them."""
        following, road = self._followed.following, self._followed.line.road
        assert following.changes is not None, "only such a system is watched"
        found = 0
        for _ in range(MOST_LISTS):
            if road.room() <= 0 or await self._paused():
                break
            listed = await following.changes(road.upstream(self._errand()))
            known = await self._hasten(listed)
            found += len(known)
            if not known:
                break
            # The store has it: whoever dies now, the cases are looked at.
            if following.acknowledge is not None:
                await following.acknowledge([one.token for one in known], road.upstream(self._errand()))
        return found

    async def _paused(self) -> bool:
        async with self._store.connection() as connection:
            return bool(self._followed.line.targets & await tables.paused(connection, self._clock.now()))

    async def _hasten(self, listed: Sequence[Changed]) -> list[Changed]:
        """Lets the cases of *listed* be looked at now, and gives those that the store has; others' are left alone."""
        keys = [one.key for one in listed if one.key is not None]
        ids = [one.source_id for one in listed if one.source_id is not None]
        async with self._store.connection() as connection, connection.transaction():
            known = await cases.hasten(connection, self._followed.system, keys, ids, self._clock.now())
        return [one for one in listed if one.key in known or one.source_id in known]

    def _errand(self) -> Errand:
        following = self._followed.following
        return Errand(
            operation=following.operation,
            query=following.question(""),
            caller="",
            request_id="changes",
            purpose=None,
            seconds=following.operation.deadline_s,
        )
