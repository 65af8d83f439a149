"""A backlog drained by single calls."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Final

import yaml

from benchmarks.measuring import Bench, Row, Sample, compared, interleaved
from benchmarks.processes import ROOT, Server, pinned
from benchmarks.store import CLEAR, execute, postgres, with_orders
from benchmarks.subjects import configuration, instant_upstream, merged

SHORT: Final = 1_000
_first = count(0, 1_000_000)


@dataclass(frozen=True, slots=True)
class Rates:
    """Orders in a second of the clock, and in one of the process's CPU."""

    clock: Sample
    core: Sample


def measure(bench: Bench) -> list[Row]:
    with postgres(bench.folder) as store, instant_upstream(bench.folder, bench.cores.load) as upstream:
        found = in_process(bench, store, upstream, ("drain", "list", "parsed"))
    drain, held, parsed = found["drain"], found["list"], found["parsed"]
    path = "orders drained, single calls"
    return [
        compared(path, drain.clock, held.clock, "same ring, the same messages in a list", (0.8,)),
        compared(f"{path}, a second of their core", drain.core, held.core, "the same", (0.8,)),
        replace(compared(path, drain.clock, parsed.clock, "orders already parsed", (0.8,)), target="reported", held=None),
    ]


def in_process(bench: Bench, store: str, upstream: Server, works: Sequence[str]) -> dict[str, Rates]:
    """Runs each of *works* of :mod:`benchmarks.store_work` in a process of its own, in turn, round by round."""
    config = bench.folder / "orders.yaml"
    config.write_text(
        yaml.safe_dump(merged(configuration(upstream.url, 0, 0), with_orders(upstream.url, store))), encoding="utf-8"
    )
    number = SHORT * (10 if bench.full else 1)
    cpu: dict[str, list[float]] = {name: [] for name in works}

    def work(name: str) -> float:
        execute(store, CLEAR)
        words = [name, "--config", str(config), "--number", str(number), "--first", str(next(_first))]
        command = pinned([sys.executable, "-m", "benchmarks.store_work", *words], bench.cores.server)
        ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        spent = json.loads(ran.stdout)
        cpu[name].append(number / float(spent["cpu_s"]))
        return number / float(spent["seconds"])

    clock = interleaved(bench.rounds, {name: lambda name=name: work(name) for name in works})  # type: ignore[misc]  # mypy sees no default
    return {name: Rates(clock[name], Sample(tuple(cpu[name]))) for name in works}
