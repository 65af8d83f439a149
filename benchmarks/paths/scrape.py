"""One scrape of a gateway in which everything has happened, which keeps the event loop from everything else."""

from __future__ import annotations

import json
import subprocess
import sys
from statistics import median
from typing import Final

from benchmarks.measuring import Bench, Row, said
from benchmarks.processes import ROOT, pinned

MOST_MS: Final = 20.0


def measure(bench: Bench) -> list[Row]:
    command = [sys.executable, "-m", "benchmarks.scrape_work", "--times", str(5 if bench.quick else 40)]
    done = subprocess.run(pinned(command, bench.cores.server), cwd=ROOT, check=True, capture_output=True)
    told = json.loads(done.stdout)
    library = median(told["library"])
    rows = []
    for name, path in (
        ("text", "scrape"),
        ("openmetrics", "scrape, OpenMetrics"),
        ("workers", "scrape, made one of two"),
    ):
        found = median(told[name])
        rows.append(
            said(
                f"{path}: {told['series']:,} series of six systems",
                f"{found:.1f} ms ({min(told[name]):.1f}–{max(told[name]):.1f}), {told['kib']:,.0f} KiB",
                baseline=f"{library:.0f} ms by prometheus_client's writer",
                target=f"< {MOST_MS:g} ms",
                held=found < MOST_MS,
            )
        )
    return rows
