"""The catalogue of metrics, as Prometheus reads it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import pytest
from prometheus_client.parser import text_string_to_metric_families

from gateway.core.events import Event, MachineFailed, NotAsked, RequestFinished
from gateway.core.health import Health
from gateway.observe.metrics import Metrics

NAMES: Final = ("register", "ws")


def values(metrics: Metrics) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Every sample by its name and labels."""
    text = metrics.exposition("")[0].decode()
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def one(metrics: Metrics, name: str, **labels: str) -> float:
    """One sample."""
    return values(metrics)[name, frozenset(labels.items())]


def served(metrics: Metrics, kind: str) -> float:
    """Requests of one class."""
    return one(metrics, "lgsp_service_level_total", connector="register", operation="record", **{"class": kind})


@pytest.fixture
def metrics() -> Metrics:
    """The metrics of a gateway with one operation."""
    made = Metrics("1", "f")
    made.expect([("register", "record")], [NAMES])
    return made


def finished(outcome: str, operation: str = "record") -> RequestFinished:
    """A request that ended so."""
    return RequestFinished("register", operation, "portal", outcome, 0.1, 0.05)


def test_what_alarms_watch_begins_at_zero(metrics: Metrics) -> None:
    """A rate over a series that is born with its first event does not see that event."""
    up = {"connector": "register", "upstream": "ws"}

    assert one(metrics, "lgsp_credentials_refused_total", **up, reason="credentials") == 0
    assert one(metrics, "lgsp_breaker_transitions_total", **up, state="open") == 0
    assert one(metrics, "lgsp_contract_drift_total", **up, kind="schema") == 0
    assert one(metrics, "lgsp_machine_failures_total", reason="descriptors") == 0
    for kind in ("good", "stale", "failed", "gateway", "caller"):
        assert (
            one(metrics, "lgsp_service_level_total", connector="register", operation="record", **{"class": kind}) == 0
        )


@pytest.mark.parametrize(
    ("outcome", "kind"),
    [
        ("ok", "good"),
        ("not_found", "good"),
        ("stale", "stale"),
        ("upstream-timeout", "failed"),
        ("overloaded", "gateway"),
    ],
)
def test_requests_are_counted_by_what_they_say_of_the_service(metrics: Metrics, outcome: str, kind: str) -> None:
    """A stale answer is not a good one, and no record is not a failure."""
    metrics.receive([finished(outcome)])

    assert served(metrics, kind) == 1


def test_a_request_without_a_route_has_no_service(metrics: Metrics) -> None:
    """Else a scanner that asks for nonsense would look like a service."""
    metrics.receive([finished("unknown-route", "")])

    assert not [
        labels
        for (name, labels) in values(metrics)
        if name == "lgsp_service_level_total" and not dict(labels)["operation"]
    ]


def test_refusals_of_our_own_are_told_apart(metrics: Metrics) -> None:
    """What a policy refused was no exchange with the source, and a machine's failure is no source's."""
    events: list[Event] = [NotAsked(*NAMES, "breaker_open"), MachineFailed("resolver")]
    metrics.receive(events)
    up = {"connector": "register", "upstream": "ws"}

    assert one(metrics, "lgsp_not_asked_total", **up, reason="breaker_open") == 1
    assert one(metrics, "lgsp_machine_failures_total", reason="resolver") == 1


def test_a_quota_is_read_and_ends_with_it(metrics: Metrics) -> None:
    """Midnight renews it though nobody asks; an upstream without one has no quota that could be spent."""
    left, up = [0], {"connector": "register", "upstream": "ws"}
    metrics.upstreams.watch_quota(NAMES, lambda: left[0], lambda: 10)
    assert (one(metrics, "lgsp_quota_remaining", **up), one(metrics, "lgsp_quota_limit", **up)) == (0, 10)
    left[0] = 10
    assert one(metrics, "lgsp_quota_remaining", **up) == 10
    metrics.upstreams.forget_quota(NAMES)

    assert not [name for name, _ in values(metrics) if name.startswith("lgsp_quota_")]


def test_each_state_of_an_upstream(metrics: Metrics) -> None:
    """Up is 0 exactly while it fails or is isolated; the state and its beginning are told beside it."""
    since = datetime(2026, 1, 5, tzinfo=UTC)
    held = [Health("up", since)]
    metrics.watch_upstreams(lambda: [(NAMES, held[0])])
    labels = {"connector": "register", "upstream": "ws"}

    for state, up in (("up", 1), ("unknown", 1), ("failing", 0), ("isolated", 0)):
        held[0] = Health(state, since)  # type: ignore[arg-type]
        assert one(metrics, "lgsp_upstream_up", **labels) == up
        assert one(metrics, "lgsp_upstream_state", **labels, state=state) == 1
        assert one(metrics, "lgsp_upstream_state_since_seconds", **labels) == since.timestamp()
