"""Reads of a gateway that has a store, against one that has none."""

from __future__ import annotations

from typing import Any

from benchmarks.load import Asks
from benchmarks.measuring import Bench, Row, compared, interleaved
from benchmarks.processes import Server
from benchmarks.store import CLEAR, ask_about_people, execute, postgres, with_orders
from benchmarks.subjects import ENTERPRISES, HEADERS, ask_each, gateway, instant_upstream

RECORDS = 1_000


def measure(bench: Bench) -> list[Row]:
    with postgres(bench.folder) as store, instant_upstream(bench.folder, bench.cores.load) as upstream:
        execute(store, CLEAR)
        core, asks, fresh = bench.cores.server, Asks(ENTERPRISES, RECORDS, HEADERS), Asks(ENTERPRISES, 0, HEADERS)
        orders: dict[str, Any] = with_orders(upstream.url, store)
        without = {name: value for name, value in orders.items() if name != "store"}
        seconds = bench.seconds if bench.full else max(1, bench.seconds // 2)

        def hit(server: Server) -> float:
            return bench.drive(server, asks, start=0, seconds=seconds).per_core_second

        def miss(server: Server) -> float:
            return bench.drive(server, fresh, start=bench.unused(), seconds=seconds).per_core_second

        with (
            gateway(bench.folder, upstream.url, core, orders) as kept,
            gateway(bench.folder, upstream.url, core, without) as bare,
        ):
            for server in (kept, bare):
                ask_each(server, asks, RECORDS + 1)
                hit(server)
                ask_about_people(server, 2)
            found = interleaved(
                bench.rounds,
                {
                    "hit": lambda: hit(kept),
                    "hit, bare": lambda: hit(bare),
                    "person": lambda: ask_about_people(kept, seconds),
                    "person, bare": lambda: ask_about_people(bare, seconds),
                    "miss": lambda: miss(kept),
                    "miss, bare": lambda: miss(bare),
                },
            )
    rows = {"hit": "cached hit", "person": "cached hit about a person", "miss": "REST miss"}
    return [
        compared(f"{path} beside a store", found[name], found[f"{name}, bare"], "without a store", (0.98,))
        for name, path in rows.items()
    ]
