"""The whole metric catalogue. Labels are names from code and configuration only, so the number of series is bounded."""

from __future__ import annotations

from typing import Final, assert_never

from prometheus_client import CollectorRegistry, Gauge, Info
from prometheus_client.exposition import choose_encoder
from prometheus_client.process_collector import ProcessCollector

from gateway.core.events import Attempted, CacheAsked, DriftSeen, Event, RequestFinished, Retried, TokenRenewed
from gateway.observe.series import Counts, Durations

BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60)
OVERHEAD_BUCKETS: Final = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 1)


class Metrics:
    """Listens to events and counts. Base units: seconds, bytes."""

    def __init__(self, version: str, configuration: str) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        operation = ("connector", "operation")
        upstream = ("connector", "upstream")
        self._requests = self._counts(
            "lgsp_requests", "Requests of the portal by outcome.", (*operation, "outcome", "caller")
        )
        self._durations = self._seconds(
            "lgsp_request_duration_seconds", "From first byte read to answer ready.", operation
        )
        self._overhead = self._seconds(
            "lgsp_gateway_overhead_seconds", "Request time less upstream time.", operation, OVERHEAD_BUCKETS
        )
        self._attempts = self._counts(
            "lgsp_upstream_requests", "Exchanges with national systems by outcome.", (*upstream, "operation", "outcome")
        )
        self._waits = self._seconds("lgsp_upstream_duration_seconds", "One exchange.", (*upstream, "operation"))
        self._cache = self._counts("lgsp_cache_requests", "Questions to the cache by result.", (*operation, "result"))
        self._stale = self._counts("lgsp_stale_served", "Answers older than their life.", (*operation, "reason"))
        self._retries = self._counts("lgsp_retries", "Exchanges tried again.", (*upstream, "operation"))
        self._tokens = self._counts("lgsp_token_renewals", "Tokens asked for by outcome.", (*upstream, "outcome"))
        self._drift = self._counts("lgsp_contract_drift", "Things a contract does not foresee.", (*upstream, "kind"))
        self.lag = Gauge("lgsp_event_loop_lag_seconds", "How late the event loop woke last.", registry=self.registry)
        Info("lgsp_build", "What runs.", registry=self.registry).info({"version": version})
        Info("lgsp_config", "With which configuration.", registry=self.registry).info({"fingerprint": configuration})

    def __call__(self, event: Event, /) -> None:
        match event:
            case RequestFinished():
                names = (event.connector, event.operation)
                self._requests.add((*names, event.outcome, event.caller))
                self._durations.add(names, event.seconds)
                self._overhead.add(names, max(0.0, event.seconds - event.upstream_seconds))
                if event.outcome == "stale":
                    self._stale.add((*names, "source_failed"))
            case CacheAsked():
                self._cache.add((event.connector, event.operation, event.result))
            case Attempted():
                exchange = (event.connector, event.upstream, event.operation)
                self._attempts.add((*exchange, event.outcome))
                self._waits.add(exchange, event.seconds)
            case Retried():
                self._retries.add((event.connector, event.upstream, event.operation))
            case TokenRenewed():
                self._tokens.add((event.connector, event.upstream, event.outcome))
            case DriftSeen():
                self._drift.add((event.connector, event.upstream, event.kind))
            case _:
                assert_never(event)

    def exposition(self, accept: str) -> tuple[bytes, str]:
        """All metrics in the format that *accept* asks for, and its content type."""
        encode, kind = choose_encoder(accept)
        return encode(self.registry), kind

    def _counts(self, name: str, text: str, labels: tuple[str, ...]) -> Counts:
        return Counts(name, text, labels, self.registry)

    def _seconds(self, name: str, text: str, labels: tuple[str, ...], bounds: tuple[float, ...] = BUCKETS) -> Durations:
        return Durations(name, text, labels, bounds, self.registry)
