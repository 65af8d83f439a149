"""What every path has in common: rounds, interleaved; medians with their spread; rows of the table."""

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
"""A spread above this part of the median is marked: the machine had other work."""


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
        """A number from which on no record has been asked in this run."""
        self._serial += 60_000
        return self._serial

    def drive(self, server: Server, asks: Asks, *, start: int, connections: int = 32, seconds: int = 0) -> Load:
        """Asks *server* as fast as it answers."""
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
    """What one run of the generator saw, and the time that the server spent on its core for it."""

    speed: Speed
    cpu_s: float

    @property
    def per_core_second(self) -> float:
        """Requests for each second of the server's own time: requests/s of a core that nobody else uses."""
        return self.speed.requests / self.cpu_s


@dataclass(frozen=True, slots=True)
class Sample:
    """Values of one thing, one a round."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return median(self.values)

    @property
    def spread(self) -> float:
        """From the least to the greatest, as a part of the median."""
        return (max(self.values) - min(self.values)) / self.median if self.median else 0.0


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. *held* is None where nothing is promised."""

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
    """Runs *actions* in turn, *rounds* times, so that a slow minute of the machine meets all of them."""
    values: dict[str, list[float]] = {name: [] for name in actions}
    for _ in range(rounds):
        for name, action in actions.items():
            values[name].append(action())
    return {name: Sample(tuple(found)) for name, found in values.items()}


def ratios(of: Sample, to: Sample) -> Sample:
    """Round by round."""
    return Sample(tuple(one / other for one, other in zip(of.values, to.values, strict=True)))


def compared(path: str, ours: Sample, theirs: Sample, what: str, targets: tuple[float, ...]) -> Row:
    """Our requests/s against *what* of the same rounds; the first of *targets* is the one to hold."""
    found = ratios(ours, theirs)
    wide = " (wide)" if found.spread > WIDE else ""
    return Row(
        path=path,
        measured=f"{ours.median:,.0f}/s",
        baseline=f"{theirs.median:,.0f}/s {what}",
        ratio=f"{found.median:.2f}",
        spread=f"{min(found.values):.2f}–{max(found.values):.2f}{wide}",
        target=" → ".join(f"≥ {target:g}" for target in targets),
        held=found.median >= targets[0],
        bar=found.median,
    )


def said(path: str, measured: str, *, baseline: str = "", target: str = "", held: bool | None = None) -> Row:
    """A line without a ratio."""
    return Row(path, measured, baseline, "", "", target, held)
