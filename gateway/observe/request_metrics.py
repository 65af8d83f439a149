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
Kind: TypeAlias = tuple[str, str, str, str, bool]
"""Connector, operation, outcome, caller, and whether the answer was replayed from the cache."""


class _Counted(NamedTuple):
    """The series of requests of one kind; they have a class with an operation, and times with a caller."""

    asked: Count
    level: Count | None
    took: Observed | None
    ours: Observed | None
    replays: Count | None
    ages: Observed | None


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

    def receive(self, requests: Sequence[RequestFinished], /) -> None:
        """Counts *requests*."""
        alike: dict[Kind, list[RequestFinished]] = {}
        for one in requests:
            kind = (one.connector, one.operation, one.outcome, one.caller, one.replayed_age is not None)
            found = alike.get(kind)
            if found is None:
                alike[kind] = [one]
            else:
                found.append(one)
        for kind, those in alike.items():
            counted = self._known.get(kind)
            if counted is None:
                counted = self._known[kind] = self._met(kind)
            _count(counted, those)

    def _met(self, kind: Kind) -> _Counted:
        connector, operation, outcome, caller, replayed = kind
        names = (connector, operation)
        return _Counted(
            self._asked.of((*names, outcome, caller)),
            self.levels.of((*names, class_of(outcome))) if operation else None,
            self._took.of(names) if caller else None,
            self._ours.of(names) if caller else None,
            self._replays.of((*names, REPLAYED)) if replayed else None,
            self._ages.of(names) if replayed else None,
        )


def _count(counted: _Counted, requests: Sequence[RequestFinished]) -> None:
    number = len(requests)
    counted.asked.value += number
    if counted.level is not None:
        counted.level.value += number
    seconds = sorted([one.seconds for one in requests])
    if counted.replays is not None and counted.ages is not None:
        counted.replays.value += number
        counted.ages.add_sorted(sorted([one.replayed_age or 0.0 for one in requests]))
        ours = seconds  # no upstream was asked
    else:
        ours = sorted([max(0.0, one.seconds - one.upstream_seconds) for one in requests])
    if counted.took is not None and counted.ours is not None:
        counted.took.add_sorted(seconds)
        counted.ours.add_sorted(ours)
