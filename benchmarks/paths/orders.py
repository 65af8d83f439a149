"""Orders: accepted over HTTP and at the store's door, sent one by one, followed in great number; reads beside them."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, Final

import psycopg
import yaml

from benchmarks.load import Asks
from benchmarks.measuring import Bench, Row, Sample, anew, compared, interleaved, said
from benchmarks.processes import ROOT, Server, pinned
from benchmarks.store import accept, postgres, with_orders
from benchmarks.subjects import (
    ENTERPRISES,
    HEADERS,
    arrivals,
    ask_each,
    baseline,
    configuration,
    gateway,
    instant_upstream,
    merged,
)

ORDERS: Final = 2_000
FOLLOWED: Final = 100_000
QUOTA: Final = 20_000
"""Exchanges in a day, for all that are followed."""
WATCHED_S: Final = 20
RECORDS: Final = 1_000
MOST_MORE_MIB: Final = 16
START_S: Final = 5.0
_PAUSE: Final = """
insert into pauses (target, who, why, since) values ('criminal_records.apply', 'bench', 'only accepting', now())
"""
CLEAR: Final = """
truncate pauses, idempotency_keys, events, cases, outcomes, messages, lanes restart identity cascade
"""
_FOLLOWED: Final = """
with l as (
    insert into lanes (system, key, head, tail)
    select 'criminal_records', '000.00.04.H58-260106-' || n, 2, 1 from generate_series(1, %(number)s) n
    returning id, key
)
insert into cases (id, system, key, caller, state, opened_at, changed_at, follow_at)
select id, 'criminal_records', key, 'portal', 'received', now(), now(),
    now() + random() * make_interval(secs => 86400.0 * %(number)s / %(quota)s)
from l
"""
_first = count(0, 1_000_000)


def measure(bench: Bench) -> list[Row]:
    with postgres(bench.folder) as store, instant_upstream(bench.folder, bench.cores.load) as upstream:
        return [
            *_over_http(bench, store, upstream),
            *_in_process(bench, store, upstream),
            *_followed(bench, store, upstream),
            *_reads(bench, store, upstream),
        ]


def _over_http(bench: Bench, store: str, upstream: Server) -> list[Row]:
    do(store, CLEAR, _PAUSE)
    core = bench.cores.server
    with (
        gateway(bench.folder, upstream.url, core, with_orders(upstream.url, store)) as ours,
        baseline("orders", ["--store", store], core, "/ready") as theirs,
    ):
        for server in (ours, theirs):
            accept(server, 1)
        found = interleaved(
            bench.rounds,
            {"ours": lambda: accept(ours, bench.seconds), "theirs": lambda: accept(theirs, bench.seconds)},
        )
    what = "bare aiohttp, the same rows"
    return [compared("order accepted over HTTP", found["ours"], found["theirs"], what, (0.5,))]


def _in_process(bench: Bench, store: str, upstream: Server) -> list[Row]:
    config = bench.folder / "orders.yaml"
    config.write_text(
        yaml.safe_dump(merged(configuration(upstream.url, 0, 0), with_orders(upstream.url, store))), encoding="utf-8"
    )

    def work(name: str) -> Callable[[], float]:
        return lambda: _worked(name, config, store, bench)

    names = ("accept", "statement", "drain", "backlog", "list", "ring")
    found = interleaved(bench.rounds, {name: work(name) for name in names})
    return [
        compared("order at the store's door", found["accept"], found["statement"], "three rows, one statement", (0.7,)),
        compared("orders sent as accepted, single calls", found["drain"], found["list"], "same tries, a list", (0.8,)),
        compared("orders of a backlog, single calls", found["backlog"], found["list"], "same tries, a list", (0.8,)),
        compared("orders sent as accepted, single calls", found["drain"], found["ring"], "the ring alone", ()),
    ]


def _worked(name: str, config: Path, store: str, bench: Bench) -> float:
    do(store, CLEAR)
    words = [name, "--config", str(config), "--number", str(ORDERS), "--first", str(next(_first))]
    command = pinned([sys.executable, "-m", "benchmarks.store_work", *words], bench.cores.server)
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return ORDERS / float(json.loads(ran.stdout)["seconds"])


def _followed(bench: Bench, store: str, upstream: Server) -> list[Row]:
    changes = with_orders(upstream.url, store)
    changes["connectors"]["criminal_records"]["upstreams"]["lltp2024"]["quota_per_day"] = QUOTA
    resident, started, asked = [], [], 0
    for number in (0, FOLLOWED):
        do(store, CLEAR)
        with psycopg.connect(store, autocommit=True) as connection:
            connection.execute(_FOLLOWED, {"number": number, "quota": QUOTA})
            connection.execute("analyze")
        with gateway(bench.folder, upstream.url, bench.cores.server, changes) as server:
            before = arrivals(upstream)
            time.sleep(WATCHED_S)
            asked = arrivals(upstream) - before
            resident.append(server.resident_mib())
            started.append(server.started_in_s)
    more, fair = resident[1] - resident[0], QUOTA * WATCHED_S / 86_400
    return [
        said(
            f"{FOLLOWED:,} applications followed",
            f"{asked} questions in {WATCHED_S} s",
            baseline=f"{QUOTA:,} a day allow {fair:.1f}",
            target="≤ 3 ×",
            held=0 < asked <= 3 * fair,
        ),
        said(
            "memory with them",
            f"{resident[1]:.0f} MiB",
            baseline=f"{resident[0]:.0f} MiB with none",
            target=f"≤ {MOST_MORE_MIB} MiB more",
            held=more <= MOST_MORE_MIB,
        ),
        said(
            "start with them",
            f"{started[1]:.2f} s",
            baseline=f"{started[0]:.2f} s with none",
            target=f"< {START_S:g} s",
            held=started[1] < START_S,
        ),
    ]


def _reads(bench: Bench, store: str, upstream: Server) -> list[Row]:
    do(store, CLEAR)
    found = anew(bench.rounds, lambda: _read(bench, store, upstream))
    return [
        compared("cached hit beside a store", found["hits, kept"], found["hits, bare"], "without a store", (0.98,)),
        compared("REST miss beside a store", found["misses, kept"], found["misses, bare"], "without a store", (0.98,)),
    ]


def _read(bench: Bench, store: str, upstream: Server) -> dict[str, Sample]:
    """The requests a core-second of two gateways that were started now, in turns of one second."""
    core, asks, fresh = bench.cores.server, Asks(ENTERPRISES, RECORDS, HEADERS), Asks(ENTERPRISES, 0, HEADERS)
    orders: dict[str, Any] = with_orders(upstream.url, store)
    without = {name: value for name, value in orders.items() if name != "store"}
    with (
        gateway(bench.folder, upstream.url, core, orders) as kept,
        gateway(bench.folder, upstream.url, core, without) as bare,
    ):

        def hits(server: Server) -> float:
            return bench.drive(server, asks, start=0, seconds=1).per_core_second

        def misses(server: Server) -> float:
            return bench.drive(server, fresh, start=bench.unused(), seconds=1).per_core_second

        servers = {"kept": kept, "bare": bare}
        for server in servers.values():
            ask_each(server, asks, RECORDS + 1)
            hits(server)
        return interleaved(
            bench.seconds,
            {f"hits, {name}": partial(hits, server) for name, server in servers.items()}
            | {f"misses, {name}": partial(misses, server) for name, server in servers.items()},
        )


def do(store: str, *statements: str) -> None:
    with psycopg.connect(store, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)
