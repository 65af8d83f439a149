"""Cached look-ups from two workers, compared with one process: what the second one costs where it gains nothing.

Both have the same core, and each process 32 connections. So requests a core-second of two workers are those of one,
less what several processes cost; where cores are free, two answer twice as much but for this.
"""

from __future__ import annotations

from typing import Final

from benchmarks.load import Asks
from benchmarks.measuring import Bench, Row, compared, interleaved
from benchmarks.processes import Server
from benchmarks.subjects import ENTERPRISES, HEADERS, arrivals, gateway, instant_upstream

RECORDS: Final = 1_000
WORKERS: Final = 2


def fill(bench: Bench, server: Server, asks: Asks, upstream: Server) -> None:
    """Asks until nothing is new to any worker: each keeps answers of its own."""
    before = -1
    while (now := arrivals(upstream)) != before:
        before = now
        bench.drive(server, asks, start=0, seconds=2)


def measure(bench: Bench) -> list[Row]:
    asks = Asks(ENTERPRISES, RECORDS, HEADERS)
    core = bench.cores.server
    with (
        instant_upstream(bench.folder, bench.cores.load) as upstream,
        gateway(bench.folder, upstream.url, core) as one,
        gateway(bench.folder, upstream.url, core, workers=WORKERS) as two,
    ):
        for server in (one, two):
            fill(bench, server, asks, upstream)
        found = interleaved(
            bench.rounds,
            {
                "two": lambda: bench.drive(two, asks, start=0, connections=32 * WORKERS).per_core_second,
                "one": lambda: bench.drive(one, asks, start=0).per_core_second,
            },
        )
    # 1 / 1.1: at most a tenth more CPU-seconds a request.
    return [compared("cached hit, two workers", found["two"], found["one"], "one process, same core", (0.91,))]
