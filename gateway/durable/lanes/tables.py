"""The statements on lanes, messages and outcomes. Each runs in the transaction of its caller.

Locks are taken in one sequence everywhere: idempotency keys, then lanes by id, then cases. A statement that writes to a
lane names the epoch that it was claimed with; what does not match any more is dropped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, LiteralString

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import args_row

from gateway.durable.rows import as_array, as_json

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
    head_state = case when due.head_state <> 'ready' then 'unknown'
        when m.form is null and l.operation = any(%(prepared)s) then 'ready' else 'sending' end,
    left_before = l.left_before or due.head_state <> 'ready' or m.form is not null or l.operation <> all(%(prepared)s),
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
    m.caller, m.request_id, m.body, m.accepted_at,
    due.head_state = 'ready' and m.form is null and l.operation = any(%(prepared)s) as preparing, m.form, l.left_before,
    l.list_most, l.copies, l.read_back, l.head = l.tail as last, %(proven)s as proven, l.reason
"""


class Claimed(msgspec.Struct, frozen=True):
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
    preparing: bool
    """Its form is chosen now; it is not sent."""
    form: str | None
    left_before: bool
    """A message of the lane has left, or may have left."""
    list_most: int | None
    copies: bool
    read_back: bool
    """It has arrived, and the system is asked whether a late copy of another has overwritten it."""
    last: bool
    """No message waited behind it when it was claimed."""
    proven: bool
    """Where nothing of the lane has left, nothing of its key ever has."""
    reason: str | None
    """Why the last try of the head did not bring it to its end."""


async def claim(
    connection: Connection,
    system: str,
    operations: Sequence[str],
    *,
    prepared: Sequence[str] = (),
    proven: bool = False,
    most: int,
    now: datetime,
    lease_s: float,
    worker: str,
) -> list[Claimed]:
    """Holds up to *most* lanes of *system* whose head is due, and marks each head: it is sent, or asked for where its
    outcome is unknown. Of an operation of *prepared*, a head without a form is held to get one, and not marked.
    """
    async with connection.cursor(row_factory=args_row(Claimed), binary=True) as cursor:
        await cursor.execute(
            _CLAIM,
            {
                "system": system,
                "operations": list(operations),
                "prepared": list(prepared),
                "proven": proven,
                "most": most,
                "now": now,
                "lease_s": lease_s,
                "worker": worker,
            },
        )
        return await cursor.fetchall()


# ---- writing what came back


class LaneChange(msgspec.Struct, frozen=True):
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
    form: str | None = None
    """The head has this form from now on."""
    list_most: int | None = None
    """The head goes in lists of so many at most."""
    copies: bool = False
    """A copy of the head may still arrive and overwrite what follows."""
    read_back: bool = False


_LOCK: Final[LiteralString] = "select id from lanes where id = any(%s::bigint[]) order by id for update"

# Written so that no statistics of idle lanes make PostgreSQL believe that hardly one is held, and begin there.
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
    due_at = case when not r.advance then r.due_at when l.head < l.tail then l.due_at end,
    held_until = case when r.rest_s is null then null else clock_timestamp() + make_interval(secs => r.rest_s) end,
    held_by = null,
    state = case when r.parked then 'parked' else l.state end,
    parked_at = case when r.parked then r.due_at else l.parked_at end,
    epoch = l.epoch + r.parked::int,
    reason = r.reason,
    list_most = case when r.advance then null else coalesce(r.list_most, l.list_most) end,
    copies = (l.copies or r.copies) and not (r.advance and l.read_back),
    read_back = r.read_back
from json_to_recordset(%s::json) as r(lane bigint, epoch bigint, advance boolean, head_state text,
    due_at timestamptz, rest_s float8, left_now boolean, may_have_arrived boolean, looks int, resent int, attempts int,
    failures int, parked boolean, reason text, list_most int, copies boolean, read_back boolean)
where l.id = r.lane and l.epoch = r.epoch and coalesce(l.held_by, '') <> ''
returning l.id
"""


async def lock(connection: Connection, lanes: Sequence[int]) -> None:
    """Locks *lanes* until the transaction ends, in the order that everybody keeps."""
    if lanes:
        await connection.execute(_LOCK, [as_array(lanes)])


async def change(connection: Connection, changes: Sequence[LaneChange]) -> set[int]:
    """Writes *changes* and gives the lanes that took theirs; the others were claimed or decided anew meanwhile, or took
    theirs in a transaction whose end nobody was told of.

    The caller has locked the lanes.
    """
    if not changes:
        return set()
    cursor = await connection.execute(_CHANGE, [as_json(changes)])
    return {row[0] for row in await cursor.fetchall()}


_GIVE_BACK: Final[LiteralString] = """
update lanes l set head_state = case l.head_state when 'sending' then 'ready' else l.head_state end,
    held_until = null, held_by = null
from unnest(%s::bigint[], %s::bigint[]) as r(id, epoch) where l.id = r.id and l.epoch = r.epoch
"""
_FORMS: Final[LiteralString] = """
update messages m set form = r.form
from unnest(%s::bigint[], %s::bigint[], %s::text[]) as r(lane, seq, form) where m.lane = r.lane and m.seq = r.seq
"""
_PROOF: Final[LiteralString] = """
select (select generation > 1 from store_state), array(select system from lanes_forgotten)
"""


async def give_back(connection: Connection, claimed: Sequence[Claimed]) -> None:
    """Ends claims of the same transaction, whose heads can't go now."""
    if claimed:
        lanes, epochs = as_array(one.lane for one in claimed), as_array(one.epoch for one in claimed)
        await connection.execute(_GIVE_BACK, [lanes, epochs])


async def keep_forms(connection: Connection, forms: Sequence[tuple[int, int, str]]) -> None:
    """Keeps *forms* (lane, seq, form) with their messages."""
    if forms:
        await connection.execute(_FORMS, [[one[part] for one in forms] for part in range(3)])


@dataclass(frozen=True, slots=True)
class Proof:
    """How far the store proves that nothing was sent of a key which it does not know."""

    restored: bool
    """It was restored from a backup once: it may have forgotten what was sent."""
    forgotten: frozenset[str]
    """Systems of which old lanes were deleted."""

    def holds_for(self, system: str) -> bool:
        """Whether a key of *system* that is not in the store, or was never marked, has never been sent."""
        return not self.restored and system not in self.forgotten


async def proof(connection: Connection) -> Proof:
    """The proof that the store gives now."""
    row = await (await connection.execute(_PROOF)).fetchone()
    return Proof(True, frozenset()) if row is None else Proof(row[0] is not False, frozenset(row[1]))


_OUTCOMES: Final[LiteralString] = """
insert into outcomes (lane, seq, kind, at, reason, answer)
select r.lane, r.seq, r.kind, r.at, r.reason, decode(r.answer, 'base64')
from json_to_recordset(%s::json)
    as r(lane bigint, seq bigint, kind text, at timestamptz, reason text, answer text)
on conflict do nothing
"""


class OutcomeRow(msgspec.Struct, frozen=True):
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
    """The targets that are paused at *now*: connectors, systems, ``connector.operation``, ``connector/upstream``."""
    cursor = await connection.execute("select target from pauses where until is null or until > %s", [now])
    return frozenset(row[0] for row in await cursor.fetchall())


async def share_pause_lock(connection: Connection) -> None:
    """Waits until no pause is being committed, and keeps the next one waiting until this transaction ends."""
    await connection.execute("select pg_advisory_xact_lock_shared(%s)", [PAUSE_LOCK])


async def still_held(connection: Connection, held: Sequence[tuple[int, int]]) -> set[tuple[int, int]]:
    """Those of *held* (lane, epoch) whose lease stands."""
    cursor = await connection.execute(
        _STILL_HELD, [as_array(lane for lane, _ in held), as_array(epoch for _, epoch in held)]
    )
    return {(lane, epoch) for lane, epoch in await cursor.fetchall()}
