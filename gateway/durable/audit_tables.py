"""The tables of the record of who looked at whom."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final, LiteralString
from uuid import UUID

from gateway.durable.audit import Hashes, Head, Record, named_heads
from gateway.durable.lanes.tables import Connection

PAGE: Final = 2_000
LOCK: Final = 0x6C677375

_ADD: Final[LiteralString] = """
with moved as (
    update audit_chains set number = %(last)s, hash = %(hash)s where chain = %(chain)s and number < %(last)s
)
insert into audit_records (chain, number, at, kind, caller, officer, dossier, operation, subject, identifiers, outcome,
    freshness, request_id, missing, detail, salt, leaf, hash)
select %(chain)s, %(first)s + r.place - 1, r.at, r.kind, r.caller, r.officer, r.dossier, r.operation, r.subject,
    r.identifiers, r.outcome, r.freshness, r.request_id, r.missing, r.detail,
    substring(%(hashes)s::bytea from (80 * (r.place - 1))::int + 1 for 16),
    substring(%(hashes)s::bytea from (80 * (r.place - 1))::int + 17 for 32),
    substring(%(hashes)s::bytea from (80 * (r.place - 1))::int + 49 for 32)
from rows from (jsonb_to_recordset(%(records)s::jsonb) as (at timestamptz, kind text, caller text, officer text,
    dossier text, operation text, subject text, identifiers text[], outcome text, freshness text, request_id text,
    missing bigint, detail text)) with ordinality as r(at, kind, caller, officer, dossier, operation, subject,
    identifiers, outcome, freshness, request_id, missing, detail, place)
on conflict (chain, number) do nothing
"""
_BEGIN: Final[LiteralString] = """
insert into audit_chains (chain, gateway, began_at, number, hash) values (%s, %s, %s, 0, %s)
on conflict (chain) do nothing
"""
_NAME: Final[LiteralString] = """
update audit_chains set named = number where chain <> %s and named < number returning chain, number, hash
"""


async def add(connection: Connection, start: Head, encoded: Sequence[bytes], hashes: bytes, end: Head) -> None:
    """Adds rows after *start*, each as encoded JSON, with their hashes (:func:`gateway.durable.audit.extend`); rows
    that are there already are left.
    """
    records = (b"[" + b",".join(encoded) + b"]").decode()
    await connection.execute(
        _ADD,
        {
            "chain": start.chain,
            "first": start.number + 1,
            "records": records,
            "hashes": hashes,
            "last": end.number,
            "hash": end.hash,
        },
    )


async def begin(connection: Connection, start: Head, gateway: str, at: datetime) -> list[Head]:
    """Adds a chain, and gives the ends of others that no row has named yet; its first row has to name them."""
    # One at a time, so that each end is named by one chain.
    await connection.execute("select pg_advisory_xact_lock(%s)", [LOCK])
    cursor = await connection.execute(_NAME, [start.chain])
    heads = [Head(*row) for row in await cursor.fetchall()]
    await connection.execute(_BEGIN, [start.chain, gateway, at, start.hash])
    return heads


# ---- reading


_HEADS: Final[LiteralString] = "select chain, number, hash from audit_chains"
_BEGINS: Final[LiteralString] = "select detail from audit_records where number = 1 and kind = 'begin'"
_COUNT: Final[LiteralString] = "select count(*) from audit_records"
_ROWS: Final[LiteralString] = """
select chain, number, at, kind, caller, officer, dossier, operation, subject, identifiers, outcome, freshness,
    request_id, missing, detail, salt, leaf, hash
from audit_records where (chain, number) > (%s, %s) order by chain, number limit %s
"""
_SEARCH: Final[LiteralString] = """
select at, kind, caller, officer, dossier, operation, subject, identifiers, outcome, freshness, request_id, missing,
    detail
from audit_records
where (subject = any(%(hashes)s) or identifiers && %(hashes)s::text[])
  and at >= %(since)s and kind = 'asked'
order by at desc, chain, number desc limit %(most)s
"""
_GAPS: Final[LiteralString] = """
select coalesce(sum(missing), 0)::bigint from audit_records where kind = 'gap' and at >= %s
"""


async def expected(connection: Connection) -> list[Head]:
    """The ends of chains that are known: to the list of chains, and to the first rows of later ones."""
    heads = [Head(*row) for row in await (await connection.execute(_HEADS)).fetchall()]
    for (detail,) in await (await connection.execute(_BEGINS)).fetchall():
        heads += named_heads(detail)
    return [head for head in heads if head.number > 0]


async def count(connection: Connection) -> int:
    """How many rows there are."""
    row = await (await connection.execute(_COUNT)).fetchone()
    return row[0] if row else 0


async def pages(connection: Connection) -> AsyncIterator[list[tuple[UUID, Record, Hashes]]]:
    """All rows, each chain's in the sequence of their numbers."""
    chain, number = UUID(int=0), 0
    while True:
        cursor = await connection.execute(_ROWS, [chain, number, PAGE])
        rows = await cursor.fetchall()
        if not rows:
            return
        chain, number = rows[-1][:2]
        yield [(row[0], _record(row[2:15]), Hashes(row[1], *row[15:18])) for row in rows]


async def search(connection: Connection, hashes: Sequence[str], since: datetime, most: int) -> list[Record]:
    """The rows about a person, newest first; *hashes* are those by which the person may be found."""
    cursor = await connection.execute(_SEARCH, {"hashes": list(hashes), "since": since, "most": most})
    return [_record(row) for row in await cursor.fetchall()]


async def missing(connection: Connection, since: datetime) -> int:
    """How many rows could not be kept since then."""
    row = await (await connection.execute(_GAPS, [since])).fetchone()
    return row[0] if row else 0


def _record(row: tuple[Any, ...]) -> Record:
    at, kind, caller, officer, dossier, operation, subject, identifiers, *rest = row
    outcome, freshness, request_id, absent, detail = rest
    return Record(
        at=said(at),
        kind=kind,
        caller=caller,
        officer=officer,
        dossier=dossier,
        operation=operation,
        subject=subject,
        identifiers=tuple(identifiers),
        outcome=outcome,
        freshness=freshness,
        request_id=request_id,
        missing=absent,
        detail=detail,
    )


def said(at: datetime) -> str:
    """An instant as it is hashed."""
    return at.astimezone(UTC).isoformat()
