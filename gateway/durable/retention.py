"""Deletes what has been kept long enough: a bounded part in each transaction, by one gateway at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, LiteralString

from gateway.durable.lanes.tables import Connection
from gateway.durable.settings import RetentionSettings

LOCK: Final = 0x6C677374
BATCH: Final = 500
RANGE: Final = 5_000

_TRY_LOCK: Final[LiteralString] = "select pg_try_advisory_xact_lock(%s)"
_KEYS: Final[LiteralString] = """
delete from idempotency_keys where (caller, operation, key) in (
    select caller, operation, key from idempotency_keys where created_at < %s order by created_at limit %s
    for update skip locked
)
"""
_FILES: Final[LiteralString] = """
with old as (
    select id from files where delivered_at < %s order by delivered_at limit %s for update skip locked
), marked as (
    update cases set file_state = 'expired' where id in (select id from old) and file_state <> 'withdrawn'
)
delete from files where id in (select id from old)
"""
# A lane has ended when nothing waits in it and its case, where it opened one, has ended; the younger of the last
# message's end and the case's end counts. Lanes are looked at by their number, a range a turn.
_ENDED: Final[LiteralString] = """
select l.id, l.system, l.key from lanes l
where l.id > %(after)s and l.id <= %(after)s + %(range)s and l.head > l.tail and l.state = 'open'
  and not exists (select from cases c where c.id = l.id and (c.ended_at is null or c.ended_at >= %(before)s))
  and exists (select from outcomes o where o.lane = l.id)
  and not exists (select from outcomes o where o.lane = l.id and o.at >= %(before)s)
order by l.id limit %(most)s for update skip locked
"""
_LAST: Final[LiteralString] = "select coalesce(max(id), 0) from lanes"
_DELETE: Final[tuple[LiteralString, ...]] = (
    "delete from files where id = any(%(lanes)s)",
    "delete from cases where id = any(%(lanes)s)",
    "delete from outcomes where lane = any(%(lanes)s)",
    "delete from idempotency_keys where lane = any(%(lanes)s)",
    "delete from messages where lane = any(%(lanes)s)",
    "delete from events where (system, key) in (select * from unnest(%(systems)s::text[], %(keys)s::text[]))",
    "delete from lanes where id = any(%(lanes)s)",
    "insert into lanes_forgotten (system) select distinct unnest(%(systems)s::text[]) on conflict do nothing",
)


@dataclass(frozen=True, slots=True)
class Purged:
    """How many rows one turn deleted; *more*: the next turn will find some."""

    keys: int = 0
    files: int = 0
    orders: int = 0
    more: bool = False


class Purge:
    """The purge of one gateway, which remembers how far it has looked."""

    def __init__(self, settings: RetentionSettings) -> None:
        self._settings = settings
        self._after = 0

    async def turn(self, connection: Connection, now: datetime) -> Purged:
        """One turn, in the caller's transaction; nothing while another gateway does one. *now* is business time."""
        cursor = await connection.execute(_TRY_LOCK, [LOCK])
        row = await cursor.fetchone()
        if row is None or not row[0]:
            return Purged()
        keys = await connection.execute(_KEYS, [now - timedelta(days=self._settings.keys_days), BATCH])
        files = await connection.execute(_FILES, [now - timedelta(days=self._settings.files_days), BATCH])
        orders = await self._orders(connection, now - timedelta(days=self._settings.orders_days))
        full = max(keys.rowcount, files.rowcount, orders) >= BATCH
        return Purged(keys.rowcount, files.rowcount, orders, more=full or self._after > 0)

    async def _orders(self, connection: Connection, before: datetime) -> int:
        cursor = await connection.execute(
            _ENDED, {"before": before, "after": self._after, "range": RANGE, "most": BATCH}
        )
        ended = await cursor.fetchall()
        await delete_lanes(connection, ended)
        if len(ended) < BATCH:
            self._after += RANGE
            last = await (await connection.execute(_LAST)).fetchone()
            if last is None or self._after >= last[0]:
                self._after = 0
        return len(ended)


async def delete_lanes(connection: Connection, ended: Sequence[tuple[int, str, str]]) -> None:
    """Deletes all that the store has of these lanes, which are locked: number, system and key of each."""
    if ended:
        values = {
            "lanes": [lane for lane, _, _ in ended],
            "systems": [system for _, system, _ in ended],
            "keys": [key for _, _, key in ended],
        }
        for statement in _DELETE:
            await connection.execute(statement, values)
