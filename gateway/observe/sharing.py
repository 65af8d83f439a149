"""Metrics of what gateways share: the day's quotas, and the ways on which they tell each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics
from prometheus_client.registry import Collector

from gateway.observe.collectors import ReadGroup
from gateway.observe.metrics import Metrics
from gateway.observe.upstream_metrics import UPSTREAM

WAITS: Final = ("granted", "refused")
Held = Mapping[tuple[str, ...], float]


class _Waits(Collector):
    def __init__(self, read: Callable[[], Mapping[str, int]]) -> None:
        self._read = read

    def collect(self) -> Iterable[Metric]:
        text = "Requests that waited, for 50 ms at most, until this process had more of a day's quota."
        family = CounterMetricFamily("lgsp_quota_waits", text, labels=("result",))
        read = self._read()
        for result in WAITS:
            family.add_metric((result,), read.get(result, 0))
        yield family


def watch_quota_shares(metrics: Metrics, held: Callable[[], Held], waits: Callable[[], Mapping[str, int]]) -> None:
    """Lets *held* say how much of each day's quota this process holds, and *waits* which requests waited for more."""
    text = "Exchanges of the day's quota that this process holds and has not spent."
    metrics.registry.register(ReadGroup("lgsp_quota_share", text, UPSTREAM, held))
    metrics.registry.register(_Waits(waits))


def watch_link(metrics: Metrics, up: Callable[[], bool]) -> None:
    """Lets *up* say whether the Redis in which gateways count together is there."""
    text = "1 while the Redis answers in which gateways share quotas, rates, tokens and isolations, else 0."
    Gauge("lgsp_shared_link_up", text, registry=metrics.registry).set_function(lambda: float(up()))


class Workers(Collector):
    """The workers of one machine, as their supervisor sees them: which *answer*, and how often each slot was filled
    anew.
    """

    def __init__(self, answer: Callable[[], Sequence[bool]], restarts: Callable[[], Sequence[int]]) -> None:
        self._answer = answer
        self._restarts = restarts

    def collect(self) -> Iterable[Metric]:
        text = "1 while the worker of this slot answers, 0 while it is being replaced."
        up = GaugeMetricFamily("lgsp_worker_up", text, labels=("worker",))
        for slot, answers in enumerate(self._answer()):
            up.add_metric((str(slot),), float(answers))
        yield up
        text = "How often the worker of this slot ended by itself and was replaced."
        again = CounterMetricFamily("lgsp_worker_restarts", text, labels=("worker",))
        for slot, times in enumerate(self._restarts()):
            again.add_metric((str(slot),), times)
        yield again

    def text(self, *, openmetrics: bool) -> str:
        """The exposition of these alone, without the mark of its end."""
        registry = CollectorRegistry()
        registry.register(self)
        text = (generate_openmetrics if openmetrics else generate_latest)(registry).decode()
        return text.removesuffix("# EOF\n")
