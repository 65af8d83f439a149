"""The whole metric catalogue. Labels are names from code and configuration only, so the number of series is bounded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, get_args

from prometheus_client import Gauge, Histogram, Info
from prometheus_client.process_collector import ProcessCollector

from gateway.core.events import (
    INBOUND_RESULTS,
    CacheAsked,
    Event,
    InboundAnswered,
    Purged,
    Refreshed,
    RequestFinished,
    ServedStale,
    SharedCacheMoved,
    SharedCacheUsed,
)
from gateway.core.health import Health
from gateway.observe.collectors import Count, Counts, Durations, EventHandler, Levels, Observed, ReadCount
from gateway.observe.configuration_metrics import ConfigurationMetrics
from gateway.observe.exposition import Registry
from gateway.observe.health_levels import health_levels
from gateway.observe.request_metrics import OPERATION, RequestMetrics
from gateway.observe.service_level import CLASSES
from gateway.observe.upstream_metrics import BUCKETS, UpstreamMetrics

STALL_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
AGE_BUCKETS: Final = (1, 10, 60, 300, 900, 3600, 14_400, 43_200, 86_400, 259_200, 604_800)


class Metrics:
    """Listens to events and counts. Base units: seconds, bytes."""

    def __init__(self, version: str, configuration: str) -> None:
        self.registry = Registry()
        ProcessCollector(registry=self.registry)
        self.stalls = Histogram(
            "lgsp_event_loop_stall_seconds",
            "By how much the event loop was late, twenty times a second.",
            buckets=STALL_BUCKETS,
            registry=self.registry,
        )
        self._lines_lost = ReadCount(
            "lgsp_log_lines_lost", "Lines of the log that were not written: their reader was too slow, or gone."
        )
        self.registry.register(self._lines_lost)
        self._connections = Gauge("lgsp_connections", "Open connections.", ("port",), registry=self.registry)
        self._answer_bytes = Gauge(
            "lgsp_answer_bytes_in_flight",
            "Bytes of upstreams' answers that are being read or parsed; answers.in_flight_bytes is the limit.",
            registry=self.registry,
        )
        Info("lgsp_build", "Version of the gateway.", registry=self.registry).info({"version": version})
        self.configuration = ConfigurationMetrics(configuration, self.registry)
        self._inbound = self._counts(
            "lgsp_inbound_messages",
            "Messages that systems pushed, or gave when they were asked, by how they were answered.",
            ("system", "kind", "result"),
        )
        self.upstreams = UpstreamMetrics(self.registry)
        of_the_cache = self._of_the_cache()
        self.requests = RequestMetrics(self.registry, BUCKETS, self.asked, self._ages)
        self._listeners: Mapping[type[Event], EventHandler] = {
            RequestFinished: lambda one: self.requests.receive((one,)),
            **of_the_cache,
            **self._of_the_inbox(),
            **self.upstreams.listeners,
        }
        assert set(get_args(Event)) == set(self._listeners), "each event is counted"

    def expect(self, operations: Iterable[tuple[str, str]], upstreams: Iterable[tuple[str, str]]) -> None:
        """Begins the counters that alarms watch at zero: of *operations* (connector, operation) and of *upstreams*
        (connector, upstream).
        """
        self.requests.levels.born((*names, kind) for names in operations for kind in CLASSES)
        self.upstreams.expect(upstreams)

    def receive(self, events: Sequence[Event], /) -> None:
        """Counts *events*."""
        listeners = self._listeners
        for event in events:
            listeners[type(event)](event)

    def watch_answer_bytes(self, read: Callable[[], int]) -> None:
        """Lets *read* say how many bytes of answers are being read or parsed."""
        self._answer_bytes.set_function(read)

    def watch_connections(self, port: str, read: Callable[[], int]) -> None:
        """Lets *read* say how many connections *port* has."""
        self._connections.labels(port).set_function(read)

    def watch_upstreams(self, health: Callable[[], Iterable[tuple[tuple[str, str], Health]]]) -> None:
        """Lets *health* say how each upstream is."""
        for level in health_levels(health):
            self.registry.register(level)

    def watch_cache(self, entries: Callable[[], int], size: Callable[[], int], evicted: Callable[[], int]) -> None:
        """Lets the three say how full the cache of this process is, and how many entries had to leave."""
        for name, text, read in (
            ("lgsp_cache_entries", "Answers in the cache of this process.", entries),
            ("lgsp_cache_bytes", "Bytes in the cache of this process.", size),
        ):
            Gauge(name, text, registry=self.registry).set_function(read)
        counter = ReadCount("lgsp_cache_evictions", "Answers that left the cache for want of room.")
        counter.read = evicted
        self.registry.register(counter)

    def expect_inbound(self, kinds: Iterable[tuple[str, str]]) -> None:
        """Begins the counters of messages of each system and kind at zero."""
        self._inbound.born((*one, result) for one in kinds for result in INBOUND_RESULTS)

    def watch_log(self, read: Callable[[], int]) -> None:
        """Lets *read* say how many lines of the log were lost."""
        self._lines_lost.read = read

    def exposition(self, accept: str) -> tuple[bytes, str]:
        """All metrics in the format that *accept* asks for, and its content type."""
        return self.registry.exposition(accept)

    def _of_the_cache(self) -> dict[type[Event], EventHandler]:
        asked = self.asked = self._counts(
            "lgsp_cache_requests", "Cache look-ups by result (hits: hit + replayed).", (*OPERATION, "result")
        )
        ages = self._ages = self._seconds(
            "lgsp_cache_age_seconds", "Age of answers from the cache.", OPERATION, AGE_BUCKETS
        )
        stale = self._counts("lgsp_stale_served", "Answers that were served stale.", (*OPERATION, "reason"))
        refreshes = self._counts(
            "lgsp_cache_refreshes", "Answers refreshed in the background.", (*OPERATION, "outcome")
        )
        purges = self._counts("lgsp_cache_purges", "Purges of the cache.", ("what",))
        shared = self._counts("lgsp_shared_cache", "Uses of the shared cache by result.", ("result",))
        up = self._level("lgsp_shared_cache_up", "1 while the shared cache is used, 0 while it is passed over.", ())

        known: dict[tuple[str, str, str], tuple[Count, Observed | None]] = {}

        def was_asked(event: CacheAsked) -> None:
            key = (event.connector, event.operation, event.result)
            counted = known.get(key)
            if counted is None:
                held = event.result in {"hit", "stale"}
                counted = known[key] = asked.of(key), ages.of(key[:2]) if held else None
            count, age = counted
            count.value += 1
            if age is not None:
                age.add(event.age)

        return {
            CacheAsked: was_asked,
            ServedStale: lambda event: stale.add((event.connector, event.operation, event.reason)),
            Refreshed: lambda event: refreshes.add((event.connector, event.operation, event.outcome)),
            Purged: lambda event: purges.add((event.what,)),
            SharedCacheUsed: lambda event: shared.add((event.result,), event.count),
            SharedCacheMoved: lambda event: up.set((), event.up),
        }

    def _of_the_inbox(self) -> dict[type[Event], EventHandler]:
        inbound = self._inbound
        return {InboundAnswered: lambda event: inbound.add((event.system, event.kind, event.result))}

    def _counts(self, name: str, text: str, labels: tuple[str, ...]) -> Counts:
        return Counts(name, text, labels, self.registry)

    def _seconds(self, name: str, text: str, labels: tuple[str, ...], bounds: tuple[float, ...] = BUCKETS) -> Durations:
        return Durations(name, text, labels, bounds, self.registry)

    def _level(self, name: str, text: str, labels: tuple[str, ...]) -> Levels:
        return Levels(name, text, labels, self.registry)
