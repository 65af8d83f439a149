"""Describes a store for the operator: sizes, counts, health. Nothing in it is personal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, LiteralString

from psycopg import AsyncConnection

from gateway.durable import migrations, sealed
from gateway.durable.encryption import RowCipher


@dataclass(frozen=True, slots=True)
class StoreStatus:
    """The store at one moment. Bytes, seconds."""

    postgresql: str
    schema: int
    missing_migrations: int
    size_bytes: int
    restored: bool
    key_opens: bool
    rows_with_older_keys: int
    oldest_transaction_s: float
    counts: dict[str, int]


_SERVER: Final[LiteralString] = """
select current_setting('server_version'), pg_database_size(current_database()),
    (select coalesce(extract(epoch from max(clock_timestamp() - xact_start)), 0)::float8 from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend')
"""
_RESTORED: Final[LiteralString] = "select restored_since is not null from store_state"
_COUNTS: Final[LiteralString] = """
select
    (select count(*) from lanes where head <= tail and state = 'open') as orders_waiting,
    (select count(*) from lanes where head <= tail and head_state = 'unknown') as orders_of_unknown_outcome,
    (select count(*) from lanes where state = 'parked') as lanes_parked,
    (select count(*) from cases where ended_at is null) as cases_open,
    (select count(*) from cases) as cases,
    (select count(*) from files) as files,
    (select count(*) from messages) as messages,
    (select count(*) from events) as events,
    (select count(*) from idempotency_keys) as idempotency_keys,
    (select count(*) from pauses) as pauses,
    (select count(*) from inbox) as inbox,
    (select count(*) from inbox where acknowledged_at is null) as inbox_waiting,
    (select count(*) from inbox_files where state <> 'kept') as inbox_files_not_here,
    (select count(*) from result_files) as result_files
"""


async def status_of(connection: AsyncConnection[Any], cipher: RowCipher) -> StoreStatus:
    """The status of a store whose schema may be older than this release; *connection* is in autocommit.

    Raises:
        gateway.durable.migrations.SchemaError: It is of a newer release.
    """
    missing = await migrations.missing(connection)
    there = await migrations.applied(connection)
    row = await (await connection.execute(_SERVER)).fetchone()
    assert row is not None
    version, size, oldest = row
    counts: dict[str, int] = {}
    restored, opens, old = False, True, 0
    if not missing:
        cursor = await connection.execute(_COUNTS)
        found = await cursor.fetchone()
        counts = {column.name: value for column, value in zip(cursor.description or (), found or (), strict=True)}
        told = await (await connection.execute(_RESTORED)).fetchone()
        restored = bool(told and told[0])
        opens = await sealed.opens(connection, cipher)
        old = sum((await sealed.old_ones(connection, cipher)).values())
    return StoreStatus(
        postgresql=version,
        schema=max(there, default=0),
        missing_migrations=len(missing),
        size_bytes=size,
        restored=restored,
        key_opens=opens,
        rows_with_older_keys=old,
        oldest_transaction_s=oldest,
        counts=counts,
    )
