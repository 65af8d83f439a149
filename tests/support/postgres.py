"""A real PostgreSQL for tests: a database of its own for each that asks.

``LGSP_TEST_POSTGRES`` names one; without it, that of 127.0.0.1:5432 is taken, and where none answers there, or the
variable says ``embedded``, one is started.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final, LiteralString, cast
from urllib.parse import urlencode

import psycopg
import psycopg.conninfo
from psycopg import AsyncConnection, sql

from gateway.durable import migrations
from gateway.durable.embedded import EmbeddedPostgres
from gateway.durable.encryption import RowCipher
from gateway.durable.settings import StoreSettings
from gateway.durable.store import Store

VARIABLE: Final = "LGSP_TEST_POSTGRES"
SERVED: Final = "postgresql://127.0.0.1:5432/postgres"
KEY: Final = "a key of the tests"


class Server:
    """A PostgreSQL in which databases are made for tests; *url* is one that is there."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._spare: list[str] = []

    @asynccontextmanager
    async def database(self) -> AsyncIterator[str]:
        """The address of a database with the schema of this release and no rows.

        It is used again by the next test, because making one takes a second; who changes the schema takes
        :meth:`empty`.
        """
        url = self._spare.pop() if self._spare else await self._create()
        await migrated(url)
        yield url
        await _clear(url)
        self._spare.append(url)

    @asynccontextmanager
    async def empty(self) -> AsyncIterator[str]:
        """The address of a database with nothing in it."""
        url = await self._create()
        try:
            yield url
        finally:
            await self._drop(url)

    async def close(self) -> None:
        """Drops the databases that are kept for the next test."""
        while self._spare:
            await self._drop(self._spare.pop())

    async def _create(self) -> str:
        name = f"lgsp_test_{secrets.token_hex(8)}"
        async with await AsyncConnection.connect(self.url, autocommit=True) as server:
            await server.execute(sql.SQL("create database {} template template0").format(sql.Identifier(name)))
        return psycopg.conninfo.make_conninfo(self.url, dbname=name)

    async def _drop(self, url: str) -> None:
        name = name_of(url)
        async with await AsyncConnection.connect(self.url, autocommit=True) as server:
            await server.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def name_of(url: str) -> str:
    """The name of the database at *url*."""
    return str(psycopg.conninfo.conninfo_to_dict(url)["dbname"])


async def _clear(url: str) -> None:
    """Ends what a test has left and removes its rows; forty times as fast as truncate."""
    async with await AsyncConnection.connect(url) as connection:
        await connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where datname = current_database() and pid <> pg_backend_pid()"
        )
        await connection.execute("set local session_replication_role = replica")  # neither foreign keys nor triggers
        tables = await connection.execute("select tablename from pg_tables where schemaname = 'public'")
        for (name,) in await tables.fetchall():
            if name != "schema_versions":
                await connection.execute(sql.SQL("delete from {}").format(sql.Identifier(name)))
        sequences = await connection.execute("select sequencename from pg_sequences where schemaname = 'public'")
        for (name,) in await sequences.fetchall():
            await connection.execute(sql.SQL("alter sequence {} restart").format(sql.Identifier(name)))
        await connection.execute("insert into store_state default values")  # as the migration did


def served() -> str | None:
    """The address of a PostgreSQL that answers and takes us for its superuser; None where there is none.

    Raises:
        RuntimeError: The one that LGSP_TEST_POSTGRES names can't be used.
    """
    named = os.environ.get(VARIABLE)
    if named == "embedded":
        return None
    try:
        with psycopg.connect(named or SERVED, connect_timeout=2) as connection:
            row = connection.execute("select rolsuper from pg_roles where rolname = current_user").fetchone()
    except psycopg.OperationalError as error:
        if named:
            raise RuntimeError(f"{VARIABLE}: no PostgreSQL answers ({str(error).strip().splitlines()[0]})") from None
        return None
    if row is not None and row[0]:
        return named or SERVED
    if named:
        raise RuntimeError(f"{VARIABLE}: its user is no superuser, which makes and clears databases")
    return None


@contextmanager
def server(folder: Path) -> Iterator[Server]:
    """A real PostgreSQL: the served one, or one of our own in *folder*, which processes of one run share.

    Raises:
        gateway.durable.embedded.EmbeddedError: There is neither.
    """
    if (url := served()) is not None:
        yield Server(url)
        return
    own = EmbeddedPostgres(folder)
    url = own.join()
    try:
        yield Server(url)
    finally:
        own.leave()


def address(url: str) -> str:
    """*url* in the form that a configuration takes."""
    parts = {name: str(value) for name, value in psycopg.conninfo.conninfo_to_dict(url).items()}
    name = parts.pop("dbname")
    return f"postgresql:///{name}?{urlencode(parts)}"


def settings(url: str, **more: object) -> StoreSettings:
    """The settings of a store at *url*."""
    return StoreSettings.model_validate({"url": address(url), "key": KEY, **more})


@asynccontextmanager
async def store(url: str, **more: object) -> AsyncIterator[Store]:
    """An open store at *url*."""
    opened = Store(settings(url, **more), url, RowCipher(KEY))
    await opened.open()
    try:
        yield opened
    finally:
        await opened.close()


async def tell(store: Store, statement: LiteralString, *values: object) -> list[tuple[object, ...]]:
    """The rows that *statement* gives."""
    async with store.connection() as connection:
        cursor = await connection.execute(statement, values)
        return cast("list[tuple[object, ...]]", await cursor.fetchall()) if cursor.description else []


async def migrated(url: str) -> list[int]:
    """Brings the database at *url* up to date."""
    async with await AsyncConnection.connect(url, autocommit=True) as connection:
        return await migrations.migrate(connection)
