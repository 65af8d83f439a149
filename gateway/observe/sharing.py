"""Metrics of what gateways share: the day's quotas, and the ways on which they tell each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from prometheus_client import Gauge
from prometheus_client.metrics_core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from gateway.observe.collectors import ReadGroup
from gateway.observe.metrics import UPSTREAM, Metrics

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
