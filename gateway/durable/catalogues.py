"""The versions of catalogues in the store: an entry is kept once for as long as it stays the same."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final, LiteralString

import orjson
from psycopg.rows import class_row

from gateway.core.problems import Overloaded
from gateway.dossiers.catalogue import Entries, Version, difference, next_version
from gateway.durable.lanes.tables import Connection
from gateway.durable.store import Store, StoreUnavailable

LOCK: Final = 0x6C67736A
_VERSIONS: Final[LiteralString] = """
select number, taken_at, checked_at, entries, added, changed, gone from catalogue_versions
where name = %s order by number desc limit %s
"""
_ENTRIES: Final[LiteralString] = """
select code, data from catalogue_entries where name = %s and first <= %s and (last is null or last >= %s)
"""
_CLOSE: Final[LiteralString] = """
update catalogue_entries set last = %s where name = %s and last is null and code = any(%s)
"""
_OPEN: Final[LiteralString] = """
insert into catalogue_entries (name, code, first, data)
select %s, r.code, %s, r.data from unnest(%s::text[], %s::jsonb[]) as r(code, data)
"""
_ADD: Final[LiteralString] = """
insert into catalogue_versions (name, number, taken_at, checked_at, entries, added, changed, gone)
values (%s, %s, %s, %s, %s, %s, %s, %s)
"""
MOST_VERSIONS: Final = 100


class StoredCatalogues:
    """See :class:`gateway.dossiers.catalogue.CatalogueKeeper`; shared by the gateways of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        try:
            async with self._store.connection() as connection:
                yield connection
        except StoreUnavailable as error:
            raise Overloaded("The store can't be reached now.", reason="store") from error

    async def versions(self, name: str) -> list[Version]:
        """See :class:`gateway.dossiers.catalogue.CatalogueKeeper`."""
        async with self._connection() as connection:
            return await _versions(connection, name, MOST_VERSIONS)

    async def entries(self, name: str, number: int) -> Entries:
        """See :class:`gateway.dossiers.catalogue.CatalogueKeeper`."""
        async with self._connection() as connection:
            return await _entries(connection, name, number)

    async def put(self, name: str, entries: Entries, now: datetime) -> Version:
        """See :class:`gateway.dossiers.catalogue.CatalogueKeeper`; one gateway at a time."""
        async with self._connection() as connection, connection.transaction():
            await connection.execute("select pg_advisory_xact_lock(%s)", [LOCK])
            newest = next(iter(await _versions(connection, name, 1)), None)
            old = {} if newest is None else await _entries(connection, name, newest.number)
            found = difference(old, entries)
            if newest is not None and found.empty:
                await connection.execute(
                    "update catalogue_versions set checked_at = %s where name = %s and number = %s",
                    [now, name, newest.number],
                )
                return (await _versions(connection, name, 1))[0]
            version = next_version(newest, found, len(entries), now)
            changed = [one.code for one in found.changed]
            await connection.execute(_CLOSE, [version.number - 1, name, [*changed, *found.gone]])
            fresh = [*changed, *found.added]
            data = [orjson.dumps(entries[code]).decode() for code in fresh]
            await connection.execute(_OPEN, [name, version.number, fresh, data])
            await connection.execute(
                _ADD,
                [name, version.number, now, now, version.entries, version.added, version.changed, version.gone],
            )
            return version


async def _versions(connection: Connection, name: str, most: int) -> list[Version]:
    async with connection.cursor(row_factory=class_row(Version)) as cursor:
        await cursor.execute(_VERSIONS, [name, most])
        return await cursor.fetchall()


async def _entries(connection: Connection, name: str, number: int) -> Entries:
    cursor = await connection.execute(_ENTRIES, [name, number, number])
    return dict(await cursor.fetchall())
