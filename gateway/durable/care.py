"""Looks after the store beside the work: whether it is well, its oldest transaction, and what may be deleted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final, LiteralString

import psycopg
import structlog
from psycopg import AsyncConnection

from gateway.core.clock import Clock
from gateway.core.lasting import lasting
from gateway.durable import lane_levels, overdue, tasks
from gateway.durable.lane_levels import LaneLevels
from gateway.durable.retention import Purge
from gateway.durable.store import Store, StoreUnavailable

LOOK_S: Final = 2.0
LOOKS_A_COUNT: Final = 5
"""Looks at the store between two counts of the lanes."""
PURGE_S: Final = 60.0
SOON_S: Final = 0.2
"""Between two turns of a purge that finds more, so that it is never in the way of orders."""
_OLDEST: Final[LiteralString] = """
select coalesce(extract(epoch from max(clock_timestamp() - xact_start)), 0)::float8
from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
"""
_SIZE: Final[LiteralString] = "select pg_database_size(current_database())"
_LITTLE_MEMORY: Final[LiteralString] = "set local work_mem = '64kB'"
_ROOM: Final[LiteralString] = "select count(*) from generate_series(1, 200000)"
"""Needs a temporary file of 3 MB with little memory, so it is refused like a write, and leaves nothing behind."""
log = structlog.get_logger("gateway.durable.care")


class StoreCare:
    """Two loops. *clock* is the machine's, *business* that of days."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        business: Clock,
        *,
        systems: frozenset[str] = frozenset(),
        targets: frozenset[str] = frozenset(),
        moved: Callable[[], None] = lambda: None,
    ) -> None:
        """Takes the systems and the targets of pauses that the metrics tell of; *moved* is told of each new event."""
        self._moved = moved
        self._systems, self._targets = systems, targets
        self.levels = LaneLevels()
        """As counted last."""
        self._store = store
        self._clock = clock
        self._business = business
        self._purge = Purge(store.settings.retention)
        self._tasks: list[asyncio.Task[None]] = []

    def watch(self, systems: frozenset[str], targets: frozenset[str]) -> None:
        """Tells of these *systems* and *targets* from the next count on."""
        self._systems, self._targets = systems, targets

    async def open(self) -> None:
        """Begins."""
        self._tasks = [
            lasting(self._watch, self._clock, "look at the store"),
            lasting(self._delete, self._clock, "delete what was kept long enough"),
        ]

    async def close(self) -> None:
        """Ends."""
        await tasks.end(self._tasks)

    async def look(self) -> None:
        """One look; a store that is down is noticed here even where nobody uses it."""
        try:
            async with self._store.connection() as connection:
                self._store.oldest_transaction_s = await _oldest(connection)
                await self._store.turns.look(connection)
                if self._store.is_full:
                    await connection.execute(_LITTLE_MEMORY)
                    await connection.execute(_ROOM)
                    self._store.is_full = False
        except (StoreUnavailable, psycopg.Error) as error:
            log.debug("store not looked at", error=type(error).__name__)

    async def purge(self) -> bool:
        """One turn; whether there is more to delete."""
        try:
            async with self._store.connection() as connection:
                purged = await self._purge.turn(connection, self._business.now())
        except (StoreUnavailable, psycopg.Error) as error:
            log.warning("nothing deleted: the store is not well", error=type(error).__name__)
            return False
        if purged.keys or purged.files or purged.orders:
            log.info("deleted after their time", keys=purged.keys, files=purged.files, orders=purged.orders)
        return purged.more

    async def count(self) -> None:
        """Counts the lanes; where the store is not well, the levels stay as they were."""
        try:
            async with self._store.connection() as connection:
                self.levels = await lane_levels.count(connection, self._systems, self._targets, self._business.now())
                row = await (await connection.execute(_SIZE)).fetchone()
                self._store.size_bytes = row[0] if row else 0
        except (StoreUnavailable, psycopg.Error) as error:
            log.debug("lanes not counted", error=type(error).__name__)

    async def mark_overdue(self) -> None:
        """Marks cases that are late now; where the store is not well, at the next turn."""
        try:
            async with self._store.connection() as connection, connection.transaction():
                told = await overdue.mark(connection, self._business.now())
        except (StoreUnavailable, psycopg.Error) as error:
            log.debug("late cases not told of", error=type(error).__name__)
            return
        if told:
            log.warning("cases are past the time limit of the law", cases=told)
            self._moved()

    async def _watch(self) -> None:
        while True:
            await self.count()
            await self.mark_overdue()
            for _ in range(LOOKS_A_COUNT):
                await self.look()
                await self._clock.sleep(LOOK_S)

    async def _delete(self) -> None:
        while True:
            more = await self.purge()
            await self._clock.sleep(SOON_S if more else PURGE_S)


async def _oldest(connection: AsyncConnection[Any]) -> float:
    row = await (await connection.execute(_OLDEST)).fetchone()
    return float(row[0]) if row else 0.0
