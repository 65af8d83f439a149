"""Orders accepted: over HTTP, and at the store's door."""

from __future__ import annotations

from benchmarks.measuring import Bench, Row, compared, interleaved
from benchmarks.paths.drain import in_process
from benchmarks.store import CLEAR, PAUSE, accept, execute, postgres, with_orders
from benchmarks.subjects import baseline, gateway, instant_upstream


def measure(bench: Bench) -> list[Row]:
    with postgres(bench.folder) as store, instant_upstream(bench.folder, bench.cores.load) as upstream:
        execute(store, CLEAR, PAUSE)
        core = bench.cores.server
        with (
            gateway(bench.folder, upstream.url, core, with_orders(upstream.url, store)) as ours,
            baseline("orders", ["--store", store], core, "/ready") as theirs,
        ):
            for server in (ours, theirs):
                accept(server, 1)
            found = interleaved(
                bench.rounds,
                {"ours": lambda: accept(ours, bench.seconds / 2), "theirs": lambda: accept(theirs, bench.seconds / 2)},
            )
        door = in_process(bench, store, upstream, ("accept", "statement"))
    return [
        compared("order accepted over HTTP", found["ours"], found["theirs"], "bare aiohttp, the same rows", (0.5,)),
        compared(
            "order at the store's door",
            door["accept"].clock,
            door["statement"].clock,
            "three rows, one statement",
            (0.7,),
        ),
    ]
