"""A miss over SOAP: each request is for a new document; compared with a handler that calls zeep's AsyncClient."""

from __future__ import annotations

from benchmarks.load import Asks
from benchmarks.measuring import Bench, Row, compared, interleaved
from benchmarks.subjects import DOCUMENTS, HEADERS, WSDL, ask_each, baseline, gateway, instant_upstream


def measure(bench: Bench) -> list[Row]:
    asks = Asks(DOCUMENTS, 0, HEADERS)
    core = bench.cores.server
    with (
        instant_upstream(bench.folder, bench.cores.load) as upstream,
        gateway(bench.folder, upstream.url, core) as ours,
    ):
        ask_each(ours, asks, 100)
        words = ["--upstream", upstream.url, "--wsdl", str(WSDL)]
        with baseline("soap", words, core, next(asks.paths(0))) as theirs:
            bench.drive(theirs, asks, start=0, seconds=1)
            found = interleaved(
                bench.rounds,
                {
                    "ours": lambda: bench.drive(ours, asks, start=bench.unused()).per_core_second,
                    "theirs": lambda: bench.drive(theirs, asks, start=0).per_core_second,
                },
            )
    return [compared("SOAP miss", found["ours"], found["theirs"], "handler with zeep's AsyncClient", (1.0, 3.0))]
