"""The metrics of the portal's requests, counted for many at once, because a cached answer costs little beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple, TypeAlias

from prometheus_client.registry import CollectorRegistry

from gateway.core.events import RequestFinished
from gateway.observe.collectors import Count, Counts, Durations, Observed
from gateway.observe.service_level import class_of

OVERHEAD_BUCKETS: Final = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 1)
OPERATION: Final = ("connector", "operation")
REPLAYED: Final = "replayed"
Kind: TypeAlias = tuple[str, str, str, str]
"""Connector, operation, outcome, caller."""


class _Counted(NamedTuple):
    """The series of requests with the same names; they have a class with an operation, and times with a caller."""

    asked: Count
    level: Count | None
    took: Observed | None
    ours: Observed | None


class RequestMetrics:
    """Counts the requests of the portal, by outcome and by what they say of the service, and how long they took.

    Args:
        registry: Where the series are.
        durations: Upper bounds of a request's duration, in seconds.
        replays: Look-ups of the cache by result, of which an answer that is replayed is one.
        ages: Ages of answers from the cache.
    """

    def __init__(
        self, registry: CollectorRegistry, durations: Sequence[float], replays: Counts, ages: Durations
    ) -> None:
        self._asked = Counts(
            "lgsp_requests", "Requests of the portal by outcome.", (*OPERATION, "outcome", "caller"), registry
        )
        self.levels = Counts(
            "lgsp_service_level",
            "Requests by what they say of the service: good, stale, failed (a source), gateway (us), planned, caller.",
            (*OPERATION, "class"),
            registry,
        )
        self._took = Durations(
            "lgsp_request_duration_seconds",
            "Time from the first byte of the request until the answer is ready.",
            OPERATION,
            durations,
            registry,
        )
        self._ours = Durations(
            "lgsp_gateway_overhead_seconds",
            "Duration of a request without the upstream's part.",
            OPERATION,
            OVERHEAD_BUCKETS,
            registry,
        )
        self._replays, self._ages = replays, ages
        self._known: dict[Kind, _Counted] = {}

    def count(self, events: Sequence[RequestFinished]) -> None:
        """Counts *events*."""
        alike: dict[Kind, list[RequestFinished]] = {}
        for event in events:
            names = (event.connector, event.operation, event.outcome, event.caller)
            found = alike.get(names)
            if found is None:
                alike[names] = [event]
            else:
                found.append(event)
        for names, those in alike.items():
            self._count(names, those)

    def _count(self, names: Kind, events: Sequence[RequestFinished]) -> None:
        counted = self._known.get(names)
        if counted is None:
            counted = self._known[names] = self._met(names)
        counted.asked.value += len(events)
        if counted.level is not None:
            counted.level.value += len(events)
        if counted.took is not None and counted.ours is not None:
            counted.took.add_all([event.seconds for event in events])
            counted.ours.add_all([max(0.0, event.seconds - event.upstream_seconds) for event in events])
        if ages := [event.replayed_age for event in events if event.replayed_age is not None]:
            self._replays.add((*names[:2], REPLAYED), len(ages))
            self._ages.of(names[:2]).add_all(ages)

    def _met(self, names: Kind) -> _Counted:
        connector, operation, outcome, caller = names
        return _Counted(
            self._asked.of(names),
            self.levels.of((connector, operation, class_of(outcome))) if operation else None,
            self._took.of((connector, operation)) if caller else None,
            self._ours.of((connector, operation)) if caller else None,
        )
