"""A real PostgreSQL for tests: a database of its own for each that asks."""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, LiteralString, cast

import psycopg
from psycopg import AsyncConnection, sql

from gateway.durable import migrations
from gateway.durable.encryption import RowCipher
from gateway.durable.settings import StoreSettings
from gateway.durable.store import Store

SERVER: Final = os.environ.get("LGSP_TEST_POSTGRES", "postgresql://root@127.0.0.1:5432/postgres")
KEY: Final = "a key of the tests"


def why_not() -> str | None:
    """Why no PostgreSQL can be had; None where one answers."""
    try:
        psycopg.connect(SERVER, connect_timeout=2).close()
    except psycopg.OperationalError as error:
        return f"no PostgreSQL answers at {SERVER} ({str(error).strip().splitlines()[0]}); set LGSP_TEST_POSTGRES"
    return None


@asynccontextmanager
async def database() -> AsyncIterator[str]:
    """The address of an empty database; it is dropped afterwards."""
    name = f"lgsp_test_{secrets.token_hex(8)}"
    async with await AsyncConnection.connect(SERVER, autocommit=True) as server:
        await server.execute(sql.SQL("create database {} template template0").format(sql.Identifier(name)))
    try:
        yield SERVER.rpartition("/")[0] + f"/{name}"
    finally:
        async with await AsyncConnection.connect(SERVER, autocommit=True) as server:
            await server.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def settings(url: str, **more: object) -> StoreSettings:
    """The settings of a store at *url*."""
    return StoreSettings.model_validate({"url": url, "key": KEY, **more})


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
