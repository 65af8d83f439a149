"""Brings the schema up to date: numbered SQL files, one transaction each, under an advisory lock.

The first line of a file may say ``-- oldest: N``: the lowest schema number whose gateways may still run beside it.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final, LiteralString

from psycopg import AsyncConnection

from gateway.durable import crash_points

LOCK: Final = 0x6C677371
_NAME: Final = re.compile(r"(\d{3})_[a-z_]+\.sql")
_OLDEST: Final = re.compile(r"^-- oldest: (\d+)")
_TABLE: Final[LiteralString] = """
create table if not exists schema_versions (
    number integer primary key,
    oldest integer not null,
    applied_at timestamptz not null default clock_timestamp()
)
"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file; *oldest*: gateways that know fewer migrations than this must not run on its schema."""

    number: int
    oldest: int
    sql: str


class SchemaError(Exception):
    """The schema does not fit this release; its text is one sentence for the operator."""


def known() -> list[Migration]:
    """The migrations of this release, in their sequence."""
    found = []
    for entry in files("gateway.durable").joinpath("schema").iterdir():
        if match := _NAME.fullmatch(entry.name):
            sql = entry.read_text(encoding="utf-8")
            oldest = _OLDEST.match(sql)
            found.append(Migration(int(match[1]), int(oldest[1]) if oldest else 1, sql))
    return sorted(found, key=lambda one: one.number)


async def applied(connection: AsyncConnection[Any]) -> dict[int, int]:
    """The numbers that the database has, each with the oldest release that it still lets run."""
    cursor = await connection.execute("select to_regclass('schema_versions') is not null")
    row = await cursor.fetchone()
    if row is None or not row[0]:
        return {}
    cursor = await connection.execute("select number, oldest from schema_versions")
    return dict(await cursor.fetchall())


async def missing(connection: AsyncConnection[Any]) -> list[Migration]:
    """The migrations that the database does not have.

    Raises:
        SchemaError: The database is of a newer release that does not let this one run.
    """
    there, own = await applied(connection), await asyncio.to_thread(known)
    numbers = {one.number for one in own}
    oldest = max((oldest for number, oldest in there.items() if number not in numbers), default=0)
    if oldest > max(numbers):
        raise SchemaError(
            f"the store's schema is {max(there)} and wants a gateway that knows {oldest}, and this release knows "
            f"{max(numbers)}: start a newer release of the gateway"
        )
    return [one for one in own if one.number not in there]


async def migrate(connection: AsyncConnection[Any]) -> list[int]:
    """Applies what is missing, and gives its numbers; *connection* is in autocommit."""
    done = []
    await connection.execute("set statement_timeout = 0")  # another gateway's migration, or a large table, takes long
    await connection.execute("select pg_advisory_lock(%s)", [LOCK])
    try:
        await connection.execute(_TABLE)
        for one in await missing(connection):
            async with connection.transaction():
                await connection.execute(one.sql.encode())  # a file of ours, never text from outside
                await connection.execute(
                    "insert into schema_versions (number, oldest) values (%s, %s)", [one.number, one.oldest]
                )
                crash_points.reach("store.migrating")
            done.append(one.number)
    finally:
        await connection.execute("select pg_advisory_unlock(%s)", [LOCK])
        await connection.execute("reset statement_timeout")
    return done
