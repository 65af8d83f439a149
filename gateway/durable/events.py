"""The events of cases and lanes: what the history, the event streams and the notices are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, LiteralString

import msgspec

from gateway.core.durable import Moment
from gateway.durable.lanes.tables import Connection
from gateway.durable.rows import as_json

Kind = Literal[
    "accepted",  # committed for the portal
    "arrived",  # the system has it
    "sent_again",
    "reconciling",  # the outcome is not known; the system is asked
    "refused",  # the system refused it for good, or an operator must decide: the lane is parked
    "state",  # the system tells another state
    "certificate",  # the file was fetched
    "certificate_rejected",  # the file is not what it should be; the operator is told
    "overdue",
    "retried",
    "edited",
    "skipped",
    "cancelled",
    "replaced",  # a newer order took the place of one that never left
    "received",  # a message that a system pushed to the province
    "file_kept",  # a file of it was fetched
    "file_lost",  # a file of it was refused, or did not come
]


class CaseEvent(msgspec.Struct, frozen=True):
    """One event of a key; *detail* has words and codes alone, personal data goes sealed into *data*."""

    system: str
    key: str
    at: datetime
    kind: Kind
    seq: int | None = None
    detail: Mapping[str, object] = msgspec.field(default_factory=dict)
    data: bytes | None = None


_ADD: Final[LiteralString] = """
insert into events (system, key, at, kind, seq, detail, data)
select r.system, r.key, r.at, r.kind, r.seq, r.detail, decode(r.data, 'base64')
from rows from (json_to_recordset(%s::json) as (system text, key text, at timestamptz, kind text, seq bigint,
    detail jsonb, data text)) with ordinality as r(system, key, at, kind, seq, detail, data, place)
order by r.place
"""


async def add(connection: Connection, events: Sequence[CaseEvent]) -> None:
    """Keeps *events*, in the transaction of what they tell.

    The caller holds the lock of each key's lane: so the numbers of a key's events rise in the sequence in which they
    are committed, and who has read one has missed none before it.
    """
    if events:
        await connection.execute(_ADD, [as_json(events)])


_OF_KEY: Final[LiteralString] = """
select at, kind, detail from (
    select id, at, kind, detail from events where system = %s and key = %s order by id desc limit %s
) newest order by id
"""


async def of_key(connection: Connection, system: str, key: str, most: int) -> list[Moment]:
    """The newest events of a key, oldest first."""
    cursor = await connection.execute(_OF_KEY, [system, key, most])
    return [Moment(at, kind, detail) for at, kind, detail in await cursor.fetchall()]


# ---- for those who are told as it happens


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the events of a case of *caller*."""

    caller: str
    after: int


_PLACE: Final[LiteralString] = """
select c.caller, coalesce((select max(id) from events where system = c.system and key = c.key), 0)
from cases c where c.system = %s and c.key = %s
"""
_UP_TO: Final[LiteralString] = """
select at, kind, detail from events where system = %s and key = %s and id <= %s order by id
"""
_SINCE: Final[LiteralString] = """
select w.number, e.id, e.at, e.kind, e.detail
from unnest(%s::text[], %s::text[], %s::bigint[]) with ordinality as w(system, key, after, number)
cross join lateral (
    select id, at, kind, detail from events
    where system = w.system and key = w.key and id > w.after order by id limit %s
) e
order by e.id
"""


async def place(connection: Connection, system: str, key: str, after: int) -> Place | None:
    """The place after event *after* of a case, None where there is no case.

    It is the beginning where the newest event has a lower number: the store was restored, and numbers are given again.
    """
    cursor = await connection.execute(_PLACE, [system, key])
    row = await cursor.fetchone()
    return None if row is None else Place(row[0], after if after <= row[1] else 0)


async def up_to(connection: Connection, system: str, key: str, number: int) -> list[Moment]:
    """The events of a key up to *number*, oldest first."""
    if not number:
        return []
    cursor = await connection.execute(_UP_TO, [system, key, number])
    return [Moment(at, kind, detail) for at, kind, detail in await cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Wanted:
    """The events of a key after number *after*."""

    system: str
    key: str
    after: int


async def since(connection: Connection, wanted: Sequence[Wanted], most: int) -> list[list[tuple[int, Moment]]]:
    """For each of *wanted* at most *most* events with their numbers, oldest first."""
    cursor = await connection.execute(
        _SINCE,
        [[one.system for one in wanted], [one.key for one in wanted], [one.after for one in wanted], most],
    )
    found: list[list[tuple[int, Moment]]] = [[] for _ in wanted]
    for number, event, at, kind, detail in await cursor.fetchall():
        found[number - 1].append((event, Moment(at, kind, detail)))
    return found
