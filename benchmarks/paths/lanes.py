"""Half a million lanes: how long a claim takes where much is due, and where nothing is."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any, Final, LiteralString

from psycopg import AsyncConnection

from benchmarks.measuring import Bench, Row, Sample, said
from benchmarks.store import CLEAR, execute, postgres
from gateway.durable.lanes import tables

LANES: Final = 500_000
CLAIMED: Final = 100
TIMES: Final = 40
_FILL: Final[LiteralString] = """
with l as (
    insert into lanes (system, key, tail, operation, due_at)
    select 'bare', n::text, 1, 'bare.apply', now() + make_interval(secs => n % 1000) from generate_series(1, 500000) n
    returning id
)
insert into messages (lane, seq, operation, caller, request_id, accepted_at, body)
select id, 1, 'bare.apply', 'portal', '1', now(), decode(repeat('ab', 1800), 'hex') from l
"""


def measure(bench: Bench) -> list[Row]:
    with postgres(bench.folder) as store:
        execute(store, CLEAR, _FILL, "vacuum analyze lanes", "vacuum analyze messages")
        due, idle = asyncio.run(_claims(store))
    return [
        said(
            f"{CLAIMED} of {LANES:,} lanes claimed",
            f"{due.median:.1f} ms",
            baseline=f"{min(due.values):.1f}–{max(due.values):.1f}",
            target="reported",
        ),
        said(
            "a claim where nothing is due",
            f"{idle.median:.2f} ms",
            baseline=f"{min(idle.values):.2f}–{max(idle.values):.2f}",
            target="< 1 ms",
            held=idle.median < 1.0,
        ),
    ]


async def _claims(store: str) -> tuple[Sample, Sample]:
    now = datetime.now(UTC)
    async with await AsyncConnection.connect(store) as connection:
        found = []
        for at in (now + timedelta(days=1), now - timedelta(days=1)):
            await _claim(connection, at)
            found.append(Sample(tuple([await _claim(connection, at) for _ in range(TIMES)])))
    return found[0], found[1]


async def _claim(connection: AsyncConnection[Any], at: datetime) -> float:
    """Milliseconds for a claim, with its commit."""
    began = time.perf_counter()
    async with connection.transaction():
        await tables.claim(connection, "bare", ["bare.apply"], most=CLAIMED, now=at, lease_s=90.0, worker="bench")
    return (time.perf_counter() - began) * 1_000
