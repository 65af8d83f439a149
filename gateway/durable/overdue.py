"""Tells, once for each case, that the law's time limit has passed without an end."""

from __future__ import annotations

from datetime import datetime
from typing import Final, LiteralString

from gateway.durable import events
from gateway.durable.events import CaseEvent
from gateway.durable.lanes import tables
from gateway.durable.lanes.tables import Connection

MOST: Final = 100
"""Cases of one turn."""
_LATE: Final[LiteralString] = """
select id from cases where ended_at is null and not overdue_told and due_at < %s order by due_at limit %s
"""
_MARK: Final[LiteralString] = """
update cases set overdue_told = true
where id = any(%s) and ended_at is null and not overdue_told and due_at < %s
returning system, key, due_at
"""


async def mark(connection: Connection, now: datetime) -> int:
    """Adds the event ``overdue`` to cases that are late at *now*, in the transaction of the caller; gives how many."""
    cursor = await connection.execute(_LATE, [now, MOST])
    late = [row[0] for row in await cursor.fetchall()]
    if not late:
        return 0
    await tables.lock(connection, late)  # so that the events of a key keep their sequence
    cursor = await connection.execute(_MARK, [late, now])
    told = [
        CaseEvent(system, key, now, "overdue", detail={"due_at": due_at.isoformat()})
        for system, key, due_at in await cursor.fetchall()
    ]
    await events.add(connection, told)
    return len(told)
