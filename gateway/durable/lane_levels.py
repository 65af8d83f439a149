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
_COUNT: Final[LiteralString] = """
select l.system,
    case when l.state in ('parked', 'held') then l.state
        when l.head_state = 'unknown' then 'unknown'
        when l.head_state = 'sending' then 'sending'
        else 'waiting' end as state,
    count(*)::float8,
    coalesce(extract(epoch from %s - min(m.accepted_at)), 0)::float8
from lanes l join messages m on m.lane = l.id and m.seq = l.head
where l.head <= l.tail
group by 1, 2
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
    overdue: Mapping[tuple[str, ...], float] = field(default_factory=dict)
    """By system: cases that have not ended within the time limit of the law."""
    paused: Mapping[tuple[str, ...], float] = field(default_factory=dict)
    """By target: 1 while it is paused."""


async def count(connection: Connection, systems: frozenset[str], targets: frozenset[str], now: datetime) -> LaneLevels:
    """The levels at *now*, zero for each of *systems* and *targets* that nothing is known of."""
    lanes: Levels = {(system, state): 0.0 for system in systems for state in STATES}
    oldest: Levels = {(system,): 0.0 for system in systems}
    cursor = await connection.execute(_COUNT, [now])
    for system, state, number, age in await cursor.fetchall():
        lanes[system, state] = number
        oldest[system,] = max(oldest.get((system,), 0.0), age)
    overdue: Levels = {(system,): 0.0 for system in systems}
    cursor = await connection.execute(_LATE, [now])
    overdue.update({(system,): number for system, number in await cursor.fetchall()})
    paused: Levels = {(target,): 0.0 for target in targets}
    paused.update({(target,): 1.0 for target in await tables.paused(connection, now)})
    return LaneLevels(lanes, oldest, overdue, paused)
