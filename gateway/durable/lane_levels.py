"""Counts the lanes that wait, and the cases that are late, for the metrics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, LiteralString, TypeAlias

from gateway.durable.lanes import tables
from gateway.durable.lanes.tables import Connection

Levels: TypeAlias = dict[tuple[str, ...], float]
STATES: Final = ("waiting", "sending", "unknown", "parked", "held")
AGES: Final = ("minute", "hour", "day", "older")
"""Less than a minute, an hour, a day, or more."""
_COUNT: Final[LiteralString] = """
select l.system,
    case when l.state in ('parked', 'held') then l.state
        when l.head_state = 'unknown' then 'unknown'
        when l.head_state = 'sending' then 'sending'
        else 'waiting' end as state,
    case when m.accepted_at > %(now)s - interval '1 minute' then 'minute'
        when m.accepted_at > %(now)s - interval '1 hour' then 'hour'
        when m.accepted_at > %(now)s - interval '1 day' then 'day'
        else 'older' end as age,
    count(*)::float8,
    sum(l.tail - l.head + 1 - l.read_back::int)::float8,
    coalesce(extract(epoch from %(now)s - min(m.accepted_at)), 0)::float8
from lanes l join messages m on m.lane = l.id and m.seq = l.head
where l.head <= l.tail
group by 1, 2, 3
"""
_LATE: Final[LiteralString] = """
select system, count(*)::float8 from cases where ended_at is null and due_at < %s group by system
"""


@dataclass(frozen=True, slots=True)
class LaneLevels:
    """As counted last. Seconds."""

    lanes: Mapping[tuple[str, ...], float] = field(default_factory=dict)
    """By system and state; a system that is configured is there with each state."""
    oldest_s: Mapping[tuple[str, ...], float] = field(default_factory=dict)
    """By system: since the acceptance of the order that waits longest."""
    unconfirmed: Mapping[tuple[str, ...], float] = field(default_factory=dict)
    """By system and age: orders accepted here that the system does not have, by the age of their dossier's oldest."""
    overdue: Mapping[tuple[str, ...], float] = field(default_factory=dict)
    """By system: cases that have not ended within the time limit of the law."""
    paused: Mapping[tuple[str, ...], float] = field(default_factory=dict)
    """By target: 1 while it is paused."""


async def count(connection: Connection, systems: frozenset[str], targets: frozenset[str], now: datetime) -> LaneLevels:
    """The levels at *now*, zero for each of *systems* and *targets* that nothing is known of."""
    lanes: Levels = {(system, state): 0.0 for system in systems for state in STATES}
    oldest: Levels = {(system,): 0.0 for system in systems}
    unconfirmed: Levels = {(system, age): 0.0 for system in systems for age in AGES}
    cursor = await connection.execute(_COUNT, {"now": now})
    for system, state, age, number, orders, seconds in await cursor.fetchall():
        lanes[system, state] = lanes.get((system, state), 0.0) + number
        unconfirmed[system, age] = unconfirmed.get((system, age), 0.0) + orders
        oldest[system,] = max(oldest.get((system,), 0.0), seconds)
    overdue: Levels = {(system,): 0.0 for system in systems}
    cursor = await connection.execute(_LATE, [now])
    overdue.update({(system,): number for system, number in await cursor.fetchall()})
    paused: Levels = {(target,): 0.0 for target in targets}
    paused.update({(target,): 1.0 for target in await tables.paused(connection, now)})
    return LaneLevels(lanes, oldest, unconfirmed, overdue, paused)
