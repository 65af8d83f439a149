"""The operator's hand on lanes: list, look, retry, edit, skip, cancel. Each runs in the transaction of its caller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, LiteralString

from psycopg.rows import dict_row

from gateway.durable.lanes.tables import Connection

Deed = Literal["retry", "edit", "skip", "cancel"]
LaneState = Literal["parked", "open", "held", "sending", "unknown", "any"]

_LIST: Final[LiteralString] = """
select l.system, l.key, l.state, l.head_state, l.operation, l.reason, l.head, l.tail,
    l.tail - l.head + 1 - l.read_back::int as waiting,
    l.attempts, l.failures, l.due_at, l.parked_at, l.held_by, l.held_until, m.accepted_at as waiting_since, m.caller
from lanes l join messages m on m.lane = l.id and m.seq = l.head
where (%(system)s::text is null or l.system = %(system)s)
  and (%(keys)s::text[] is null or l.key = any(%(keys)s))
  and (%(reason)s::text is null or l.reason = %(reason)s)
  and case %(state)s
        when 'parked' then l.state = 'parked'
        when 'open' then l.state = 'open'
        when 'held' then l.state = 'held'
        when 'sending' then l.state = 'open' and l.head_state = 'sending'
        when 'unknown' then l.head_state = 'unknown'
        else true
      end
order by m.accepted_at, l.id limit %(most)s
"""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which lanes are meant; None leaves a field open. Only lanes with a waiting message are found."""

    system: str | None = None
    state: LaneState = "any"
    keys: tuple[str, ...] | None = None
    reason: str | None = None


async def listed(connection: Connection, wanted: Filter, most: int) -> list[dict[str, Any]]:
    """The lanes of *wanted* as rows without anything personal, the longest waiting first."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            _LIST,
            {
                "system": wanted.system,
                "keys": None if wanted.keys is None else list(wanted.keys),
                "reason": wanted.reason,
                "state": wanted.state,
                "most": most,
            },
        )
        return await cursor.fetchall()


_LANE: Final[LiteralString] = """
select id, system, key, state, head_state, operation, reason, head, tail, attempts, failures, due_at, parked_at,
    held_until, held_by, epoch, may_have_arrived
from lanes where system = %s and key = %s
"""
_MESSAGES: Final[LiteralString] = """
select m.seq, m.operation, m.caller, m.request_id, m.accepted_at, m.edited, o.kind as ended, o.at as ended_at, o.reason
from messages m left join outcomes o using (lane, seq) where m.lane = %s order by m.seq desc limit %s
"""


async def any_of(connection: Connection, system: str) -> bool:
    """Whether there is a lane of *system*."""
    found = await connection.execute("select 1 from lanes where system = %s limit 1", [system])
    return await found.fetchone() is not None


async def lane(connection: Connection, system: str, key: str) -> dict[str, Any] | None:
    """The row of a lane, None where there is none."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_LANE, [system, key])
        return await cursor.fetchone()


async def messages(connection: Connection, number: int, most: int) -> list[dict[str, Any]]:
    """The newest messages of a lane with how each ended; no bodies."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_MESSAGES, [number, most])
        return await cursor.fetchall()


@dataclass(frozen=True, slots=True)
class Locked:
    """A lane that an operator's deed has locked."""

    id: int
    system: str
    key: str
    state: str
    head: int
    tail: int
    head_state: str
    may_have_arrived: bool
    operation: str | None
    held: bool
    """A worker is sending its head just now."""

    @property
    def uncertain(self) -> bool:
        """Its head may have arrived, or may still arrive."""
        return self.may_have_arrived or self.head_state != "ready"

    @property
    def waiting(self) -> int:
        """Messages that the system does not have yet."""
        return self.tail - self.head + 1


_LOCK: Final[LiteralString] = """
select id, system, key, state, head, tail, head_state, may_have_arrived, operation,
    held_by is not null and held_until > clock_timestamp()
from lanes where system = %s and key = any(%s) order by id for update
"""


async def lock(connection: Connection, system: str, keys: Sequence[str]) -> list[Locked]:
    """The lanes *keys* of *system*, locked."""
    cursor = await connection.execute(_LOCK, [system, list(keys)])
    return [Locked(*row) for row in await cursor.fetchall()]


def hindrance(lane: Locked, deed: Deed) -> str | None:
    """Why *deed* can't be done to *lane* now, in a word; None where it can."""
    if lane.waiting <= 0:
        return "nothing_waits"
    if lane.held:
        return "being_sent"
    return "outcome_unknown" if lane.uncertain and deed in {"edit", "cancel"} else None


# Of a ready head without a worker, held_until is the time in which a copy of the order before it may still arrive, and
# overwrite what this one writes; of one that is read back, that in which a copy of its own may: no deed ends it.
_RETRY: Final[LiteralString] = """
update lanes set state = 'open', attempts = 0, failures = 0, looks = 0, resent = 0, due_at = %s,
    held_until = case when held_by is null and (head_state = 'ready' or read_back) then held_until end,
    held_by = null, parked_at = null, epoch = epoch + 1
where id = any(%s)
"""


_CHOOSE_ANEW: Final[LiteralString] = """
update messages m set form = null from unnest(%s::bigint[], %s::bigint[]) as r(lane, seq)
where m.lane = r.lane and m.seq = r.seq and m.form is not null
"""


async def retry(connection: Connection, lanes: Sequence[Locked], now: datetime) -> None:
    """Opens the lanes; their heads go now, or are asked for where their outcome is not known. The form of a head that
    certainly did not arrive is chosen anew.
    """
    certain = [one for one in lanes if not one.uncertain]
    await connection.execute(_CHOOSE_ANEW, [[one.id for one in certain], [one.head for one in certain]])
    await connection.execute(_RETRY, [now, [one.id for one in lanes]])


async def edit(connection: Connection, one: Locked, body: bytes, now: datetime) -> None:
    """Puts *body* (sealed) in place of the head's message, and lets it go where it is not held."""
    await connection.execute(
        "update messages set body = %s, edited = true where lane = %s and seq = %s", [body, one.id, one.head]
    )
    if one.state != "held":
        await retry(connection, [one], now)


_ENDED: Final[LiteralString] = """
insert into outcomes (lane, seq, kind, at, reason)
select m.lane, m.seq, %s, %s, %s from messages m join lanes l on l.id = m.lane
where m.lane = any(%s) and m.seq >= l.head and m.seq <= case when %s then l.tail else l.head end
on conflict do nothing
"""
_GO_ON: Final[LiteralString] = """
update lanes l set
    head = case when %(all)s then l.tail + 1 else l.head + 1 end,
    operation = case when %(all)s then null
        else (select operation from messages m where m.lane = l.id and m.seq = l.head + 1) end,
    state = case when l.state = 'held' and not %(all)s and l.head < l.tail then 'held' else 'open' end,
    tried_at = null, left_at = null,
    head_state = case when l.head < l.ask_until and not %(all)s then 'unknown' else 'ready' end,
    may_have_arrived = l.head < l.ask_until and not %(all)s,
    marked_at = case when l.head < l.ask_until and not %(all)s then l.marked_at end,
    looks = 0, resent = 0, attempts = 0, failures = 0,
    held_until = case when l.held_by is null and (l.head_state = 'ready' or l.read_back) then l.held_until end,
    held_by = null, parked_at = null, epoch = l.epoch + 1, list_most = null, read_back = false,
    reason = case when l.state = 'held' and not %(all)s and l.head < l.tail then l.reason end,
    due_at = case when %(all)s or l.head + 1 > l.tail or l.state = 'held' then null else %(now)s::timestamptz end
where l.id = any(%(lanes)s)
"""


async def skip(connection: Connection, lanes: Sequence[Locked], why: str, now: datetime) -> None:
    """Passes over the heads: they are not sent any more, and their followers go."""
    await _pass(connection, lanes, why, now, "skipped", everything=False)


_REST: Final[LiteralString] = """
update lanes l set held_until = clock_timestamp() + make_interval(secs => r.rest_s)
from unnest(%s::bigint[], %s::float8[]) as r(id, rest_s) where l.id = r.id
"""


async def rest(connection: Connection, rests: Mapping[int, float]) -> None:
    """Lets the heads of lanes wait so many seconds of real time; by lane."""
    await connection.execute(_REST, [list(rests), list(rests.values())])


async def cancel(connection: Connection, lanes: Sequence[Locked], why: str, now: datetime) -> None:
    """Passes over all that waits in the lanes."""
    await _pass(connection, lanes, why, now, "cancelled", everything=True)


async def _pass(
    connection: Connection, lanes: Sequence[Locked], why: str, now: datetime, kind: str, *, everything: bool
) -> None:
    ids = [one.id for one in lanes]
    await connection.execute(_ENDED, [kind, now, why, ids, everything])
    await connection.execute(_GO_ON, {"all": everything, "now": now, "lanes": ids})


async def body_of(connection: Connection, one: Locked) -> bytes | None:
    """The sealed message at the head."""
    cursor = await connection.execute("select body from messages where lane = %s and seq = %s", [one.id, one.head])
    row = await cursor.fetchone()
    return None if row is None else bytes(row[0])
