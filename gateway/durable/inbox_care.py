"""Looks after the inbox beside the work: counts for the metrics, and deletes what was kept long enough."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, LiteralString, TypeAlias

import psycopg
import structlog

from gateway.core.clock import Clock
from gateway.core.inbound import UNKNOWN
from gateway.core.lasting import lasting
from gateway.durable import inbox_files, tasks
from gateway.durable.inbox import SYSTEM
from gateway.durable.lanes.tables import Connection
from gateway.durable.store import Store, StoreUnavailable

COUNT_S: Final = 10.0
COUNTS_A_PURGE: Final = 6
LOCK: Final = 0x6C677375
BATCH: Final = 200
LOST: Final = ("waiting", "refused", "missing")
Levels: TypeAlias = dict[tuple[str, ...], float]
log = structlog.get_logger("gateway.durable.inbox_care")

_WAITING: Final[LiteralString] = """
select system, count(*)::float8, coalesce(extract(epoch from %s - min(received_at)), 0)::float8
from inbox where acknowledged_at is null group by system
"""
_AGES: Final[LiteralString] = """
select system, extract(epoch from %s - coalesce(pulled_at, since))::float8 from inbox_pulls where system = any(%s)
"""
_UNREAD: Final[LiteralString] = """
select p.system, p.left_out::float8,
    (select count(*) from inbox i where i.system = p.system and i.kind = %s and i.acknowledged_at is null)::float8
from inbox_pulls p where p.system = any(%s)
"""
_FILES: Final[LiteralString] = """
select i.system, f.state, count(*)::float8
from inbox_files f join inbox i on i.id = f.inbox
where f.state <> 'kept' and i.acknowledged_at is null group by 1, 2
"""
_OLD_FILES: Final[LiteralString] = """
update inbox_files set body = null, state = 'missing', reason = 'deleted'
where (inbox, number) in (
    select f.inbox, f.number from inbox_files f join inbox i on i.id = f.inbox
    where f.state = 'kept' and i.acknowledged_at < %s order by f.inbox limit %s
)
"""
_ENDED: Final[LiteralString] = """
select id, code from inbox where acknowledged_at < %s order by acknowledged_at limit %s for update skip locked
"""
_DELETE: Final[tuple[LiteralString, ...]] = (
    "delete from inbox_files where inbox = any(%(ids)s)",
    "delete from inbox where id = any(%(ids)s)",
    """
    delete from events where system = %(system)s and key = any(%(codes)s)
        and not exists (select from inbox i where i.code = events.key)
    """,
    """
    delete from dossier_codes c where c.national_code = any(%(codes)s)
        and not exists (select from inbox i where i.system = c.system and i.code = c.national_code)
    """,
)
_RESULTS: Final[LiteralString] = """
delete from result_files where id in (select id from result_files where expires_at < %s limit %s)
"""


@dataclass(frozen=True, slots=True)
class InboxLevels:
    """As counted last; of messages that were not acknowledged."""

    waiting: Mapping[tuple[str, ...], float] = field(default_factory=dict)
    """By system."""
    oldest_s: Mapping[tuple[str, ...], float] = field(default_factory=dict)
    """By system: seconds since the oldest came."""
    files: Mapping[tuple[str, ...], float] = field(default_factory=dict)
    """By system and state: files that are not here."""
    pulled_s: Mapping[tuple[str, ...], float] = field(default_factory=dict)
    """By system that is asked by the clock: seconds since all that it had was kept."""
    unread: Mapping[tuple[str, ...], float] = field(default_factory=dict)
    """By such a system and state: messages that could not be read, ``kept`` as they came, or ``left`` there."""


class InboxCare:
    """One loop. *clock* is the machine's, *business* that of days; *systems* are those that can push."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        business: Clock,
        *,
        systems: Sequence[str],
        fetched: Sequence[str],
        file_days: float,
        pulled: Callable[[], Sequence[str]] = list,
    ) -> None:
        """Takes *fetched*, the systems whose files can be fetched, *file_days*, for which they are, and *pulled*, which
        says the systems that are asked by the clock.
        """
        self._pulled = pulled
        self._store = store
        self._clock = clock
        self._business = business
        self._systems = systems
        self._fetched = fetched
        self._file_days = file_days
        self.levels = InboxLevels()
        self._task: asyncio.Task[None] | None = None

    def adopt(self, systems: Sequence[str], fetched: Sequence[str], *, file_days: float) -> None:
        """Goes by these from the next count on."""
        self._systems, self._fetched, self._file_days = systems, fetched, file_days

    async def open(self) -> None:
        """Begins."""
        self._task = lasting(self._run, self._clock, "look after the inbox")

    async def close(self) -> None:
        """Ends."""
        await tasks.end([] if self._task is None else [self._task])

    async def _run(self) -> None:
        while True:
            for _ in range(COUNTS_A_PURGE):
                await self.count()
                await self._clock.sleep(COUNT_S)
            while await self.purge():
                await self._clock.sleep(0.2)

    async def count(self) -> None:
        """Counts; where the store is not well, the levels stay as they were."""
        try:
            async with self._store.connection() as connection:
                self.levels = await self._counted(connection)
        except (StoreUnavailable, psycopg.Error) as error:
            log.debug("the inbox was not counted", error=type(error).__name__)

    async def _counted(self, connection: Connection) -> InboxLevels:
        waiting: Levels = {(system,): 0.0 for system in self._systems}
        oldest: Levels = dict(waiting)
        files: Levels = {(system, state): 0.0 for system in self._systems for state in LOST}
        for system, number, age in await (await connection.execute(_WAITING, [self._business.now()])).fetchall():
            waiting[system,], oldest[system,] = number, age
        for system, state, number in await (await connection.execute(_FILES)).fetchall():
            files[system, state] = number
        asked = self._pulled()
        pulled = await _ages(connection, asked, self._business.now())
        return InboxLevels(waiting, oldest, files, pulled, await _unread(connection, asked))

    async def purge(self) -> bool:
        """Deletes a bounded part of what is over its time; whether there is more."""
        try:
            async with self._store.connection() as connection, connection.transaction():
                cursor = await connection.execute("select pg_try_advisory_xact_lock(%s)", [LOCK])
                row = await cursor.fetchone()
                return bool(row and row[0]) and await self._purged(connection, self._business.now())
        except (StoreUnavailable, psycopg.Error) as error:
            log.warning("nothing of the inbox deleted: the store is not well", error=type(error).__name__)
            return False

    async def _purged(self, connection: Connection, now: datetime) -> bool:
        kept = self._store.settings.retention
        await inbox_files.give_up(connection, self._fetched, now - timedelta(days=self._file_days))
        files = await connection.execute(_OLD_FILES, [now - timedelta(days=kept.files_days), BATCH])
        results = await connection.execute(_RESULTS, [now, BATCH])
        cursor = await connection.execute(_ENDED, [now - timedelta(days=kept.orders_days), BATCH])
        ended = await cursor.fetchall()
        values = {"ids": [row[0] for row in ended], "codes": [row[1] for row in ended], "system": SYSTEM}
        for statement in _DELETE if ended else ():
            await connection.execute(statement, values)
        if ended or files.rowcount or results.rowcount:
            log.info(
                "deleted after their time", messages=len(ended), files=files.rowcount, result_files=results.rowcount
            )
        return max(len(ended), files.rowcount, results.rowcount) >= BATCH


async def _ages(connection: Connection, systems: Sequence[str], now: datetime) -> dict[tuple[str, ...], float]:
    """Seconds since all that each system had was kept, or since it was first to be asked."""
    cursor = await connection.execute(_AGES, [now, list(systems)])
    return {(system,): max(0.0, age) for system, age in await cursor.fetchall()}


async def _unread(connection: Connection, systems: Sequence[str]) -> dict[tuple[str, ...], float]:
    """Of each system, the messages that could not be read: ``kept`` and not acknowledged, and ``left`` there."""
    cursor = await connection.execute(_UNREAD, [UNKNOWN, list(systems)])
    return {
        key: number
        for system, left, kept in await cursor.fetchall()
        for key, number in (((system, "kept"), kept), ((system, "left"), left))
    }
