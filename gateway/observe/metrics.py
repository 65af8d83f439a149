"""The whole metric catalogue. Labels are names from code and configuration only, so the number of series is bounded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, get_args

from prometheus_client import CollectorRegistry, Gauge, Histogram, Info
from prometheus_client.exposition import choose_encoder
from prometheus_client.process_collector import ProcessCollector

from gateway.core.events import (
    DRIFT_KINDS,
    INBOUND_RESULTS,
    MACHINE_REASONS,
    REFUSALS,
    START,
    Attempted,
    BreakerMoved,
    BreakerState,
    BulkheadMoved,
    CacheAsked,
    CredentialsRefused,
    DriftSeen,
    Event,
    InboundAnswered,
    MachineFailed,
    NotAsked,
    Purged,
    QuotaMoved,
    Refreshed,
    RequestFinished,
    Retried,
    RetryBudgetMoved,
    ServedStale,
    SharedCacheMoved,
    SharedCacheUsed,
    TokenRenewed,
)
from gateway.core.health import Health
from gateway.observe.collectors import Counts, Durations, Levels, ReadCount, ReadGroup, ReadLevels
from gateway.observe.configuration_metrics import ConfigurationMetrics
from gateway.observe.health_levels import health_levels
from gateway.observe.service_level import CLASSES, class_of

BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60)
OVERHEAD_BUCKETS: Final = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 1)
STALL_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
AGE_BUCKETS: Final = (1, 10, 60, 300, 900, 3600, 14_400, 43_200, 86_400, 259_200, 604_800)
OPERATION: Final = ("connector", "operation")
UPSTREAM: Final = ("connector", "upstream")
STATES: Final[tuple[BreakerState, ...]] = get_args(BreakerState)

EventHandler = Callable[[Any], None]


class Metrics:
    """Listens to events and counts. Base units: seconds, bytes."""

    def __init__(self, version: str, configuration: str) -> None:
        self.registry = CollectorRegistry()
        self._upstream_levels: list[Levels | ReadLevels] = []
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
        self._in_use = self._read("lgsp_bulkhead_in_use", "Exchanges in flight.")
        self._waiting = self._read("lgsp_bulkhead_waiting", "Exchanges that wait for a place.")
        self._token_age = self._read("lgsp_token_age_seconds", "Age of the token in use; NaN while there is none.")
        self._certificates = self._read(
            "lgsp_certificate_expiry_seconds",
            "When the certificate that the upstream showed last ends (seconds since 1970); NaN before the first.",
        )
        Info("lgsp_build", "Version of the gateway.", registry=self.registry).info({"version": version})
        self.configuration = ConfigurationMetrics(configuration, self.registry)
        self._listeners: Mapping[type[Event], EventHandler] = {
            **self._of_requests(),
            **self._of_the_cache(),
            **self._of_exchanges(),
            **self._of_policies(),
        }
        assert set(get_args(Event)) == self._listeners.keys(), "each event is counted"

    def expect(self, operations: Iterable[tuple[str, str]], upstreams: Iterable[tuple[str, str]]) -> None:
        """Begins the counters that alarms watch at zero: of *operations* (connector, operation) and of *upstreams*
        (connector, upstream).
        """
        self.levels.born((*names, kind) for names in operations for kind in CLASSES)
        for names in upstreams:
            self._refused.born((*names, reason) for reason in REFUSALS)
            self._moves.born((*names, state) for state in STATES)
            self._drift.born((*names, kind) for kind in DRIFT_KINDS)
            self._tokens.born([(*names, "ok")])
        self._machine.born((reason,) for reason in MACHINE_REASONS)

    def forget(self, upstream: tuple[str, str]) -> None:
        """Tells no more of the present of an *upstream* that is not configured any more; what it counted stays."""
        for level in self._upstream_levels:
            level.forget(upstream)

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

    def watch_bulkhead(self, names: tuple[str, str], in_use: Callable[[], int], waiting: Callable[[], int]) -> None:
        """Lets *in_use* and *waiting* say how many exchanges with the upstream of *names* do which."""
        self._in_use.watch(names, in_use)
        self._waiting.watch(names, waiting)

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

    def watch_token(self, names: tuple[str, str], age_s: Callable[[], float]) -> None:
        """Lets *age_s* say how old the token of an upstream is (NaN: there is none)."""
        self._token_age.watch(names, age_s)

    def watch_certificate(self, names: tuple[str, str], ends_at: Callable[[], float]) -> None:
        """Lets *ends_at* say when the certificate that an upstream showed last ends, in seconds since 1970."""
        self._certificates.watch(names, ends_at)

    def watch_store(self, up: Callable[[], bool], oldest_transaction_s: Callable[[], float]) -> None:
        """Lets the two say whether the store is well, and the age of its oldest open transaction in seconds."""
        Gauge("lgsp_store_up", "1 while the store can be used, 0 while it can't.", registry=self.registry).set_function(
            lambda: float(up())
        )
        Gauge(
            "lgsp_store_oldest_transaction_seconds",
            "Age of the oldest open transaction in the store's database, as seen every two seconds.",
            registry=self.registry,
        ).set_function(oldest_transaction_s)

    def watch_lanes(
        self,
        lanes: Callable[[], Mapping[tuple[str, ...], float]],
        oldest_s: Callable[[], Mapping[tuple[str, ...], float]],
        unconfirmed: Callable[[], Mapping[tuple[str, ...], float]],
        overdue: Callable[[], Mapping[tuple[str, ...], float]],
        paused: Callable[[], Mapping[tuple[str, ...], float]],
    ) -> None:
        """Lets the five tell of orders that wait and of cases that are late, as counted every ten seconds."""
        for name, text, labels, read in (
            ("lgsp_lanes", "Dossiers with an order that the system does not have.", ("system", "state"), lanes),
            ("lgsp_lane_oldest_seconds", "Age of the order that waits longest.", ("system",), oldest_s),
            (
                "lgsp_orders_unconfirmed",
                "Orders accepted here that the system does not have, by the age of their dossier's oldest.",
                ("system", "age"),
                unconfirmed,
            ),
            ("lgsp_overdue_applications", "Cases past the time limit of the law.", ("system",), overdue),
            ("lgsp_paused", "1 while the orders of the target are paused.", ("target",), paused),
        ):
            self.registry.register(ReadGroup(name, text, labels, read))

    def expect_inbound(self, kinds: Iterable[tuple[str, str]]) -> None:
        """Begins the counters of messages of each system and kind at zero."""
        self._inbound.born((*one, result) for one in kinds for result in INBOUND_RESULTS)

    def watch_inbox(
        self,
        waiting: Callable[[], Mapping[tuple[str, ...], float]],
        oldest_s: Callable[[], Mapping[tuple[str, ...], float]],
        files: Callable[[], Mapping[tuple[str, ...], float]],
    ) -> None:
        """Lets the three tell of messages that were not acknowledged, as counted every ten seconds."""
        for name, text, labels, read in (
            ("lgsp_inbox_waiting", "Messages that the province's system has not acknowledged.", ("system",), waiting),
            ("lgsp_inbox_oldest_seconds", "Age of the oldest of them.", ("system",), oldest_s),
            ("lgsp_inbox_files", "Files of them that are not here.", ("system", "state"), files),
        ):
            self.registry.register(ReadGroup(name, text, labels, read))

    def watch_streams(self, open_now: Callable[[], int]) -> None:
        """Lets *open_now* say how many streams of events are open."""
        Gauge("lgsp_event_streams", "Streams of events that portals keep open.", registry=self.registry).set_function(
            open_now
        )

    def watch_audit(self, missing: Callable[[], int], gaps: Callable[[], int]) -> None:
        """Lets the two say how many look-ups were not recorded, and how many records say so."""
        for name, text, read in (
            ("lgsp_audit_missing_records", "Look-ups and orders that are not in the record of look-ups.", missing),
            ("lgsp_audit_gap_records", "Records that say how many before them are missing.", gaps),
        ):
            counter = ReadCount(name, text)
            counter.read = read
            self.registry.register(counter)

    def watch_log(self, read: Callable[[], int]) -> None:
        """Lets *read* say how many lines of the log were lost."""
        self._lines_lost.read = read

    def exposition(self, accept: str) -> tuple[bytes, str]:
        """All metrics in the format that *accept* asks for, and its content type."""
        encode, kind = choose_encoder(accept)
        return encode(self.registry), kind

    def _of_requests(self) -> dict[type[Event], EventHandler]:
        requests = self._counts(
            "lgsp_requests", "Requests of the portal by outcome.", (*OPERATION, "outcome", "caller")
        )
        self.levels = self._counts(
            "lgsp_service_level",
            "Requests by what they say of the service: good, stale, failed (a source), gateway (us), planned, caller.",
            (*OPERATION, "class"),
        )
        durations = self._seconds(
            "lgsp_request_duration_seconds",
            "Time from the first byte of the request until the answer is ready.",
            OPERATION,
        )
        overhead = self._seconds(
            "lgsp_gateway_overhead_seconds",
            "Duration of a request without the upstream's part.",
            OPERATION,
            OVERHEAD_BUCKETS,
        )

        def finished(event: RequestFinished) -> None:
            names = (event.connector, event.operation)
            requests.add((*names, event.outcome, event.caller))
            if event.operation:
                self.levels.add((*names, class_of(event.outcome)))
            if not event.caller:
                return
            durations.add(names, event.seconds)
            overhead.add(names, max(0.0, event.seconds - event.upstream_seconds))

        return {RequestFinished: finished}

    def _of_the_cache(self) -> dict[type[Event], EventHandler]:
        asked = self.asked = self._counts(
            "lgsp_cache_requests", "Cache look-ups by result (hits: hit + replayed).", (*OPERATION, "result")
        )
        ages = self._seconds("lgsp_cache_age_seconds", "Age of answers from the cache.", OPERATION, AGE_BUCKETS)
        stale = self._counts("lgsp_stale_served", "Answers that were served stale.", (*OPERATION, "reason"))
        refreshes = self._counts(
            "lgsp_cache_refreshes", "Answers refreshed in the background.", (*OPERATION, "outcome")
        )
        purges = self._counts("lgsp_cache_purges", "Purges of the cache.", ("what",))
        shared = self._counts("lgsp_shared_cache", "Uses of the shared cache by result.", ("result",))
        up = self._level("lgsp_shared_cache_up", "1 while the shared cache is used, 0 while it is passed over.", ())

        def was_asked(event: CacheAsked) -> None:
            asked.add((event.connector, event.operation, event.result))
            if event.result in {"hit", "replayed", "stale"}:
                ages.add((event.connector, event.operation), event.age)

        return {
            CacheAsked: was_asked,
            ServedStale: lambda event: stale.add((event.connector, event.operation, event.reason)),
            Refreshed: lambda event: refreshes.add((event.connector, event.operation, event.outcome)),
            Purged: lambda event: purges.add((event.what,)),
            SharedCacheUsed: lambda event: shared.add((event.result,), event.count),
            SharedCacheMoved: lambda event: up.set((), event.up),
        }

    def _of_exchanges(self) -> dict[type[Event], EventHandler]:
        attempts = self._counts(
            "lgsp_upstream_requests", "Exchanges with national systems by outcome.", (*UPSTREAM, "operation", "outcome")
        )
        waits = self.waits = self._seconds(
            "lgsp_upstream_duration_seconds", "Duration of one exchange.", (*UPSTREAM, "operation")
        )
        retries = self._counts("lgsp_retries", "Exchanges tried again.", (*UPSTREAM, "operation"))
        tokens = self._tokens = self._counts(
            "lgsp_token_renewals", "Token requests by outcome.", (*UPSTREAM, "outcome")
        )
        drift = self._drift = self._counts(
            "lgsp_contract_drift", "Parts of answers that the contract does not describe.", (*UPSTREAM, "kind")
        )
        not_asked = self._counts(
            "lgsp_not_asked",
            "Exchanges that a policy of the gateway refused before they began, by reason.",
            (*UPSTREAM, "reason"),
        )
        machine = self._machine = self._counts(
            "lgsp_machine_failures",
            "Connections that this machine could not open (descriptors, ports, memory, resolver): no source's fault.",
            ("reason",),
        )
        refused = self._refused = self._counts(
            "lgsp_credentials_refused",
            "Refusals of the gateway's credentials; only the operator can end them.",
            (*UPSTREAM, "reason"),
        )

        def attempted(event: Attempted) -> None:
            exchange = (event.connector, event.upstream, event.operation)
            attempts.add((*exchange, event.outcome))
            waits.add(exchange, event.seconds)

        return {
            Attempted: attempted,
            NotAsked: lambda event: not_asked.add((event.connector, event.upstream, event.reason)),
            MachineFailed: lambda event: machine.add((event.reason,)),
            Retried: lambda event: retries.add((event.connector, event.upstream, event.operation)),
            TokenRenewed: lambda event: tokens.add((event.connector, event.upstream, event.outcome)),
            DriftSeen: lambda event: drift.add((event.connector, event.upstream, event.kind)),
            CredentialsRefused: lambda event: refused.add((event.connector, event.upstream, event.reason)),
        }

    def _of_policies(self) -> dict[type[Event], EventHandler]:
        budget = self._level("lgsp_retry_budget_tokens", "Retries that the budget grants now.")
        breaker = self._level(
            "lgsp_breaker_state", "1 for the current state of the breaker, 0 for the others.", (*UPSTREAM, "state")
        )
        moves = self._moves = self._counts(
            "lgsp_breaker_transitions", "Changes of a breaker's state.", (*UPSTREAM, "state")
        )
        limit = self._level("lgsp_bulkhead_limit", "Exchanges that may be in flight.")
        quota = self._level("lgsp_quota_remaining", "Exchanges that are still granted today.")
        granted = self._level("lgsp_quota_limit", "Exchanges that the configuration grants in a day.")

        def quota_moved(event: QuotaMoved) -> None:
            quota.set((event.connector, event.upstream), event.remaining)
            granted.set((event.connector, event.upstream), event.per_day)

        def breaker_moved(event: BreakerMoved) -> None:
            names = (event.connector, event.upstream)
            if event.why != START:
                moves.add((*names, event.state))
            for state in STATES:
                breaker.set((*names, state), state == event.state)

        inbound = self._inbound = self._counts(
            "lgsp_inbound_messages",
            "Messages that systems pushed, by how they were answered.",
            ("system", "kind", "result"),
        )
        return {
            InboundAnswered: lambda event: inbound.add((event.system, event.kind, event.result)),
            BreakerMoved: breaker_moved,
            BulkheadMoved: lambda event: limit.set((event.connector, event.upstream), event.limit),
            RetryBudgetMoved: lambda event: budget.set((event.connector, event.upstream), event.tokens),
            QuotaMoved: quota_moved,
        }

    def _counts(self, name: str, text: str, labels: tuple[str, ...]) -> Counts:
        return Counts(name, text, labels, self.registry)

    def _seconds(self, name: str, text: str, labels: tuple[str, ...], bounds: tuple[float, ...] = BUCKETS) -> Durations:
        return Durations(name, text, labels, bounds, self.registry)

    def _level(self, name: str, text: str, labels: tuple[str, ...] = UPSTREAM) -> Levels:
        level = Levels(name, text, labels, self.registry)
        if labels[:2] == UPSTREAM:
            self._upstream_levels.append(level)
        return level

    def _read(self, name: str, text: str) -> ReadLevels:
        level = ReadLevels(name, text, UPSTREAM, self.registry)
        self._upstream_levels.append(level)
        return level
