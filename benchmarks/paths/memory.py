"""Resident memory: idle, with a full cache, and after many requests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from benchmarks.load import Asks
from benchmarks.measuring import Bench, Row, said
from benchmarks.processes import ROOT, Server, free_port, serving
from benchmarks.subjects import ENTERPRISES, HEADERS, ask_each, baseline, gateway, instant_upstream

LAPTOP: Final = ROOT / "config" / "laptop.yaml"
GATEWAY_MIB: Final = 120.0
MOCKS_MIB: Final = 150.0
ENTRY_KIB: Final = 2.3
DRIFT_MIB: Final = 8.0


def measure(bench: Bench) -> list[Row]:
    return [*_at_rest(bench), *_full(bench), *_soaked(bench)]


@contextmanager
def mocks(core: int) -> Iterator[Server]:
    port = free_port()
    ready = f"http://127.0.0.1:{port}/__mock/manifest"
    with serving("mocks", ["mocks", "--port", str(port)], core=core, port=port, ready=ready) as server:
        yield server


@contextmanager
def laptop(core: int, mocks_url: str) -> Iterator[Server]:
    """Starts the gateway of ``config/laptop.yaml`` with all its connectors."""
    port, ops_port = free_port(), free_port()
    words = ["gateway", "serve", "--config", str(LAPTOP), "--port", str(port), "--ops-port", str(ops_port)]
    os.environ["LGSP_MOCKS_URL"] = mocks_url
    ready = f"http://127.0.0.1:{ops_port}/readyz"
    try:
        with serving("gateway", words, core=core, port=port, ready=ready, ops_port=ops_port) as server:
            yield server
    finally:
        del os.environ["LGSP_MOCKS_URL"]


def _at_rest(bench: Bench) -> list[Row]:
    body = bench.folder / "rest.json"
    body.write_bytes(b"{}")
    core = bench.cores.server
    path = next(Asks(ENTERPRISES).paths(0))
    with (
        mocks(core) as country,
        laptop(core, country.url) as ours,
        baseline("hit", ["--body", str(body)], core, path) as bare,
    ):
        ours_mib, country_mib, bare_mib = ours.resident_mib(), country.resident_mib(), bare.resident_mib()
    return [
        said(
            "resident memory at rest: gateway, all connectors of the laptop",
            f"{ours_mib:.0f} MiB",
            baseline=f"{bare_mib:.0f} MiB bare aiohttp",
            target=f"< {GATEWAY_MIB:.0f} MiB",
            held=ours_mib < GATEWAY_MIB,
        ),
        said(
            "resident memory at rest: mocks",
            f"{country_mib:.0f} MiB",
            target=f"< {MOCKS_MIB:.0f} MiB",
            held=country_mib < MOCKS_MIB,
        ),
    ]


def _full(bench: Bench) -> list[Row]:
    entries = 5_000 if bench.quick else 100_000
    changes = {"cache": {"entries": entries, "data_bytes": 1024 * 1024 * 1024}}
    with (
        instant_upstream(bench.folder, bench.cores.load) as upstream,
        gateway(bench.folder, upstream.url, bench.cores.server, changes) as ours,
    ):
        before = ours.resident_mib()
        ask_each(ours, Asks(ENTERPRISES, 0, HEADERS), entries)
        full = ours.resident_mib()
    each = (full - before) * 1024 / entries
    return [
        said(
            f"resident memory with {entries:,} cached entries of 1.4 KB",
            f"{full:.0f} MiB: {each:.1f} KiB each",
            baseline=f"{before:.0f} MiB before",
            target=f"≤ {ENTRY_KIB:g} KiB each",
            held=bench.quick or each <= ENTRY_KIB,
        )
    ]


def _soaked(bench: Bench) -> list[Row]:
    wanted = 50_000 if bench.quick else 1_000_000
    asks = Asks(ENTERPRISES, 1_000, HEADERS)
    with (
        instant_upstream(bench.folder, bench.cores.load) as upstream,
        gateway(bench.folder, upstream.url, bench.cores.server) as ours,
    ):
        ask_each(ours, asks, 1_001)
        done = bench.drive(ours, asks, start=0).speed.requests
        before = ours.resident_mib()
        while done < wanted:
            done += bench.drive(ours, asks, start=0, seconds=10).speed.requests
        drift = ours.resident_mib() - before
    return [
        said(
            f"resident memory after {done:,} requests",
            f"{drift:+.1f} MiB",
            baseline=f"{before:.0f} MiB after the first",
            target=f"flat: ≤ {DRIFT_MIB:g} MiB",
            held=drift <= DRIFT_MIB,
        )
    ]
