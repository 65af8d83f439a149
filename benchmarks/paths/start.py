"""The time from the command to the first answer, and the time of a command beyond Python's own start."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Final

from benchmarks.load import Asks
from benchmarks.measuring import Bench, Row, interleaved, said
from benchmarks.paths.memory import laptop
from benchmarks.processes import ROOT, pinned
from benchmarks.subjects import ENTERPRISES, baseline

READY_S: Final = 1.5
HELP_S: Final = 0.3


def measure(bench: Bench) -> list[Row]:
    core = bench.cores.server
    body = bench.folder / "start.json"
    body.write_bytes(b"{}")

    def gateway_ready() -> float:
        with laptop(core, "http://127.0.0.1:9") as server:
            return server.started_in_s

    def bare_ready() -> float:
        with baseline("hit", ["--body", str(body)], core, next(Asks(ENTERPRISES).paths(0))) as server:
            return server.started_in_s

    found = interleaved(
        bench.rounds,
        {
            "gateway": gateway_ready,
            "bare": bare_ready,
            "help": lambda: _takes(["-m", "gateway", "--help"], core),
            "python": lambda: _takes(["-c", "pass"], core),
        },
    )
    ready, more = found["gateway"].median, found["help"].median - found["python"].median
    return [
        said(
            "start to ready, all connectors of the laptop",
            f"{ready:.2f} s",
            baseline=f"{found['bare'].median:.2f} s bare aiohttp",
            target=f"< {READY_S:g} s",
            held=ready < READY_S,
        ),
        said(
            "lgsp --help",
            f"{found['help'].median:.2f} s: {more:.2f} s more",
            baseline=f"{found['python'].median:.2f} s bare Python",
            target=f"< {HELP_S:g} s more",
            held=more < HELP_S,
        ),
    ]


def _takes(words: Sequence[str], core: int) -> float:
    began = time.perf_counter()
    subprocess.run(pinned([sys.executable, *words], core), cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began
