"""The statements on lanes, messages and outcomes. Each runs in the transaction of its caller.

Locks are taken in one sequence everywhere: idempotency keys, then lanes by id, then cases. A statement that writes to a
lane names the epoch that it was claimed with; what does not match any more is dropped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, LiteralString

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from gateway.durable.rows import as_json

Connection = AsyncConnection[Any]

# ---- claiming

_CLAIM: Final[LiteralString] = """
with due as (
    select id, head_state, tried_at from lanes
    where system = %(system)s and state = 'open' and due_at <= %(now)s and operation = any(%(operations)s)
      and (held_until is null or held_until <= clock_timestamp())
    order by due_at limit %(most)s
    for update skip locked
)
update lanes l set
    epoch = l.epoch + 1,
    held_until = clock_timestamp() + make_interval(secs => %(lease_s)s),
    held_by = %(worker)s,
    head_state = case due.head_state when 'ready' then 'sending' else 'unknown' end,
    may_have_arrived = l.may_have_arrived or due.head_state <> 'ready',
    marked_at = case due.head_state when 'ready' then clock_timestamp() else l.marked_at end,
    left_at = case due.head_state when 'ready' then null else l.left_at end,
    tried_at = clock_timestamp()
from due, messages m
where l.id = due.id and m.lane = l.id and m.seq = l.head
returning l.id as lane, l.system, l.key, l.head as seq, l.epoch, l.operation, l.head_state = 'unknown' as unknown,
    l.may_have_arrived, l.looks, l.resent, l.attempts, l.failures, due.tried_at as tried_before,
    extract(epoch from clock_timestamp() - l.left_at)::float8 as left_age,
    extract(epoch from clock_timestamp() - l.marked_at)::float8 as marked_age,
    m.caller, m.request_id, m.body, m.accepted_at
"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A lane that this worker holds, with the message at its head. Seconds."""

    lane: int
    system: str
    key: str
    seq: int
    epoch: int
    operation: str
    unknown: bool
    may_have_arrived: bool
    looks: int
    resent: int
    attempts: int
    failures: int
    tried_before: datetime | None
    left_age: float | None
    marked_age: float | None
    caller: str
    request_id: str
    body: bytes
    accepted_at: datetime


async def claim(
    connection: Connection,
    system: str,
    operations: Sequence[str],
    *,
    most: int,
    now: datetime,
    lease_s: float,
    worker: str,
) -> list[Claimed]:
    """Holds up to *most* lanes of *system* whose head is due, and marks each head: it is sent, or asked for where its
    outcome is unknown.
    """
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            _CLAIM,
            {
                "system": system,
                "operations": list(operations),
                "most": most,
                "now": now,
                "lease_s": lease_s,
                "worker": worker,
            },
        )
        return [Claimed(**row) for row in await cursor.fetchall()]


# ---- writing what came back


@dataclass(frozen=True, slots=True)
class LaneChange:
    """The lane after a try. *rest_s* on the database's clock, *due_at* on the business clock."""

    lane: int
    epoch: int
    advance: bool
    """The head is done: the next message becomes the head."""
    head_state: str = "ready"
    due_at: datetime | None = None
    rest_s: float | None = None
    left_now: bool = False
    may_have_arrived: bool | None = None
    looks: int = 0
    resent: int = 0
    attempts: int = 0
    failures: int = 0
    parked: bool = False
    reason: str | None = None


_LOCK: Final[LiteralString] = "select id from lanes where id = any(%s) order by id for update"

_CHANGE: Final[LiteralString] = """
update lanes l set
    head = l.head + r.advance::int,
    operation = case when r.advance
        then (select operation from messages m where m.lane = l.id and m.seq = l.head + 1) else l.operation end,
    head_state = case when r.advance and l.head < l.ask_until then 'unknown' else r.head_state end,
    may_have_arrived = r.advance and l.head < l.ask_until or coalesce(r.may_have_arrived, l.may_have_arrived),
    left_at = case when r.left_now then clock_timestamp() when r.advance then null else l.left_at end,
    tried_at = case when r.advance then null else l.tried_at end,
    looks = r.looks, resent = r.resent, attempts = r.attempts, failures = r.failures,
    due_at = case when r.advance and l.head + 1 > l.tail then null else r.due_at end,
    held_until = case when r.rest_s is null then null else clock_timestamp() + make_interval(secs => r.rest_s) end,
    held_by = null,
    state = case when r.parked then 'parked' else l.state end,
    parked_at = case when r.parked then r.due_at else l.parked_at end,
    epoch = l.epoch + r.parked::int,
    reason = r.reason
from jsonb_to_recordset(%s::jsonb) as r(lane bigint, epoch bigint, advance boolean, head_state text,
    due_at timestamptz, rest_s float8, left_now boolean, may_have_arrived boolean, looks int, resent int, attempts int,
    failures int, parked boolean, reason text)
where l.id = r.lane and l.epoch = r.epoch
returning l.id
"""


async def lock(connection: Connection, lanes: Sequence[int]) -> None:
    """Locks *lanes* until the transaction ends, in the order that everybody keeps."""
    if lanes:
        await connection.execute(_LOCK, [lanes])


async def change(connection: Connection, changes: Sequence[LaneChange]) -> set[int]:
    """Writes *changes* and gives the lanes that took theirs; the others were claimed or decided anew meanwhile.

    The caller has locked the lanes.
    """
    if not changes:
        return set()
    cursor = await connection.execute(_CHANGE, [as_json(changes)])
    return {row[0] for row in await cursor.fetchall()}


_OUTCOMES: Final[LiteralString] = """
insert into outcomes (lane, seq, kind, at, reason, answer)
select r.lane, r.seq, r.kind, r.at, r.reason, decode(r.answer, 'base64')
from jsonb_to_recordset(%s::jsonb)
    as r(lane bigint, seq bigint, kind text, at timestamptz, reason text, answer text)
on conflict do nothing
"""


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    lane: int
    seq: int
    kind: str
    at: datetime
    reason: str | None = None
    answer: bytes | None = None


async def add_outcomes(connection: Connection, rows: Sequence[OutcomeRow]) -> None:
    """Keeps how orders ended."""
    if rows:
        await connection.execute(_OUTCOMES, [as_json(rows)])


# ---- passages: when an operation last got through

_THROUGH: Final[LiteralString] = """
insert into passages (system, operation, through_at)
select s, o, clock_timestamp() from unnest(%s::text[], %s::text[]) as t(s, o)
on conflict (system, operation) do update set through_at = excluded.through_at
"""


async def went_through(connection: Connection, operations: Sequence[tuple[str, str]]) -> None:
    """Notes that an order of each of *operations* (system, operation) got through now."""
    if pairs := sorted(set(operations)):
        await connection.execute(_THROUGH, [[one for one, _ in pairs], [other for _, other in pairs]])


async def passages(connection: Connection) -> Mapping[tuple[str, str], datetime]:
    """When an order of each (system, operation) last got through."""
    cursor = await connection.execute("select system, operation, through_at from passages")
    return {(system, operation): at for system, operation, at in await cursor.fetchall()}


# ---- pauses and leases, as the gate sees them

PAUSE_LOCK: Final = 0x6C677370
"""Advisory lock: a pause takes it alone, those who let bytes leave share it."""

_STILL_HELD: Final[LiteralString] = """
select l.id, l.epoch from lanes l join unnest(%s::bigint[], %s::bigint[]) as r(id, epoch)
    on l.id = r.id and l.epoch = r.epoch
where l.state = 'open' and l.held_until > clock_timestamp()
"""


async def paused(connection: Connection, now: datetime) -> frozenset[str]:
    """The targets that are paused at *now*: ``connector.operation`` and ``connector/upstream``."""
    cursor = await connection.execute("select target from pauses where until is null or until > %s", [now])
    return frozenset(row[0] for row in await cursor.fetchall())


async def share_pause_lock(connection: Connection) -> None:
    """Waits until no pause is being committed, and keeps the next one waiting until this transaction ends."""
    await connection.execute("select pg_advisory_xact_lock_shared(%s)", [PAUSE_LOCK])


async def still_held(connection: Connection, held: Sequence[tuple[int, int]]) -> set[tuple[int, int]]:
    """Those of *held* (lane, epoch) whose lease stands."""
    cursor = await connection.execute(_STILL_HELD, [[lane for lane, _ in held], [epoch for _, epoch in held]])
    return {(lane, epoch) for lane, epoch in await cursor.fetchall()}
