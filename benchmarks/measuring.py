"""Common parts of all paths: interleaved rounds, medians with their spread, rows of the table."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.load import Asks, Speed, drive
from benchmarks.processes import Cores, Server

WIDE: Final = 0.10
"""A spread above this part of the median is marked: the machine had other work at the time."""


@dataclass(slots=True)
class Bench:
    """One run of the benchmarks."""

    folder: Path
    cores: Cores
    rounds: int
    seconds: int
    quick: bool
    _serial: int = field(default_factory=lambda: random.randrange(1_000_000))

    def unused(self) -> int:
        """Returns a number; no record from it on was requested in this run."""
        self._serial += 60_000
        return self._serial

    def drive(self, server: Server, asks: Asks, *, start: int, connections: int = 32, seconds: int = 0) -> Load:
        """Sends *server* requests as fast as it answers."""
        before = server.cpu_seconds()
        speed = drive(
            server.url,
            asks,
            seconds=seconds or self.seconds,
            start=start,
            core=self.cores.load,
            connections=connections,
        )
        return Load(speed, server.cpu_seconds() - before)


@dataclass(frozen=True, slots=True)
class Load:
    """The result of one run of the generator, and the CPU time of the server for it."""

    speed: Speed
    cpu_s: float

    @property
    def per_core_second(self) -> float:
        """Requests per second of the server's CPU time: requests/s on a core without other work."""
        return self.speed.requests / self.cpu_s


@dataclass(frozen=True, slots=True)
class Sample:
    """The values of one measurement, one per round."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return median(self.values)

    @property
    def spread(self) -> float:
        """The range from least to greatest, as a part of the median."""
        return (max(self.values) - min(self.values)) / self.median if self.median else 0.0


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. *held* is None without a target."""

    path: str
    measured: str
    baseline: str
    ratio: str
    spread: str
    target: str
    held: bool | None
    bar: float | None = None
    """The ratio as a number, for the plot."""


def interleaved(rounds: int, actions: Mapping[str, Callable[[], float]]) -> dict[str, Sample]:
    """Runs *actions* in turn, *rounds* times, so that a slow minute of the machine affects all of them."""
    values: dict[str, list[float]] = {name: [] for name in actions}
    for _ in range(rounds):
        for name, action in actions.items():
            values[name].append(action())
    return {name: Sample(tuple(found)) for name, found in values.items()}


def anew(rounds: int, once: Callable[[], Mapping[str, Sample]]) -> dict[str, Sample]:
    """Runs *once*, which starts its processes itself, *rounds* times, and gives the median of each.

    Of the same program, one process is up to a tenth faster than the next: where its memory lies is chance.
    """
    found = [once() for _ in range(rounds)]
    return {name: Sample(tuple(one[name].median for one in found)) for name in found[0]}


def ratios(of: Sample, to: Sample) -> Sample:
    """Returns the ratios, round by round."""
    return Sample(tuple(one / other for one, other in zip(of.values, to.values, strict=True)))


def compared(path: str, ours: Sample, theirs: Sample, what: str, targets: tuple[float, ...]) -> Row:
    """Compares our requests/s with *what* of the same rounds; the first of *targets*, if any, must be met."""
    found = ratios(ours, theirs)
    wide = " (wide)" if found.spread > WIDE else ""
    return Row(
        path=path,
        measured=f"{ours.median:,.0f}/s",
        baseline=f"{theirs.median:,.0f}/s {what}",
        ratio=f"{found.median:.2f}",
        spread=f"{min(found.values):.2f}–{max(found.values):.2f}{wide}",
        target=" → ".join(f"≥ {target:g}" for target in targets) or "reported",
        held=found.median >= targets[0] if targets else None,
        bar=found.median,
    )


def said(path: str, measured: str, *, baseline: str = "", target: str = "", held: bool | None = None) -> Row:
    """Returns a line without a ratio."""
    return Row(path, measured, baseline, "", "", target, held)
