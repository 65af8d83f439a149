"""Counters, gauges and histograms that cost a dictionary look-up: one thread counts, so nothing is locked.

They are read by prometheus_client's registry, which knows the formats of the exposition. A child is made when its
labels are first seen; labels are names from code and configuration only, so their number is bounded.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import CollectorRegistry

from gateway.observe.exposition import Family, Labels, beginning, number

EventHandler = Callable[[Any], None]
_INFINITE = "+Inf"
FEW = 8
"""Fewer observations are cheaper one by one."""


class Count:
    """One counter of a family, for those who count it often: ``value += 1``."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value = 0


class Counts(Family):
    """A counter; *name* is without its final ``_total``."""

    kind = "counter"

    def __init__(self, name: str, text: str, labels: Sequence[str], registry: CollectorRegistry) -> None:
        super().__init__(name, text, labels)
        self._counts: dict[Labels, Count] = {}
        registry.register(self)

    def born(self, labels: Iterable[Labels]) -> None:
        """Begins the counters of *labels* at zero, so that a rate sees the first event of each."""
        for one in labels:
            self.of(one)

    def of(self, labels: Labels) -> Count:
        """The counter of *labels*, whose values are in the declared order."""
        found = self._counts.get(labels)
        if found is None:
            found = self._counts[labels] = Count()
        return found

    def add(self, labels: Labels, by: int = 1) -> None:
        """Adds *by* to the counter of *labels*."""
        self.of(labels).value += by

    @property
    def values(self) -> Mapping[Labels, int]:
        """The counters as they are now."""
        return {labels: count.value for labels, count in self._counts.items()}

    def samples(self) -> Iterable[str]:
        return self.written(self.values)

    def collect(self) -> Iterable[Metric]:
        family = CounterMetricFamily(self._name, self._text, labels=self._labels)
        for labels, value in self.values.items():
            family.add_metric(labels, value)
        yield family


class ReadCount(Family):
    """A counter that somebody else keeps; *name* is without its final ``_total``."""

    kind = "counter"

    def __init__(self, name: str, text: str) -> None:
        super().__init__(name, text)
        self.read: Callable[[], int] = lambda: 0

    def samples(self) -> Iterable[str]:
        return self.written({(): self.read()})

    def collect(self) -> Iterable[Metric]:
        yield CounterMetricFamily(self._name, self._text, value=self.read())


class Levels(Family):
    """A gauge."""

    kind = "gauge"

    def __init__(self, name: str, text: str, labels: Sequence[str], registry: CollectorRegistry) -> None:
        super().__init__(name, text, labels)
        self._values: dict[Labels, float] = {}
        registry.register(self)

    def set(self, labels: Labels, value: float) -> None:
        """*labels* are at *value* now."""
        self._values[labels] = value

    def forget(self, first: Labels) -> None:
        """Tells no more of labels that begin with *first*."""
        self._values = {labels: value for labels, value in self._values.items() if labels[: len(first)] != first}
        self._begun.clear()

    def samples(self) -> Iterable[str]:
        return self.written(self._values)

    def collect(self) -> Iterable[Metric]:
        family = GaugeMetricFamily(self._name, self._text, labels=self._labels)
        for labels, value in self._values.items():
            family.add_metric(labels, value)
        yield family


class ReadLevels(Family):
    """A gauge that is read from its owners when it is asked for: nothing is told for each change."""

    kind = "gauge"

    def __init__(self, name: str, text: str, labels: Sequence[str], registry: CollectorRegistry) -> None:
        super().__init__(name, text, labels)
        self._reads: dict[Labels, Callable[[], float]] = {}
        registry.register(self)

    def watch(self, labels: Labels, read: Callable[[], float]) -> None:
        """Lets *read* say at which level *labels* are."""
        self._reads[labels] = read

    def forget(self, first: Labels) -> None:
        """Tells no more of labels that begin with *first*."""
        self._reads = {labels: read for labels, read in self._reads.items() if labels[: len(first)] != first}
        self._begun.clear()

    def samples(self) -> Iterable[str]:
        return self.written({labels: read() for labels, read in self._reads.items()})

    def collect(self) -> Iterable[Metric]:
        family = GaugeMetricFamily(self._name, self._text, labels=self._labels)
        for labels, read in self._reads.items():
            family.add_metric(labels, read())
        yield family


class ReadGroup(Family):
    """A gauge whose owner knows all its labels."""

    kind = "gauge"

    def __init__(self, name: str, text: str, labels: Sequence[str], read: Callable[[], Mapping[Labels, float]]) -> None:
        super().__init__(name, text, labels)
        self._read = read

    def samples(self) -> Iterable[str]:
        return self.written(self._read())

    def collect(self) -> Iterable[Metric]:
        family = GaugeMetricFamily(self._name, self._text, labels=self._labels)
        for labels, value in self._read().items():
            family.add_metric(labels, value)
        yield family


class Observed:
    """The observations of one histogram of a family, for those who observe it often."""

    __slots__ = ("_bounds", "begun", "buckets", "total")

    def __init__(self, bounds: Sequence[float], begun: Sequence[str]) -> None:
        self._bounds = bounds
        self.begun = begun
        self.buckets = [0] * (len(bounds) + 1)
        self.total = 0.0

    def add(self, seconds: float) -> None:
        """One more observation."""
        self.buckets[bisect_left(self._bounds, seconds)] += 1
        self.total += seconds

    def add_sorted(self, seconds: Sequence[float]) -> None:
        """More observations, in rising order: so each bound is looked up once for all of them."""
        if len(seconds) < FEW:
            for one in seconds:
                self.add(one)
            return
        below = 0
        for place, bound in enumerate(self._bounds):
            within = bisect_right(seconds, bound)
            self.buckets[place] += within - below
            below = within
        self.buckets[-1] += len(seconds) - below
        self.total += sum(seconds)


class Durations(Family):
    """A histogram of seconds, with upper *bounds* in rising order; one above all of them is added."""

    kind = "histogram"

    def __init__(
        self, name: str, text: str, labels: Sequence[str], bounds: Sequence[float], registry: CollectorRegistry
    ) -> None:
        super().__init__(name, text, labels)
        self._bounds = tuple(bounds)
        self._ends = (*(str(float(bound)) for bound in bounds), _INFINITE)
        self._observed: dict[Labels, Observed] = {}
        registry.register(self)

    def of(self, labels: Labels) -> Observed:
        """The histogram of *labels*, whose values are in the declared order."""
        held = self._observed.get(labels)
        if held is None:
            held = self._observed[labels] = Observed(self._bounds, self._beginnings(labels))
        return held

    def add(self, labels: Labels, seconds: float) -> None:
        """One more observation of *labels*."""
        self.of(labels).add(seconds)

    @property
    def bounds(self) -> Sequence[float]:
        """The upper bounds of the buckets, without the last one."""
        return self._bounds

    @property
    def counts(self) -> Mapping[Labels, Sequence[int]]:
        """The observations in each bucket, the last one above all bounds."""
        return {labels: held.buckets for labels, held in self._observed.items()}

    def _beginnings(self, labels: Labels) -> list[str]:
        """Those of the lines of *labels*: of each bucket, of their number and of their sum."""
        names = (*self._labels, "le")
        buckets = [beginning(f"{self._name}_bucket", names, (*labels, end)) for end in self._ends]
        return [*buckets, *(beginning(f"{self._name}_{word}", self._labels, labels) for word in ("count", "sum"))]

    def samples(self) -> Iterable[str]:
        for held in self._observed.values():
            counted = list(accumulate(held.buckets))
            for begun, value in zip(held.begun, (*counted, counted[-1], held.total), strict=True):
                yield f"{begun}{number(value)}\n"

    def collect(self) -> Iterable[Metric]:
        family = HistogramMetricFamily(self._name, self._text, labels=self._labels)
        for labels, held in self._observed.items():
            buckets = list(zip(self._ends, accumulate(held.buckets), strict=True))
            family.add_metric(labels, buckets, held.total)
        yield family
