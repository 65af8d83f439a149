"""The record of operators' actions: who, what, when, why; rows are only added, each with the hash of the one before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final, LiteralString

import orjson

from gateway.durable.lanes.tables import Connection

LOCK: Final = 0x6C677372
_FIRST: Final = bytes(32)


@dataclass(frozen=True, slots=True)
class Action:
    """One deed of an operator. *target*: an operation, an upstream, or ``system/key`` of a lane."""

    who: str
    what: str
    target: str
    why: str
    at: datetime
    detail: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Recorded:
    """A row of the record."""

    id: int
    action: Action
    previous: bytes
    hash: bytes


def hash_of(number: int, action: Action, previous: bytes) -> bytes:
    """The hash of a row: over its number, its words and the hash before it."""
    said = [number, action.at.isoformat(), action.who, action.what, action.target, action.why, dict(action.detail)]
    return sha256(previous + orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).digest()


async def record(connection: Connection, action: Action) -> int:
    """Adds *action* in the transaction of the deed, and gives its number."""
    await connection.execute("select pg_advisory_xact_lock(%s)", [LOCK])
    cursor = await connection.execute("select id, hash from actions order by id desc limit 1")
    last = await cursor.fetchone()
    number, previous = (1, _FIRST) if last is None else (last[0] + 1, last[1])
    await connection.execute(
        "insert into actions (id, at, who, what, target, why, detail, previous, hash)"
        " values (%s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s)",
        [
            number,
            action.at,
            action.who,
            action.what,
            action.target,
            action.why,
            orjson.dumps(dict(action.detail)).decode(),
            previous,
            hash_of(number, action, previous),
        ],
    )
    return number


_LISTED: Final[LiteralString] = """
select id, at, who, what, target, why, detail, previous, hash from actions
where id < %s order by id desc limit %s
"""


async def listed(connection: Connection, most: int, before: int = 2**62) -> list[Recorded]:
    """The newest rows before number *before*, newest first."""
    cursor = await connection.execute(_LISTED, [before, most])
    return [
        Recorded(row[0], Action(row[2], row[3], row[4], row[5], row[1], row[6]), row[7], row[8])
        for row in await cursor.fetchall()
    ]


def first_broken(rows: list[Recorded]) -> int | None:
    """The number of the first of *rows* (oldest first, without gaps) that does not follow from the one before it."""
    previous: Recorded | None = None
    for row in rows:
        before = _FIRST if previous is None else previous.hash
        gap = row.id != (1 if previous is None else previous.id + 1)
        if gap or row.previous != before or row.hash != hash_of(row.id, row.action, before):
            return row.id
        previous = row
    return None
