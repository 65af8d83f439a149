"""The statements on cases and their files; each runs in the transaction of its caller."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, LiteralString

import msgspec
from psycopg.rows import dict_row

from gateway.durable.lanes.tables import Connection
from gateway.durable.rows import as_array, as_json

_CLAIM: Final[LiteralString] = """
with due as (
    select id from cases
    where system = %(system)s and follow_at <= %(now)s
      and (held_until is null or held_until <= clock_timestamp())
    order by follow_at limit %(most)s
    for update skip locked
)
update cases c set
    epoch = c.epoch + 1,
    held_until = clock_timestamp() + make_interval(secs => %(lease_s)s),
    held_by = %(worker)s
from due
where c.id = due.id
returning c.id, c.system, c.key, c.caller, c.state, c.source_id, c.opened_at, c.due_at, c.ended_at, c.failures,
    c.file_state, c.epoch, c.trace, case when c.file_state = 'wanted'
        then (select m.body from messages m left join outcomes o using (lane, seq) where m.lane = c.id
            order by o.kind is not distinct from 'done' desc, m.seq desc limit 1) end as body,
    case when c.file_state = 'wanted'
        then (select e.detail ->> 'reason' from events e where e.system = c.system and e.key = c.key
            and e.kind = 'certificate_rejected' order by e.id desc limit 1) end as rejected
"""


@dataclass(frozen=True, slots=True)
class ClaimedCase:
    """A case that this worker holds."""

    id: int
    system: str
    key: str
    caller: str
    state: str
    source_id: str | None
    opened_at: datetime
    due_at: datetime | None
    ended_at: datetime | None
    failures: int
    file_state: str
    epoch: int
    trace: str | None = None
    """The traceparent of the acceptance of its order, where that was traced."""
    body: bytes | None = None
    """The sealed order that the system took last, where its file is to be fetched."""
    rejected: str | None = None
    """Why its file was rejected last, where it is to be fetched again."""


async def claim(
    connection: Connection, system: str, *, most: int, now: datetime, lease_s: float, worker: str
) -> list[ClaimedCase]:
    """Holds up to *most* cases of *system* that are due to be looked at."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_CLAIM, {"system": system, "most": most, "now": now, "lease_s": lease_s, "worker": worker})
        return [ClaimedCase(**row) for row in await cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class CaseChange:
    """A case after it was looked at; None leaves a value as it is."""

    id: int
    epoch: int
    follow_at: datetime | None
    failures: int = 0
    state: str | None = None
    data: bytes | None = None
    """Sealed."""
    source_id: str | None = None
    looked_at: datetime | None = None
    ended_at: datetime | None = None
    file_state: str | None = None


_LOCK: Final[LiteralString] = "select id from cases where id = any(%s::bigint[]) order by id for update"

_CHANGE: Final[LiteralString] = """
update cases c set
    state = coalesce(r.state, c.state),
    changed_at = case when r.state is not null and r.state <> c.state then %s else c.changed_at end,
    data = coalesce(decode(r.data, 'base64'), c.data),
    source_id = coalesce(r.source_id, c.source_id),
    looked_at = coalesce(r.looked_at, c.looked_at),
    ended_at = coalesce(c.ended_at, r.ended_at),
    file_state = coalesce(r.file_state, c.file_state),
    follow_at = r.follow_at,
    failures = r.failures,
    held_until = null,
    held_by = null
from json_to_recordset(%s::json) as r(id bigint, epoch bigint, follow_at timestamptz, failures int, state text,
    data text, source_id text, looked_at timestamptz, ended_at timestamptz, file_state text)
where c.id = r.id and c.epoch = r.epoch and coalesce(c.held_by, '') <> ''
returning c.id
"""


async def change(connection: Connection, changes: Sequence[CaseChange], now: datetime) -> set[int]:
    """Writes *changes* and gives the cases that took theirs."""
    if not changes:
        return set()
    await connection.execute(_LOCK, [as_array(one.id for one in changes)])
    cursor = await connection.execute(_CHANGE, [now, as_json(changes)])
    return {row[0] for row in await cursor.fetchall()}


# ---- what the way of an order does to its case

_MOVE: Final[LiteralString] = """
update cases c set
    state = r.state,
    changed_at = %(now)s,
    data = coalesce(decode(r.data, 'base64'), c.data),
    source_id = coalesce(r.source_id, c.source_id),
    follow_at = case when r.follow_at is null then c.follow_at else r.follow_at end,
    ended_at = case when r.ended then coalesce(c.ended_at, %(now)s) else c.ended_at end,
    epoch = c.epoch + 1,
    held_until = null,
    held_by = null
from json_to_recordset(%(moves)s::json)
    as r(id bigint, state text, data text, source_id text, follow_at timestamptz, ended boolean)
where c.id = r.id
"""


class Move(msgspec.Struct, frozen=True):
    """The state of a case that the way of its order brings; *follow_at*: from when it is looked at."""

    id: int
    state: str
    data: bytes | None = None
    source_id: str | None = None
    follow_at: datetime | None = None
    ended: bool = False


async def move(connection: Connection, moves: Sequence[Move], now: datetime) -> None:
    """Writes *moves*; a look that is under way meanwhile is dropped when it comes back."""
    if not moves:
        return
    await connection.execute(_LOCK, [as_array(one.id for one in moves)])
    await connection.execute(_MOVE, {"now": now, "moves": as_json(moves)})


# ---- reading

_RECORD: Final[LiteralString] = """
select c.*, l.state as lane_state, l.reason as lane_reason, l.head, l.tail, l.head_state, l.failures as lane_failures,
    l.read_back, case when l.state = 'parked' then l.parked_at end as parked_at
from cases c join lanes l on l.id = c.id where c.system = %s and c.key = %s
"""


async def record(connection: Connection, system: str, key: str) -> dict[str, Any] | None:
    """The row of a case with its lane's, None where there is none."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_RECORD, [system, key])
        return await cursor.fetchone()


_ORDERS_OF: Final[LiteralString] = """
select m.caller, m.accepted_at, l.reason, l.tail - l.head + 1 as waiting,
    case when l.state = 'parked' then l.parked_at end as parked_at,
    case when l.head > l.tail then 'synced' when l.state = 'parked' then 'refused' when l.state = 'held' then 'held'
        when l.head_state = 'unknown' then 'reconciling' else 'accepted' end as state,
    (select o.answer from outcomes o where o.lane = l.id and o.kind = 'done' order by o.seq desc limit 1) as answer
from lanes l join messages m on m.lane = l.id and m.seq = least(l.head, l.tail)
where l.system = %s and l.key = %s
    and (l.head <= l.tail or exists (select from outcomes o where o.lane = l.id and o.seq = l.tail and o.kind = 'done'))
"""


async def orders_of(connection: Connection, system: str, key: str) -> dict[str, Any] | None:
    """How far the orders of a key without a case are; None where nothing waits and the last was taken back."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_ORDERS_OF, [system, key])
        return await cursor.fetchone()


_HASTEN: Final[LiteralString] = """
update cases set follow_at = least(follow_at, %(now)s)
where system = %(system)s and follow_at is not null and (key = any(%(keys)s) or source_id = any(%(ids)s))
returning key, source_id
"""


async def hasten(
    connection: Connection, system: str, keys: Sequence[str], ids: Sequence[str], now: datetime
) -> set[str]:
    """Lets the cases with these keys or source ids be looked at now, and gives the keys and ids that were found."""
    cursor = await connection.execute(_HASTEN, {"now": now, "system": system, "keys": list(keys), "ids": list(ids)})
    return {name for row in await cursor.fetchall() for name in row if name is not None}


async def open_cases(connection: Connection, system: str) -> int:
    """How many cases are followed."""
    cursor = await connection.execute(
        "select count(*) from cases where system = %s and follow_at is not null", [system]
    )
    row = await cursor.fetchone()
    return int(row[0]) if row else 0


# ---- files

_KEEP: Final[LiteralString] = """
insert into files (id, media_type, filename, sha256, body, fetched_at) values (%s, %s, %s, %s, %s, %s)
on conflict (id) do update set media_type = excluded.media_type, filename = excluded.filename,
    sha256 = excluded.sha256, body = excluded.body, fetched_at = excluded.fetched_at, delivered_at = null
"""


@dataclass(frozen=True, slots=True)
class FileRow:
    """The file of a case; *body* is sealed."""

    id: int
    media_type: str
    filename: str
    sha256: bytes
    body: bytes
    fetched_at: datetime


async def keep_file(connection: Connection, file: FileRow) -> None:
    """Keeps *file* in place of one kept before."""
    await connection.execute(_KEEP, [file.id, file.media_type, file.filename, file.sha256, file.body, file.fetched_at])


async def drop_file(connection: Connection, case: int) -> None:
    """Removes the file of *case*."""
    await connection.execute("delete from files where id = %s", [case])


async def file_of(connection: Connection, case: int) -> FileRow | None:
    """The file of *case*."""
    cursor = await connection.execute(
        "select id, media_type, filename, sha256, body, fetched_at from files where id = %s", [case]
    )
    row = await cursor.fetchone()
    return FileRow(*row) if row else None


async def delivered(connection: Connection, case: int, now: datetime) -> None:
    """Notes that the file of *case* was given to the portal."""
    await connection.execute("update files set delivered_at = coalesce(delivered_at, %s) where id = %s", [now, case])
