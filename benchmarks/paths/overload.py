"""Three times the source's capacity: admitted requests are answered in time, the others are refused at once."""

from __future__ import annotations

import asyncio
from typing import Final

from benchmarks.arriving import arriving
from benchmarks.load import Asks
from benchmarks.measuring import Bench, Row, said
from benchmarks.subjects import ENTERPRISES, HEADERS, gateway, instant_upstream

SLOTS: Final = 4
DELAY_S: Final = 0.04
DEADLINE_S: Final = 2.0
SOURCE: Final = "/business-registry/apiCSDLDKDN/chiTietDoanhNghiep?msdn={code}"
GROWTH_MIB: Final = 8.0


def measure(bench: Bench) -> list[Row]:
    seconds = 4 if bench.quick else 12
    headers = {**HEADERS, "X-Request-Timeout": f"{DEADLINE_S:g}"}
    bulkhead = {"bulkhead": {"limit": SLOTS, "queue": 2 * SLOTS}}
    # The cache is full before the load begins.
    changes = {"cache": {"entries": 200}, "connectors": {"business_registry": {"upstreams": {"ngsp": bulkhead}}}}
    with (
        instant_upstream(bench.folder, bench.cores.load, delay=DELAY_S, slots=SLOTS) as upstream,
        gateway(bench.folder, upstream.url, bench.cores.server, changes) as ours,
    ):
        capacity = bench.drive(upstream, Asks(SOURCE), start=0, connections=SLOTS).speed.per_second
        paths = Asks(ENTERPRISES).paths(bench.unused())
        calm = asyncio.run(arriving(ours.url, paths, headers, rate=capacity * 0.9, seconds=seconds))
        # The first load allocates memory for many connections; the second must not need more.
        asyncio.run(arriving(ours.url, paths, headers, rate=capacity * 3, seconds=seconds / 2))
        before = ours.resident_mib()
        storm = asyncio.run(arriving(ours.url, paths, headers, rate=capacity * 3, seconds=seconds))
        growth = ours.resident_mib() - before
    answered = calm.count(200) / sum(map(len, calm.seconds.values()))
    goodput = storm.count(200) / storm.lasted
    slowest = storm.quantile(200, 0.99)
    refused = storm.quantile(503, 0.99)
    odd = sorted(status for status in storm.seconds if status not in {200, 503})
    return [
        said(
            "overload at 3 × capacity: goodput",
            f"{goodput:,.0f}/s = {goodput / capacity:.2f} of capacity",
            baseline=f"{capacity:,.0f}/s capacity of the source; at 0.9 of it {answered:.1%} answered",
            target="≥ 0.90",
            held=goodput >= 0.9 * capacity,
        ),
        said(
            "overload: p99 of admitted requests",
            f"{slowest * 1000:,.0f} ms (refusals: {refused * 1000:,.0f} ms)",
            target=f"≤ deadline {DEADLINE_S:g} s; all refusals are 503",
            held=slowest <= DEADLINE_S and not odd,
        ),
        said(
            "overload: growth of memory in a second run",
            f"{growth:+.1f} MiB in {seconds} s",
            target=f"≤ {GROWTH_MIB:g} MiB",
            held=growth <= GROWTH_MIB,
        ),
    ]
