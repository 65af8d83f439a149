"""The memory of the day's quotas in the store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Final, LiteralString

import psycopg
from psycopg.rows import class_row

from gateway.core.quota_memory import QuotaMemoryAway, RememberedDay
from gateway.durable.lanes.tables import Connection
from gateway.durable.store import Store, StoreUnavailable

KEPT: Final = timedelta(days=7)
_FORGET: Final[LiteralString] = "delete from quota_days where day < %s"
_READ: Final[LiteralString] = """
select name, day, taken, returned, held from quota_days where day >= %s order by day, name
"""
_REACHED: Final[LiteralString] = """
insert into quota_days (name, day, taken, returned) values (%s, %s, %s, %s)
on conflict (name, day) do update set taken = excluded.taken, returned = excluded.returned
where (excluded.taken, excluded.returned) > (quota_days.taken, quota_days.returned)
"""
_DEPOSIT: Final[LiteralString] = """
insert into quota_days (name, day, held) values (%s, %s, %s)
on conflict (name, day) do update set held = quota_days.held + excluded.held
returning held
"""
_WITHDRAW: Final[LiteralString] = """
with found as (
    select name, day, least(held, %s) as units from quota_days where name = %s and day = %s and held > 0 for update
)
update quota_days set held = held - found.units from found
where quota_days.name = found.name and quota_days.day = found.day
returning found.units, quota_days.held
"""


class StoredQuotas:
    """See :class:`gateway.core.quota_memory.QuotaMemory`; shared by the gateways of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def read(self, day: date) -> Sequence[RememberedDay]:
        """See :meth:`gateway.core.quota_memory.QuotaMemory.read`."""
        async with self._connection() as connection:
            await connection.execute(_FORGET, [day - KEPT])
            async with connection.cursor(row_factory=class_row(RememberedDay)) as cursor:
                return await (await cursor.execute(_READ, [day])).fetchall()

    async def reached(self, name: str, day: date, taken: int, returned: int) -> None:
        """See :meth:`gateway.core.quota_memory.QuotaMemory.reached`."""
        async with self._connection() as connection:
            await connection.execute(_REACHED, [name, day, taken, returned])

    async def deposit(self, name: str, day: date, units: int) -> int:
        """See :meth:`gateway.core.quota_memory.QuotaMemory.deposit`."""
        async with self._connection() as connection:
            row = await (await connection.execute(_DEPOSIT, [name, day, units])).fetchone()
        assert row is not None
        held: int = row[0]
        return held

    async def withdraw(self, name: str, day: date, most: int) -> tuple[int, int]:
        """See :meth:`gateway.core.quota_memory.QuotaMemory.withdraw`."""
        async with self._connection() as connection:
            row = await (await connection.execute(_WITHDRAW, [most, name, day])).fetchone()
        return (0, 0) if row is None else (row[0], row[1])

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        try:
            async with self._store.connection() as connection:
                yield connection
        except (StoreUnavailable, psycopg.Error) as error:
            raise QuotaMemoryAway(type(error).__name__) from error
