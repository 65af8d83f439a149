"""Metrics of the exchanges with national systems, and of the policies around them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final, get_args

from prometheus_client import CollectorRegistry

from gateway.core.events import (
    DRIFT_KINDS,
    MACHINE_REASONS,
    REFUSALS,
    START,
    Attempted,
    BreakerMoved,
    BreakerState,
    BulkheadMoved,
    CredentialsRefused,
    DriftSeen,
    Event,
    MachineFailed,
    NotAsked,
    QuotaMoved,
    Retried,
    RetryBudgetMoved,
    TokenRenewed,
)
from gateway.observe.collectors import Counts, Durations, EventHandler, Levels, ReadLevels

BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60)
UPSTREAM: Final = ("connector", "upstream")
STATES: Final[tuple[BreakerState, ...]] = get_args(BreakerState)


class UpstreamMetrics:
    """Listens to what is told of national systems; *listeners* are its handlers."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        self._levels: list[Levels | ReadLevels] = []
        self._in_use = self._read("lgsp_bulkhead_in_use", "Exchanges in flight.")
        self._waiting = self._read("lgsp_bulkhead_waiting", "Exchanges that wait for a place.")
        self._token_age = self._read("lgsp_token_age_seconds", "Age of the token in use; NaN while there is none.")
        self._certificates = self._read(
            "lgsp_certificate_expiry_seconds",
            "When the certificate that the upstream showed last ends (seconds since 1970); NaN before the first.",
        )
        self._quota = self._read("lgsp_quota_remaining", "Exchanges that are still granted today.")
        self._granted = self._read("lgsp_quota_limit", "Exchanges that the configuration grants in a day.")
        self.listeners: Mapping[type[Event], EventHandler] = {**self._of_exchanges(), **self._of_policies()}

    def expect(self, upstreams: Iterable[tuple[str, str]]) -> None:
        """Begins the counters that alarms watch at zero, for each of *upstreams* (connector, upstream)."""
        for names in upstreams:
            self._refused.born((*names, reason) for reason in REFUSALS)
            self._moves.born((*names, state) for state in STATES)
            self._drift.born((*names, kind) for kind in DRIFT_KINDS)
            self._renewals.born([(*names, "ok")])
        self._machine.born((reason,) for reason in MACHINE_REASONS)

    def forget(self, names: tuple[str, str]) -> None:
        """Tells no more of the present of an upstream that is not configured any more; what it counted stays."""
        for level in self._levels:
            level.forget(names)

    def watch_bulkhead(self, names: tuple[str, str], in_use: Callable[[], int], waiting: Callable[[], int]) -> None:
        """Lets *in_use* and *waiting* say how many exchanges with the upstream of *names* do which."""
        self._in_use.watch(names, in_use)
        self._waiting.watch(names, waiting)

    def watch_quota(self, names: tuple[str, str], remaining: Callable[[], int], per_day: Callable[[], int]) -> None:
        """Lets the two say how many exchanges the upstream of *names* still grants today, and how many in a day."""
        self._quota.watch(names, remaining)
        self._granted.watch(names, per_day)

    def forget_quota(self, names: tuple[str, str]) -> None:
        """Tells no quota of an upstream that has none, or none any more."""
        self._quota.forget(names)
        self._granted.forget(names)

    def watch_token(self, names: tuple[str, str], age_s: Callable[[], float]) -> None:
        """Lets *age_s* say how old the token of an upstream is (NaN: there is none)."""
        self._token_age.watch(names, age_s)

    def watch_certificate(self, names: tuple[str, str], ends_at: Callable[[], float]) -> None:
        """Lets *ends_at* say when the certificate that an upstream showed last ends, in seconds since 1970."""
        self._certificates.watch(names, ends_at)

    def _of_exchanges(self) -> dict[type[Event], EventHandler]:
        attempts = self._counts(
            "lgsp_upstream_requests", "Exchanges with national systems by outcome.", (*UPSTREAM, "operation", "outcome")
        )
        waits = self.waits = Durations(
            "lgsp_upstream_duration_seconds",
            "Duration of one exchange.",
            (*UPSTREAM, "operation"),
            BUCKETS,
            self._registry,
        )
        retries = self._counts("lgsp_retries", "Exchanges tried again.", (*UPSTREAM, "operation"))
        tokens = self._renewals = self._counts(
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

        def breaker_moved(event: BreakerMoved) -> None:
            names = (event.connector, event.upstream)
            if event.why != START:
                moves.add((*names, event.state))
            for state in STATES:
                breaker.set((*names, state), state == event.state)

        return {
            BreakerMoved: breaker_moved,
            BulkheadMoved: lambda event: limit.set((event.connector, event.upstream), event.limit),
            RetryBudgetMoved: lambda event: budget.set((event.connector, event.upstream), event.tokens),
            QuotaMoved: lambda _: None,  # it is read: midnight renews a quota, and nobody asks at night
        }

    def _counts(self, name: str, text: str, labels: tuple[str, ...]) -> Counts:
        return Counts(name, text, labels, self._registry)

    def _level(self, name: str, text: str, labels: tuple[str, ...] = UPSTREAM) -> Levels:
        level = Levels(name, text, labels, self._registry)
        self._levels.append(level)
        return level

    def _read(self, name: str, text: str) -> ReadLevels:
        level = ReadLevels(name, text, UPSTREAM, self._registry)
        self._levels.append(level)
        return level
