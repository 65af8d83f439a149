"""Dossiers with three steps each, sent to the mock portal in lists, against a client that only puts those lists."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Final

import yaml

from benchmarks.list_work import STEPS
from benchmarks.measuring import Bench, Row, Sample, compared, interleaved, said
from benchmarks.paths.orders import CLEAR, do
from benchmarks.processes import ROOT, Server, free_port, pinned, serving
from benchmarks.store import postgres
from benchmarks.subjects import WIDE, configuration, merged

DOSSIERS: Final = 2_500
QUICK: Final = 500
FASTEST: Final = 10_000
"""Messages a second beyond which the portal need not be kept busy."""
MOST_MORE_MIB: Final = 32
_first = count(0, DOSSIERS)


def measure(bench: Bench) -> list[Row]:
    with postgres(bench.folder) as store, _portal(bench.cores.load) as portal:
        config = bench.folder / "lists.yaml"
        config.write_text(
            yaml.safe_dump(merged(configuration(portal.url, 0, 0), _with_portal(portal.url, store))), encoding="utf-8"
        )
        grown: list[float] = []

        def work(name: str) -> Callable[[], float]:
            return lambda: _worked(name, config, store, bench, grown)

        found = interleaved(bench.rounds, {name: work(name) for name in ("drain", "bare")})
    capped = Sample(tuple(min(FASTEST, one) for one in found["bare"].values))
    what = f"bare client, the same lists; at most {FASTEST:,}/s"
    more = max(grown)
    return [
        compared("messages drained in lists", found["drain"], capped, what, (0.7,)),
        said(
            "memory while a backlog drains",
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


def _worked(name: str, config: Path, store: str, bench: Bench, grown: list[float]) -> float:
    do(store, CLEAR)
    number = QUICK if bench.quick else DOSSIERS
    words = [name, "--config", str(config), "--number", str(number), "--first", str(next(_first))]
    command = pinned([sys.executable, "-m", "benchmarks.list_work", *words], bench.cores.server)
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    spent = json.loads(ran.stdout)
    if name == "drain":
        grown.append(spent["after_mib"] - spent["before_mib"])
    return number * (1 + STEPS) / float(spent["seconds"])
