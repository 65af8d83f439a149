"""Facts in the store that gateways share, for those without Redis."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, Final, LiteralString, TypeVar

import psycopg

from gateway.core.clock import Clock
from gateway.core.facts import FactsAway
from gateway.durable.in_time import in_time
from gateway.durable.lanes.tables import Connection
from gateway.durable.store import Store, StoreUnavailable

LIMIT_S: Final = 2.0
"""Seconds for one look, or one word."""
T = TypeVar("T")
_PUT: Final[LiteralString] = """
insert into facts (kind, name, value) select %s, name, value from unnest(%s::text[], %s::bytea[]) as told (name, value)
on conflict (kind, name) do update set value = excluded.value, told_at = excluded.told_at
"""
_FORGET: Final[LiteralString] = "delete from facts where kind = %s and told_at < clock_timestamp() - interval '1 hour'"
_FIND: Final[LiteralString] = "select value from facts where kind = %s and name = %s"
_ALL: Final[LiteralString] = "select name, value from facts where kind = %s order by told_at desc limit %s"
_DROP: Final[LiteralString] = "delete from facts where kind = %s and name = any(%s)"
MOST: Final = 2_000
"""Facts of one kind that are read."""


class StoreFacts:
    """See :class:`gateway.core.facts.FactStore`."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def put(self, kind: str, facts: Mapping[str, bytes]) -> None:
        """See :class:`gateway.core.facts.FactStore`."""

        async def work(connection: Connection) -> None:
            await connection.execute(_FORGET, [kind])
            await connection.execute(_PUT, [kind, list(facts), list(facts.values())])

        await self._do(work)

    async def find(self, kind: str, name: str) -> bytes | None:
        """See :class:`gateway.core.facts.FactStore`."""

        async def work(connection: Connection) -> bytes | None:
            row = await (await connection.execute(_FIND, [kind, name])).fetchone()
            return None if row is None else bytes(row[0])

        return await self._do(work)

    async def all(self, kind: str) -> Mapping[str, bytes]:
        """See :class:`gateway.core.facts.FactStore`."""

        async def work(connection: Connection) -> dict[str, bytes]:
            rows = await (await connection.execute(_ALL, [kind, MOST])).fetchall()
            return {name: bytes(value) for name, value in rows}

        return await self._do(work)

    async def drop(self, kind: str, names: Sequence[str]) -> None:
        """See :class:`gateway.core.facts.FactStore`."""

        async def work(connection: Connection) -> None:
            await connection.execute(_DROP, [kind, list(names)])

        await self._do(work)

    async def _do(self, work: Callable[[Connection], Coroutine[Any, Any, T]]) -> T:
        try:
            return await in_time(self._clock, self._connected(work), LIMIT_S)
        except (StoreUnavailable, psycopg.Error) as error:
            raise FactsAway(type(error).__name__) from error

    async def _connected(self, work: Callable[[Connection], Coroutine[Any, Any, T]]) -> T:
        async with self._store.connection() as connection:
            return await work(connection)
