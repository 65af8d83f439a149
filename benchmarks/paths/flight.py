"""A thousand equal requests at once with a cold cache: one of them reaches the source."""

from __future__ import annotations

import asyncio
from typing import Final
from urllib.parse import urlsplit

from benchmarks.client import Connection
from benchmarks.load import Asks
from benchmarks.measuring import Bench, Row, said
from benchmarks.processes import Server
from benchmarks.subjects import ENTERPRISES, HEADERS, arrivals, gateway, instant_upstream

EQUAL: Final = 1_000


def measure(bench: Bench) -> list[Row]:
    rows = []
    with (
        instant_upstream(bench.folder, bench.cores.load, delay=0.2) as upstream,
        gateway(bench.folder, upstream.url, bench.cores.server) as ours,
    ):
        for number in range(1 if bench.quick else 3):
            before = arrivals(upstream)
            statuses = asyncio.run(_at_once(ours, next(Asks(ENTERPRISES).paths(number * 1000))))
            calls = arrivals(upstream) - before
            held = calls == 1 and statuses == {200}
            rows.append(
                said(f"{EQUAL:,} equal cold requests", f"{calls} upstream calls", target="exactly 1", held=held)
            )
    return rows[-1:] if all(row.held for row in rows) else [row for row in rows if not row.held]


async def _at_once(server: Server, path: str) -> set[int]:
    where = urlsplit(server.url)
    opened = [await Connection.open(str(where.hostname), int(where.port or 0)) for _ in range(EQUAL)]
    answers = await asyncio.gather(*(connection.get(path, HEADERS) for connection in opened))
    for connection in opened:
        connection.close()
    return {answer.status for answer in answers}
