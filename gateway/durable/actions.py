"""The record of operators' actions: who, what, when, why; rows are only added, each with the hash of the one before."""

from __future__ import annotations

from typing import Final, LiteralString

import orjson
import structlog

from gateway.core.actions import FIRST, Action, Recorded, first_broken, hash_of
from gateway.durable.lanes.tables import Connection

__all__ = ["LOCK", "Action", "Recorded", "first_broken", "hash_of", "listed", "record"]

LOCK: Final = 0x6C677372
log = structlog.get_logger("gateway.operator")


async def record(connection: Connection, action: Action) -> int:
    """Adds *action* in the transaction of the deed, and gives its number."""
    # The reason may name a person: it is in the record alone.
    log.info("operator action", who=action.who, what=action.what, target=action.target)
    await connection.execute("select pg_advisory_xact_lock(%s)", [LOCK])
    cursor = await connection.execute("select id, hash from actions order by id desc limit 1")
    last = await cursor.fetchone()
    number, previous = (1, FIRST) if last is None else (last[0] + 1, last[1])
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
