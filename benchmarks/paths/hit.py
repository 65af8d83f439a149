"""A cached look-up with all features on, compared with a bare aiohttp handler that answers the same bytes."""

from __future__ import annotations

from typing import Final

from benchmarks.load import Asks
from benchmarks.measuring import Bench, Row, compared, interleaved
from benchmarks.subjects import ENTERPRISES, HEADERS, ask_each, baseline, gateway, instant_upstream

RECORDS: Final = 1_000
"""Number of different records, all cached; more than any one-second memo holds."""


def measure(bench: Bench) -> list[Row]:
    asks = Asks(ENTERPRISES, RECORDS, HEADERS)
    core = bench.cores.server
    body = bench.folder / "hit.json"
    with (
        instant_upstream(bench.folder, bench.cores.load) as upstream,
        gateway(bench.folder, upstream.url, core) as ours,
    ):
        body.write_bytes(ask_each(ours, asks, RECORDS + 1))
        first = next(asks.paths(0))
        with baseline("hit", ["--body", str(body)], core, first) as theirs:
            bench.drive(ours, asks, start=0, seconds=1)
            bench.drive(theirs, asks, start=0, seconds=1)
            found = interleaved(
                bench.rounds,
                {
                    "ours": lambda: bench.drive(ours, asks, start=0).per_core_second,
                    "theirs": lambda: bench.drive(theirs, asks, start=0).per_core_second,
                },
            )
    return [compared("cached hit", found["ours"], found["theirs"], "bare aiohttp, same bytes", (0.45, 0.60, 0.75, 1.0))]
