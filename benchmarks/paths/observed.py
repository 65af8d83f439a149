"""A cached look-up by a gateway that counts, logs and traces, compared with the same gateway that tells nobody."""

from __future__ import annotations

from functools import partial
from typing import Final

from benchmarks.load import Asks
from benchmarks.measuring import Bench, Row, Sample, anew, compared, interleaved
from benchmarks.processes import Server
from benchmarks.subjects import ENTERPRISES, HEADERS, ask_each, gateway, instant_upstream

RECORDS: Final = 1_000
SILENT: Final = "benchmarks.baselines.unobserved"
QUIET: Final = {"log": {"level": "warning"}}


def measure(bench: Bench) -> list[Row]:
    found = anew(bench.rounds, partial(_round, bench))
    what = "the same, telling nobody"
    return [
        compared("cached hit, metrics and a log line each", found["all"], found["none"], what, (0.9,)),
        compared("cached hit, metrics alone", found["metrics"], found["none"], what, (0.9,)),
        compared("cached hit, metrics, log lines, 5 % of traces kept", found["traces"], found["none"], what, ()),
    ]


def _round(bench: Bench) -> dict[str, Sample]:
    """The requests a core-second of each gateway, in turns of one second, so that a slow second meets all of them."""
    asks = Asks(ENTERPRISES, RECORDS, HEADERS)
    core, folder = bench.cores.server, bench.folder

    def drive(server: Server) -> float:
        return bench.drive(server, asks, start=0, seconds=1).per_core_second

    with (
        instant_upstream(folder, bench.cores.load) as upstream,
        gateway(folder, upstream.url, core, program=SILENT) as nobody,
        gateway(folder, upstream.url, core) as all_told,
        gateway(folder, upstream.url, core, QUIET) as counted,
        gateway(folder, upstream.url, core, {"traces": {"endpoint": f"{upstream.url}/v1/traces"}}) as traced,
    ):
        servers = {"none": nobody, "all": all_told, "metrics": counted, "traces": traced}
        for server in servers.values():
            ask_each(server, asks, RECORDS + 1)
            drive(server)
        return interleaved(bench.seconds, {name: partial(drive, server) for name, server in servers.items()})
