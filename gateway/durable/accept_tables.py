"""The statements of acceptance; each runs in the transaction of its caller."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, LiteralString

from gateway.core.durable import CaseView
from gateway.durable.lanes.tables import Connection
from gateway.durable.orders import Order

KeyName = tuple[str, str, str]
"""Caller, operation and Idempotency-Key."""


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key that came before."""

    body_hash: bytes
    answer: bytes


_TAKE: Final[LiteralString] = """
insert into idempotency_keys (caller, operation, key, body_hash, created_at)
select * from unnest(%s::text[], %s::text[], %s::text[], %s::bytea[], %s::timestamptz[]) order by 1, 2, 3
on conflict do nothing
returning caller, operation, key
"""
_KNOWN: Final[LiteralString] = """
select k.caller, k.operation, k.key, k.body_hash, k.answer
from idempotency_keys k join unnest(%s::text[], %s::text[], %s::text[]) as r(caller, operation, key)
    using (caller, operation, key)
"""
_FORGET: Final[LiteralString] = """
delete from idempotency_keys k using unnest(%s::text[], %s::text[], %s::text[]) as r(caller, operation, key)
where (k.caller, k.operation, k.key) = (r.caller, r.operation, r.key)
"""
_ANSWERED: Final[LiteralString] = """
update idempotency_keys k set lane = r.lane, seq = r.seq, answer = r.answer
from unnest(%s::text[], %s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::bytea[])
    as r(caller, operation, key, lane, seq, answer)
where (k.caller, k.operation, k.key) = (r.caller, r.operation, r.key)
"""


async def take_keys(connection: Connection, keys: Sequence[tuple[KeyName, bytes]], now: datetime) -> set[KeyName]:
    """Takes the keys that are new, and gives them; waits for a transaction that is just taking one of them."""
    if not keys:
        return set()
    names = [name for name, _ in keys]
    cursor = await connection.execute(_TAKE, [*_columns(names), [body for _, body in keys], [now] * len(keys)])
    return {(caller, operation, key) for caller, operation, key in await cursor.fetchall()}


async def known_keys(connection: Connection, names: Sequence[KeyName]) -> dict[KeyName, KnownKey]:
    """The first answers of *names*."""
    if not names:
        return {}
    cursor = await connection.execute(_KNOWN, _columns(names))
    return {(row[0], row[1], row[2]): KnownKey(row[3], row[4]) for row in await cursor.fetchall()}


async def forget_keys(connection: Connection, names: Sequence[KeyName]) -> None:
    """Gives *names* back: their orders were refused."""
    if names:
        await connection.execute(_FORGET, _columns(names))


def _columns(names: Sequence[KeyName]) -> list[list[str]]:
    return [[name[part] for name in names] for part in range(3)]


@dataclass(frozen=True, slots=True)
class LaneRow:
    """A lane that is locked."""

    id: int
    head: int
    tail: int
    created: bool
    state: str = "open"
    left_before: bool = False
    """A message of it has left, or may have left."""
    uncertain_until: int = 0
    """Messages up to this place have left or may have left, or are being sent just now."""
    read_back: bool = False

    @property
    def waiting(self) -> int:
        """Orders that the system does not have yet."""
        return self.tail - self.head + 1 - self.read_back

    @property
    def first_unsent(self) -> int:
        """The place before which no other message may go. A parked head has left, and was refused."""
        return max(self.uncertain_until + 1, self.head + (self.state == "parked"))

    def longer(self) -> LaneRow:
        """The lane with one more message; its tail is the place of it."""
        return replace(self, tail=self.tail + 1)


_MAKE_LANES: Final[LiteralString] = """
insert into lanes (system, key) select * from unnest(%s::text[], %s::text[]) order by 1, 2
on conflict do nothing
returning id
"""
_LOCK_LANES: Final[LiteralString] = """
select l.system, l.key, l.id, l.head, l.tail, l.state, l.left_before,
    greatest(l.ask_until, case when l.head_state <> 'ready' or l.may_have_arrived
            or (l.held_by is not null and l.held_until > clock_timestamp()) then l.head else l.head - 1 end),
    l.read_back
from lanes l join unnest(%s::text[], %s::text[]) as r(system, key) using (system, key)
order by l.id for update of l
"""


async def lock_lanes(connection: Connection, wanted: Collection[tuple[str, str]]) -> dict[tuple[str, str], LaneRow]:
    """The lanes *wanted* (system, key), made where they are new, and locked by id."""
    if not wanted:
        return {}
    listed = sorted(wanted)
    columns = [[system for system, _ in listed], [key for _, key in listed]]
    made: set[int] = set()
    found: list[tuple[Any, ...]] = []
    while len(found) < len(listed):  # one that was just being deleted after its time is made anew
        cursor = await connection.execute(_MAKE_LANES, columns)
        made.update([row[0] for row in await cursor.fetchall()])
        cursor = await connection.execute(_LOCK_LANES, columns)
        found = await cursor.fetchall()
    return {
        (system, key): LaneRow(lane, head, tail, lane in made, *rest) for system, key, lane, head, tail, *rest in found
    }


async def drop_empty(connection: Connection, lanes: Sequence[int]) -> None:
    """Removes lanes that were made for orders which were then refused."""
    if lanes:
        await connection.execute("delete from lanes where id = any(%s) and tail = 0", [lanes])


async def cases_of(connection: Connection, lanes: Sequence[int]) -> dict[int, CaseView]:
    """The cases of *lanes*, locked by id."""
    if not lanes:
        return {}
    cursor = await connection.execute(
        "select id, caller, state from cases where id = any(%s) order by id for update", [lanes]
    )
    return {lane: CaseView(caller, state, 0) for lane, caller, state in await cursor.fetchall()}


@dataclass(frozen=True, slots=True)
class Placed:
    """An order and its lane, whose tail is the order's place."""

    order: Order
    lane: LaneRow
    answer: bytes | None
    """Sealed; None where the order has no key."""
    seq: int
    form: str | None = None


_MESSAGES: Final[LiteralString] = """
insert into messages (lane, seq, operation, caller, request_id, accepted_at, body, form, sort, same)
select r.lane, r.seq, r.operation, r.caller, r.request_id, %s, r.body, r.form, r.sort, r.same
from unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::bytea[], %s::text[], %s::text[],
            %s::bytea[])
    as r(lane, seq, operation, caller, request_id, body, form, sort, same)
"""
_LENGTHEN: Final[LiteralString] = """
update lanes l set
    tail = greatest(l.tail, r.tail),
    operation = case when l.head > l.tail then r.operation else l.operation end,
    head_state = case when l.head > l.tail then 'ready' else l.head_state end,
    may_have_arrived = l.may_have_arrived and l.head <= l.tail,
    looks = case when l.head > l.tail then 0 else l.looks end,
    resent = case when l.head > l.tail then 0 else l.resent end,
    attempts = case when l.head > l.tail then 0 else l.attempts end,
    failures = case when l.head > l.tail then 0 else l.failures end,
    list_most = case when l.head > l.tail then null else l.list_most end,
    due_at = case when l.head > l.tail then %s else l.due_at end
from (
    select lane, max(tail) as tail, (array_agg(operation order by tail))[1] as operation
    from unnest(%s::bigint[], %s::bigint[], %s::text[]) as r(lane, tail, operation) group by lane
) r
where l.id = r.lane
"""
_CASES: Final[LiteralString] = """
insert into cases (id, system, key, caller, state, opened_at, changed_at, due_at)
select r.id, r.system, r.key, r.caller, r.state, %s, %s, r.due_at
from unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[])
    as r(id, system, key, caller, state, due_at)
on conflict (id) do update set state = excluded.state, changed_at = excluded.changed_at, ended_at = null,
    caller = excluded.caller, opened_at = excluded.opened_at, due_at = excluded.due_at, overdue_told = false
"""
_TRACES: Final[LiteralString] = """
update cases c set trace = r.trace from unnest(%s::bigint[], %s::text[]) as r(id, trace) where c.id = r.id
"""
_CASE_STATES: Final[LiteralString] = """
update cases c set state = r.state, changed_at = %s
from unnest(%s::bigint[], %s::text[]) as r(id, state) where c.id = r.id
"""


async def place(connection: Connection, placed: Sequence[Placed], now: datetime) -> None:
    """Writes messages at the ends of their lanes, cases and first answers."""
    if not placed:
        return
    await add_messages(connection, placed, now)
    lanes, seqs = [one.lane.id for one in placed], [one.seq for one in placed]
    await connection.execute(_LENGTHEN, [now, lanes, seqs, [one.order.line.operation for one in placed]])
    await put_cases(connection, placed, now)
    await answered(connection, placed)


async def add_messages(connection: Connection, placed: Sequence[Placed], now: datetime) -> None:
    """Writes the messages alone."""
    await connection.execute(
        _MESSAGES,
        [
            now,
            [one.lane.id for one in placed],
            [one.seq for one in placed],
            [one.order.line.operation for one in placed],
            [one.order.caller for one in placed],
            [one.order.request_id for one in placed],
            [one.order.sealed for one in placed],
            [one.form for one in placed],
            [one.order.sort for one in placed],
            [one.order.same for one in placed],
        ],
    )


async def answered(connection: Connection, placed: Sequence[Placed]) -> None:
    """Keeps the first answers of orders with a key; *seq* is the place that the order has now."""
    keyed = [one for one in placed if one.order.idempotency_key is not None]
    if keyed:
        await connection.execute(
            _ANSWERED,
            [
                *_columns([one.order.known_as for one in keyed]),
                [one.lane.id for one in keyed],
                [one.seq for one in keyed],
                [one.answer for one in keyed],
            ],
        )


async def put_cases(connection: Connection, placed: Sequence[Placed], now: datetime) -> None:
    """Opens the cases of *placed*, or moves them to the state that an order brings."""
    followed = [one for one in placed if one.order.line.following is not None]
    # Of several orders of one case the last one tells its state; a statement takes each case once.
    opening = _last_of_each([one for one in followed if one.order.line.order.opens_case])
    if opening:
        await connection.execute(
            _CASES,
            [
                now,
                now,
                [one.lane.id for one in opening],
                [one.order.line.system for one in opening],
                [one.order.key for one in opening],
                [one.order.caller for one in opening],
                [one.order.line.order.accepted_state for one in opening],
                [one.order.due_at for one in opening],
            ],
        )
    if traced := [one for one in opening if one.order.trace]:
        await connection.execute(_TRACES, [[one.lane.id for one in traced], [one.order.trace for one in traced]])
    others = _last_of_each([one for one in followed if not one.order.line.order.opens_case])
    if others:
        await connection.execute(
            _CASE_STATES,
            [now, [one.lane.id for one in others], [one.order.line.order.accepted_state for one in others]],
        )


def _last_of_each(placed: Sequence[Placed]) -> list[Placed]:
    return list({one.lane.id: one for one in placed}.values())
