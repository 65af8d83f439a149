"""The statements for orders that do not go to the end of their lane; each runs in the transaction of its caller.

The caller has locked the lanes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, LiteralString

from gateway.durable import accept_tables
from gateway.durable.accept_tables import Placed
from gateway.durable.lanes.tables import Connection

MOST_KNOWN: Final = 500
"""Messages of a lane that a new order is compared with, the newest."""


@dataclass(frozen=True, slots=True)
class KnownMessage:
    """A message of a lane, without its body. *ended*: how, None while it waits."""

    seq: int
    operation: str
    caller: str
    sort: str | None
    same: bytes | None
    ended: str | None


_MESSAGES: Final[LiteralString] = """
select l.id, m.seq, m.operation, m.caller, m.sort, m.same, m.kind
from unnest(%s::bigint[]) as l(id) cross join lateral (
    select m.seq, m.operation, m.caller, m.sort, m.same, o.kind
    from messages m left join outcomes o using (lane, seq)
    where m.lane = l.id order by m.seq desc limit %s
) m
order by l.id, m.seq
"""


async def messages_of(connection: Connection, lanes: Sequence[int]) -> dict[int, list[KnownMessage]]:
    """The newest messages of each of *lanes*, oldest first."""
    found: dict[int, list[KnownMessage]] = {}
    if lanes:
        cursor = await connection.execute(_MESSAGES, [list(lanes), MOST_KNOWN])
        for lane, *row in await cursor.fetchall():
            found.setdefault(lane, []).append(KnownMessage(*row))
    return found


# ---- before others

# Places are unique at each moment, so the rows pass below zero on their way.
_AWAY: Final[LiteralString] = "update messages set seq = -seq - 1, form = null where lane = %s and seq >= %s"
_BACK: Final[LiteralString] = "update messages set seq = -seq where lane = %s and seq < 0"
_TOLD: Final[LiteralString] = "update events set seq = seq + 1 where system = %s and key = %s and seq >= %s"
_LONGER: Final[LiteralString] = """
update lanes set tail = tail + 1, epoch = epoch + (head = %(seq)s)::int,
    state = case when %(opens)s then 'open' else state end,
    reason = case when %(opens)s then null else reason end,
    due_at = case when %(opens)s or (head = %(seq)s and state = 'open') then %(now)s else due_at end,
    operation = case when head = %(seq)s then %(operation)s else operation end,
    tried_at = case when head = %(seq)s then null else tried_at end,
    looks = case when head = %(seq)s then 0 else looks end,
    resent = case when head = %(seq)s then 0 else resent end,
    attempts = case when head = %(seq)s then 0 else attempts end,
    failures = case when head = %(seq)s then 0 else failures end,
    list_most = case when head = %(seq)s then null else list_most end
where id = %(lane)s
"""


async def insert(connection: Connection, placed: Placed, now: datetime, *, opens: bool) -> None:
    """Puts an order before others that have not left; *opens*: what was held behind it is not held any more."""
    lane, order = placed.lane, placed.order
    await connection.execute(_AWAY, [lane.id, placed.seq])
    await connection.execute(_BACK, [lane.id])
    await connection.execute(_TOLD, [order.line.system, order.key, placed.seq])
    await accept_tables.add_messages(connection, [placed], now)
    await connection.execute(
        _LONGER,
        {"opens": opens, "now": now, "seq": placed.seq, "operation": order.line.operation, "lane": lane.id},
    )
    await accept_tables.put_cases(connection, [placed], now)
    await accept_tables.answered(connection, [placed])


# ---- in the place of another

_REPLACE: Final[LiteralString] = """
with old as (select request_id from messages where lane = %(lane)s and seq = %(seq)s)
update messages set caller = %(caller)s, request_id = %(request_id)s, accepted_at = %(now)s, body = %(body)s,
    edited = false, form = %(form)s, sort = %(sort)s, same = %(same)s
where lane = %(lane)s and seq = %(seq)s
returning (select request_id from old)
"""
_RENEWED: Final[LiteralString] = """
update lanes set epoch = epoch + (head = tail)::int, attempts = case when head = tail then 0 else attempts end,
    list_most = case when head = tail then null else list_most end
where id = %s
"""


async def replace(connection: Connection, placed: Placed, now: datetime) -> str:
    """Puts an order in place of the last one of its lane, which never left, and gives the request id of that one."""
    order = placed.order
    cursor = await connection.execute(
        _REPLACE,
        {
            "lane": placed.lane.id,
            "seq": placed.seq,
            "caller": order.caller,
            "request_id": order.request_id,
            "now": now,
            "body": order.sealed,
            "form": placed.form,
            "sort": order.sort,
            "same": order.same,
        },
    )
    row = await cursor.fetchone()
    assert row is not None, "its lane is locked"
    await connection.execute(_RENEWED, [placed.lane.id])
    await accept_tables.put_cases(connection, [placed], now)
    await accept_tables.answered(connection, [placed])
    return str(row[0])


# ---- held

_HOLD: Final[LiteralString] = """
update lanes l set state = 'held', due_at = null, reason = r.reason
from unnest(%s::bigint[], %s::text[]) as r(id, reason) where l.id = r.id
"""
_HELD: Final[LiteralString] = "select coalesce(sum(tail - head + 1), 0)::bigint from lanes where state = 'held'"


async def hold(connection: Connection, reasons: Mapping[int, str]) -> None:
    """Lets the orders of lanes wait for the one that opens their case; reasons by lane."""
    if reasons:
        await connection.execute(_HOLD, [list(reasons), list(reasons.values())])


async def held(connection: Connection) -> int:
    """How many orders are held, in all lanes."""
    row = await (await connection.execute(_HELD)).fetchone()
    return row[0] if row else 0
