"""One source hangs at full load; the callers of another source must not wait longer than without the fault."""

from __future__ import annotations

import asyncio
from typing import Final

from benchmarks.arriving import Seen, arriving
from benchmarks.load import Asks
from benchmarks.measuring import Bench, Row, Sample, interleaved
from benchmarks.processes import Server
from benchmarks.subjects import DOCUMENTS, ENTERPRISES, HEADERS, gateway, instant_upstream

RATE: Final = 150.0
OTHER_RATE: Final = 60.0
DELAY_S: Final = 0.02


def measure(bench: Bench) -> list[Row]:
    seconds = 3 if bench.quick else 6
    core = bench.cores.server
    with instant_upstream(bench.folder, bench.cores.load, delay=DELAY_S) as upstream:
        hanging = {"url": f"{upstream.url}/hanging/business-registry", "bulkhead": {"limit": 10, "queue": 20}}
        changes = {"connectors": {"business_registry": {"upstreams": {"ngsp": hanging}}}}
        with (
            gateway(bench.folder, upstream.url, core) as well,
            gateway(bench.folder, upstream.url, core, changes) as ill,
        ):
            asyncio.run(_ask(bench, well, 1))
            asyncio.run(_ask(bench, ill, 1))
            found = interleaved(
                max(3, bench.rounds),
                {
                    "calm": lambda: asyncio.run(_ask(bench, well, seconds)),
                    "hanging": lambda: asyncio.run(_ask(bench, ill, seconds)),
                },
            )
    return [_row(found["calm"], found["hanging"])]


def _row(calm: Sample, hanging: Sample) -> Row:
    """Takes the least of the rounds for each: other work of the machine only adds to the time."""
    before, during = min(calm.values), min(hanging.values)
    return Row(
        path="one connector hangs: p99 of another",
        measured=f"{during * 1000:.1f} ms",
        baseline=f"{before * 1000:.1f} ms when both answer",
        ratio=f"{during / before:.2f}",
        spread="the least of the rounds",
        target="≤ 1.10",
        held=during <= 1.10 * before,
    )


async def _ask(bench: Bench, server: Server, seconds: float) -> float:
    """Returns the p99 of documents, while enterprises are requested at the same time."""

    async def documents() -> Seen:
        paths = Asks(DOCUMENTS).paths(bench.unused())
        return await arriving(server.url, paths, HEADERS, rate=RATE, seconds=seconds)

    async def enterprises() -> None:
        headers = {**HEADERS, "X-Request-Timeout": "1"}
        paths = Asks(ENTERPRISES).paths(bench.unused())
        await arriving(server.url, paths, headers, rate=OTHER_RATE, seconds=seconds)

    seen, _ = await asyncio.gather(documents(), enterprises())
    return seen.quantile(200, 0.99)
