"""One source hangs, at full load; what another's callers wait must not change."""

from __future__ import annotations

import asyncio
from typing import Final

from benchmarks.arriving import Seen, arriving
from benchmarks.load import Asks
from benchmarks.measuring import Bench, Row, Sample, interleaved, ratios
from benchmarks.processes import Server
from benchmarks.subjects import DOCUMENTS, ENTERPRISES, HEADERS, gateway, instant_upstream

RATE: Final = 150.0
HANGING_RATE: Final = 60.0


def measure(bench: Bench) -> list[Row]:
    seconds = 3 if bench.quick else 6
    with instant_upstream(bench.folder, bench.cores.load, delay=0.02) as upstream:
        hanging = {"url": f"{upstream.url}/hanging/business-registry", "bulkhead": {"limit": 10, "queue": 20}}
        changes = {"connectors": {"business_registry": {"upstreams": {"ngsp": hanging}}}}
        with gateway(bench.folder, upstream.url, bench.cores.server, changes) as ours:
            asyncio.run(_ask(bench, ours, 1, with_hanging=False))
            found = interleaved(
                max(3, bench.rounds),
                {
                    "calm": lambda: asyncio.run(_ask(bench, ours, seconds, with_hanging=False)),
                    "hanging": lambda: asyncio.run(_ask(bench, ours, seconds, with_hanging=True)),
                },
            )
    moved = ratios(found["hanging"], found["calm"])
    return [_row(found["calm"], found["hanging"], moved)]


def _row(calm: Sample, hanging: Sample, moved: Sample) -> Row:
    return Row(
        path="one connector hanging: another's p99",
        measured=f"{hanging.median * 1000:.1f} ms",
        baseline=f"{calm.median * 1000:.1f} ms before",
        ratio=f"{moved.median:.2f}",
        spread=f"{min(moved.values):.2f}–{max(moved.values):.2f}",
        target="≤ 1.10",
        held=moved.median <= 1.10,
    )


async def _ask(bench: Bench, server: Server, seconds: float, *, with_hanging: bool) -> float:
    async def documents() -> Seen:
        paths = Asks(DOCUMENTS).paths(bench.unused())
        return await arriving(server.url, paths, HEADERS, rate=RATE, seconds=seconds)

    async def enterprises() -> None:
        headers = {**HEADERS, "X-Request-Timeout": "1"}
        paths = Asks(ENTERPRISES).paths(bench.unused())
        await arriving(server.url, paths, headers, rate=HANGING_RATE, seconds=seconds)

    if not with_hanging:
        return (await documents()).quantile(200, 0.99)
    seen, _ = await asyncio.gather(documents(), enterprises())
    return seen.quantile(200, 0.99)
