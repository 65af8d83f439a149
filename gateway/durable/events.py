"""The events of cases and lanes: what the history, the event streams and the notices are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal, LiteralString

import orjson

from gateway.core.durable import Moment
from gateway.durable.lanes.tables import Connection

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
]


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """One event of a key; *detail* has words and codes alone, personal data goes sealed into *data*."""

    system: str
    key: str
    at: datetime
    kind: Kind
    seq: int | None = None
    detail: Mapping[str, object] = field(default_factory=dict)
    data: bytes | None = None


_ADD: Final[LiteralString] = """
insert into events (system, key, at, kind, seq, detail, data)
select * from unnest(%s::text[], %s::text[], %s::timestamptz[], %s::text[], %s::bigint[], %s::jsonb[], %s::bytea[])
"""


async def add(connection: Connection, events: Sequence[CaseEvent]) -> None:
    """Keeps *events*, in the transaction of what they tell."""
    if events:
        await connection.execute(
            _ADD,
            [
                [one.system for one in events],
                [one.key for one in events],
                [one.at for one in events],
                [one.kind for one in events],
                [one.seq for one in events],
                [orjson.dumps(one.detail).decode() for one in events],
                [one.data for one in events],
            ],
        )


_OF_KEY: Final[LiteralString] = """
select at, kind, detail from (
    select id, at, kind, detail from events where system = %s and key = %s order by id desc limit %s
) newest order by id
"""


async def of_key(connection: Connection, system: str, key: str, most: int) -> list[Moment]:
    """The newest events of a key, oldest first."""
    cursor = await connection.execute(_OF_KEY, [system, key, most])
    return [Moment(at, kind, detail) for at, kind, detail in await cursor.fetchall()]
