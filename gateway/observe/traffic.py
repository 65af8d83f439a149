"""The traffic of each connector in steps of some seconds, for the console.

It is read from the counters of the metrics, so that a request pays nothing for it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, Protocol

from gateway.core.clock import Clock

STEP_S: Final = 5.0
STEPS: Final = 720
"""Steps that are kept: an hour."""
_HITS: Final = frozenset({"hit", "replayed", "stale"})


class Labelled(Protocol):
    """Counters by their labels."""

    @property
    def values(self) -> Mapping[tuple[str, ...], int]: ...


class Timed(Protocol):
    """Histograms by their labels: *bounds* in seconds, and for each bound and above all of them a count."""

    @property
    def bounds(self) -> Sequence[float]: ...

    @property
    def counts(self) -> Mapping[tuple[str, ...], Sequence[int]]: ...


class Read(NamedTuple):
    """The counters that traffic is read from; the first label of each is the connector."""

    levels: Labelled
    """By connector, operation and class."""
    cache: Labelled
    """By connector, operation and result."""
    exchanges: Timed
    """By connector and more."""


class Step(NamedTuple):
    """The traffic of one connector in a step that ended *at* (seconds since 1970, never going back).

    Requests by class (*failed* includes those that failed by our own fault); *hits* of *asked* questions to the cache;
    half of the exchanges took at most *median_ms*, 95 of 100 at most *slow_ms*.
    """

    at: int
    good: int
    stale: int
    failed: int
    hits: int
    asked: int
    median_ms: int | None
    slow_ms: int | None


class _Sums:
    """The sums of one connector since the start."""

    __slots__ = ("asked", "buckets", "failed", "good", "hits", "stale")

    def __init__(self, buckets: int) -> None:
        self.good = self.stale = self.failed = self.hits = self.asked = 0
        self.buckets = [0] * buckets


class Traffic:
    """The steps of the last hour, of *connectors*."""

    def __init__(self, read: Read, connectors: Sequence[str], clock: Clock) -> None:
        self._read = read
        self._clock = clock
        # By monotonic seconds: the wall clock may jump, and a line that goes back can't be drawn.
        self._began = clock.now().timestamp() - clock.monotonic()
        self._before = self._sums(connectors)
        self._steps: dict[str, deque[Step]] = {name: deque(maxlen=STEPS) for name in connectors}
        self.taken = 0
        """Steps since the start."""

    def follow(self, connectors: Sequence[str]) -> None:
        """Counts exactly *connectors* from now on; those that it knows keep their steps."""
        known = {name: self._before[name] for name in connectors if name in self._before}
        self._before = {**self._sums(connectors), **known}
        self._steps = {name: self._steps.get(name) or deque(maxlen=STEPS) for name in connectors}

    def take(self) -> Mapping[str, Step]:
        """Ends a step."""
        at = round(self._began + self._clock.monotonic())
        now = self._sums(tuple(self._steps))
        steps = {name: _between(at, self._before[name], now[name], self._read.exchanges.bounds) for name in now}
        self._before = now
        self.taken += 1
        for name, step in steps.items():
            self._steps[name].append(step)
        return steps

    def history(self) -> dict[str, dict[str, list[int | None]]]:
        """The steps as columns, by connector."""
        return {
            name: {field: [step[place] for step in steps] for place, field in enumerate(Step._fields)}
            for name, steps in self._steps.items()
        }

    def _sums(self, connectors: Sequence[str]) -> dict[str, _Sums]:
        bounds = self._read.exchanges.bounds
        found = {name: _Sums(len(bounds) + 1) for name in connectors}
        for labels, count in self._read.levels.values.items():
            if (sums := found.get(labels[0])) is not None:
                kind = labels[-1]
                sums.good += count if kind == "good" else 0
                sums.stale += count if kind == "stale" else 0
                sums.failed += count if kind in {"failed", "gateway"} else 0
        for labels, count in self._read.cache.values.items():
            if (sums := found.get(labels[0])) is not None:
                sums.asked += count
                sums.hits += count if labels[-1] in _HITS else 0
        for labels, counts in self._read.exchanges.counts.items():
            if (sums := found.get(labels[0])) is not None:
                sums.buckets = [one + other for one, other in zip(sums.buckets, counts, strict=True)]
        return found


def _between(at: int, before: _Sums, now: _Sums, bounds: Sequence[float]) -> Step:
    counts = [later - earlier for later, earlier in zip(now.buckets, before.buckets, strict=True)]
    return Step(
        at,
        now.good - before.good,
        now.stale - before.stale,
        now.failed - before.failed,
        now.hits - before.hits,
        now.asked - before.asked,
        quantile_ms(0.5, bounds, counts),
        quantile_ms(0.95, bounds, counts),
    )


def quantile_ms(part: float, bounds: Sequence[float], counts: Sequence[int]) -> int | None:
    """Milliseconds within which *part* of what *counts* counts was done, spread evenly within each bucket; None where
    nothing was. Above the last of *bounds* it is that bound.
    """
    rank = part * sum(counts)
    if rank == 0:
        return None
    lower = 0.0
    for bound, count in zip(bounds, counts, strict=False):
        if count and rank <= count:
            return round(1000 * (lower + (bound - lower) * rank / count))
        rank -= count
        lower = bound
    return round(1000 * lower)
