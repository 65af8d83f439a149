"""The time that the gateway adds to a single request: its time minus the source's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from benchmarks.load import Asks, Speed
from benchmarks.measuring import Bench, Row, said
from benchmarks.subjects import DOCUMENTS, ENTERPRISES, HEADERS, ask_each, gateway, instant_upstream

SOURCE: Final = "/business-registry/apiCSDLDKDN/chiTietDoanhNghiep?msdn={code}"


def measure(bench: Bench) -> list[Row]:
    with (
        instant_upstream(bench.folder, bench.cores.load) as upstream,
        gateway(bench.folder, upstream.url, bench.cores.server) as ours,
    ):
        hits = Asks(ENTERPRISES, 100, HEADERS)
        ask_each(ours, hits, 101)
        ask_each(ours, Asks(DOCUMENTS, 0, HEADERS), 100)

        def alone(asks: Asks, start: Callable[[], int]) -> Speed:
            return bench.drive(ours, asks, start=start(), connections=1).speed

        source = bench.drive(upstream, Asks(SOURCE), start=0, connections=1).speed
        return [
            _row("cached hit", alone(hits, lambda: 0), None),
            _row("REST miss", alone(Asks(ENTERPRISES, 0, HEADERS), bench.unused), source),
            _row("SOAP miss", alone(Asks(DOCUMENTS, 0, HEADERS), bench.unused), source),
        ]


def _row(path: str, seen: Speed, source: Speed | None) -> Row:
    less = source or Speed(0, 1.0, 0.0, 0.0)
    return said(
        f"gateway overhead, one request at a time: {path}",
        f"p50 {(seen.p50 - less.p50) * 1000:.2f} ms, p99 {(seen.p99 - less.p50) * 1000:.2f} ms",
        baseline=f"source alone: p50 {less.p50 * 1000:.2f} ms" if source else "no source called",
        target="reported",
    )
