"""The whole metric catalogue. Labels are names from code and configuration only, so the number of series is bounded."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Final, TypeVar, assert_never

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info
from prometheus_client.exposition import choose_encoder
from prometheus_client.process_collector import ProcessCollector

from gateway.core.events import Attempted, CacheAsked, DriftSeen, Event, RequestFinished, Retried, TokenRenewed

BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60)
OVERHEAD_BUCKETS: Final = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 1)

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Bound(dict[K, V]):
    """Children of a metric by their labels: ``labels()`` is asked once for each."""

    def __init__(self, make: Callable[[K], V]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, key: K) -> V:
        made = self[key] = self._make(key)
        return made


class Metrics:
    """Listens to events and counts. Base units: seconds, bytes."""

    def __init__(self, version: str, configuration: str) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        operation = ("connector", "operation")
        upstream = ("connector", "upstream")
        requests = self._counter(
            "lgsp_requests", "Requests of the portal by outcome.", (*operation, "outcome", "caller")
        )
        durations = self._histogram("lgsp_request_duration_seconds", "From first byte read to answer ready.", operation)
        overhead = self._histogram(
            "lgsp_gateway_overhead_seconds", "Request time less upstream time.", operation, OVERHEAD_BUCKETS
        )
        attempts = self._counter(
            "lgsp_upstream_requests", "Exchanges with national systems by outcome.", (*upstream, "operation", "outcome")
        )
        waits = self._histogram("lgsp_upstream_duration_seconds", "One exchange.", (*upstream, "operation"))
        cache = self._counter("lgsp_cache_requests", "Questions to the cache by result.", (*operation, "result"))
        stale = self._counter("lgsp_stale_served", "Answers older than their life.", (*operation, "reason"))
        retries = self._counter("lgsp_retries", "Exchanges tried again.", (*upstream, "operation"))
        tokens = self._counter("lgsp_token_renewals", "Tokens asked for by outcome.", (*upstream, "outcome"))
        drift = self._counter("lgsp_contract_drift", "Things a contract does not foresee.", (*upstream, "kind"))
        self._requests = Bound[tuple[str, ...], Counter](lambda labels: requests.labels(*labels))
        self._durations = Bound[tuple[str, ...], Histogram](lambda labels: durations.labels(*labels))
        self._overhead = Bound[tuple[str, ...], Histogram](lambda labels: overhead.labels(*labels))
        self._attempts = Bound[tuple[str, ...], Counter](lambda labels: attempts.labels(*labels))
        self._waits = Bound[tuple[str, ...], Histogram](lambda labels: waits.labels(*labels))
        self._cache = Bound[tuple[str, ...], Counter](lambda labels: cache.labels(*labels))
        self._stale = Bound[tuple[str, ...], Counter](lambda labels: stale.labels(*labels))
        self._retries = Bound[tuple[str, ...], Counter](lambda labels: retries.labels(*labels))
        self._tokens = Bound[tuple[str, ...], Counter](lambda labels: tokens.labels(*labels))
        self._drift = Bound[tuple[str, ...], Counter](lambda labels: drift.labels(*labels))
        self.lag = Gauge("lgsp_event_loop_lag_seconds", "How late the event loop woke last.", registry=self.registry)
        Info("lgsp_build", "What runs.", registry=self.registry).info({"version": version})
        Info("lgsp_config", "With which configuration.", registry=self.registry).info({"fingerprint": configuration})

    def __call__(self, event: Event, /) -> None:
        match event:
            case RequestFinished():
                names = (event.connector, event.operation)
                self._requests[(*names, event.outcome, event.caller)].inc()
                self._durations[names].observe(event.seconds)
                self._overhead[names].observe(max(0.0, event.seconds - event.upstream_seconds))
                if event.outcome == "stale":
                    self._stale[(*names, "source_failed")].inc()
            case Attempted():
                exchange = (event.connector, event.upstream, event.operation)
                self._attempts[(*exchange, event.outcome)].inc()
                self._waits[exchange].observe(event.seconds)
            case CacheAsked():
                self._cache[(event.connector, event.operation, event.result)].inc()
            case Retried():
                self._retries[(event.connector, event.upstream, event.operation)].inc()
            case TokenRenewed():
                self._tokens[(event.connector, event.upstream, event.outcome)].inc()
            case DriftSeen():
                self._drift[(event.connector, event.upstream, event.kind)].inc()
            case _:
                assert_never(event)

    def exposition(self, accept: str) -> tuple[bytes, str]:
        """All metrics in the format that *accept* asks for, and its content type."""
        encode, kind = choose_encoder(accept)
        return encode(self.registry), kind

    def _counter(self, name: str, text: str, labels: tuple[str, ...]) -> Counter:
        return Counter(name, text, labels, registry=self.registry)

    def _histogram(
        self, name: str, text: str, labels: tuple[str, ...], buckets: tuple[float, ...] = BUCKETS
    ) -> Histogram:
        return Histogram(name, text, labels, buckets=buckets, registry=self.registry)
