"""A miss over REST: each request is for a new record; compared with a bare aiohttp proxy."""

from __future__ import annotations

from benchmarks.load import Asks
from benchmarks.measuring import Bench, Row, compared, interleaved
from benchmarks.subjects import ENTERPRISES, HEADERS, ask_each, baseline, gateway, instant_upstream


def measure(bench: Bench) -> list[Row]:
    asks = Asks(ENTERPRISES, 0, HEADERS)
    core = bench.cores.server
    with (
        instant_upstream(bench.folder, bench.cores.load) as upstream,
        gateway(bench.folder, upstream.url, core) as ours,
    ):
        ask_each(ours, asks, 200)
        with baseline("proxy", ["--upstream", upstream.url], core, next(asks.paths(0))) as theirs:
            bench.drive(theirs, asks, start=0, seconds=1)
            found = interleaved(
                bench.rounds,
                {
                    "ours": lambda: bench.drive(ours, asks, start=bench.unused()).per_core_second,
                    "theirs": lambda: bench.drive(theirs, asks, start=0).per_core_second,
                },
            )
    return [compared("REST miss", found["ours"], found["theirs"], "bare aiohttp proxy", (0.45, 0.60))]
