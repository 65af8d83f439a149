"""Dossiers with three steps each, sent to the mock portal in lists, against a client that only puts those lists."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Final

import yaml

from benchmarks.list_work import STEPS
from benchmarks.measuring import Bench, Row, compared, interleaved, said
from benchmarks.paths.orders import CLEAR, do
from benchmarks.processes import ROOT, Server, free_port, pinned, serving
from benchmarks.store import postgres
from benchmarks.subjects import WIDE, configuration, merged

DOSSIERS: Final = 2_500
QUICK: Final = 500
BACKLOG: Final = 100_000
FASTEST: Final = 10_000
"""Messages a second beyond which the portal need not be kept busy."""
MOST_MORE_MIB: Final = 32
_first = count(0, BACKLOG)


def measure(bench: Bench) -> list[Row]:
    return _measure(bench, QUICK if bench.quick else DOSSIERS, bench.rounds, "messages drained in lists")


def measure_backlog(bench: Bench) -> list[Row]:
    """As :func:`measure`, once, with as many dossiers as a long outage leaves (some minutes)."""
    return _measure(bench, BACKLOG // 10 if bench.quick else BACKLOG, 1, "messages of a long backlog")


def _measure(bench: Bench, number: int, rounds: int, path: str) -> list[Row]:
    with postgres(bench.folder) as store, _portal(bench.cores.load) as portal:
        config = bench.folder / "lists.yaml"
        config.write_text(
            yaml.safe_dump(merged(configuration(portal.url, 0, 0), _with_portal(portal.url, store))), encoding="utf-8"
        )
        grown: list[float] = []

        def drain() -> float:
            spent = _worked("drain", config, store, bench, number)
            grown.append(spent["after_mib"] - spent["before_mib"])
            return spent["per_second"]

        def bare() -> float:
            return min(FASTEST, _worked("bare", config, store, bench, min(number, DOSSIERS))["per_second"])

        found = interleaved(rounds, {"drain": drain, "bare": bare})
    what = f"bare client, the same lists; at most {FASTEST:,}/s"
    more = max(grown)
    return [
        compared(path, found["drain"], found["bare"], what, (0.7,)),
        said(
            f"memory while {number:,} dossiers drain",
            f"{more:.0f} MiB more",
            target=f"≤ {MOST_MORE_MIB} MiB more",
            held=more <= MOST_MORE_MIB,
        ),
    ]


@contextmanager
def _portal(core: int) -> Iterator[Server]:
    port = free_port()
    ready = f"http://127.0.0.1:{port}/__mock/clock"
    with serving("mocks", ["mocks", "--port", str(port)], core=core, port=port, ready=ready) as server:
        yield server


def _with_portal(portal: str, store: str) -> dict[str, Any]:
    """Changes of the configuration: the national portal, and orders in *store*."""
    credentials = ROOT / "contracts" / "public_service_portal" / "credentials"
    up = {
        "url": f"{portal}/public-service-portal",
        "allow_private": True,
        "username": f"file:{credentials / 'username'}",
        "password": f"file:{credentials / 'password'}",
        "agency": "000.00.01.H58",
        "dstcode": "VN:GOV:000.00.00.G22:vpcpdvcprovider",
        **WIDE,
    }
    return {"store": {"url": store}, "connectors": {"public_service_portal": {"upstreams": {"ngsp": up}}}}


def _worked(name: str, config: Path, store: str, bench: Bench, number: int) -> dict[str, float]:
    do(store, CLEAR)
    words = [name, "--config", str(config), "--number", str(number), "--first", str(next(_first))]
    command = pinned([sys.executable, "-m", "benchmarks.list_work", *words], bench.cores.server)
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    spent: dict[str, float] = json.loads(ran.stdout)
    return {**spent, "per_second": number * (1 + STEPS) / spent["seconds"]}
