"""Pauses of an operation or an upstream: they act on every gateway, survive restarts, and say who, why and until when.

A pause takes the lock that those who let bytes leave share: when it has committed, no byte is on its way out any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, LiteralString

from gateway.durable.lanes.tables import PAUSE_LOCK, Connection

_PAUSE: Final[LiteralString] = """
insert into pauses (target, who, why, since, until) values (%s, %s, %s, %s, %s)
on conflict (target) do update set who = excluded.who, why = excluded.why, since = excluded.since,
    until = excluded.until
"""


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause; *until* None: until somebody resumes."""

    target: str
    who: str
    why: str
    since: datetime
    until: datetime | None


async def pause(connection: Connection, wanted: Pause) -> None:
    """Pauses; in place of an earlier pause of the same target."""
    await connection.execute("select pg_advisory_xact_lock(%s)", [PAUSE_LOCK])
    await connection.execute(_PAUSE, [wanted.target, wanted.who, wanted.why, wanted.since, wanted.until])


async def resume(connection: Connection, target: str) -> bool:
    """Ends the pause of *target*; False where there was none."""
    cursor = await connection.execute("delete from pauses where target = %s", [target])
    return cursor.rowcount > 0


async def listed(connection: Connection, now: datetime) -> list[Pause]:
    """The pauses that act at *now*."""
    cursor = await connection.execute(
        "select target, who, why, since, until from pauses where until is null or until > %s order by target", [now]
    )
    return [Pause(*row) for row in await cursor.fetchall()]
