"""The portal's requests are counted the same whether they come one by one or many at once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, generate_latest

from gateway.core.events import RequestFinished
from gateway.observe.collectors import Counts, Durations
from gateway.observe.request_metrics import OPERATION, RequestMetrics

EIGHTHS = st.integers(0, 40).map(lambda eighths: eighths / 8)
"""Seconds whose sums are exact."""
REQUESTS = st.builds(
    RequestFinished,
    connector=st.sampled_from(["register", ""]),
    operation=st.sampled_from(["record", "search", ""]),
    caller=st.sampled_from(["portal", ""]),
    outcome=st.sampled_from(["ok", "stale", "not_found", "upstream-timeout"]),
    seconds=EIGHTHS,
    upstream_seconds=EIGHTHS,
    replayed_age=st.none() | EIGHTHS,
)


def exposition(batches: list[list[RequestFinished]]) -> list[str]:
    """What is told of requests that come so."""
    registry = CollectorRegistry()
    replays = Counts("lgsp_cache_requests", "Text.", (*OPERATION, "result"), registry)
    ages = Durations("lgsp_cache_age_seconds", "Text.", OPERATION, (1, 4), registry)
    metrics = RequestMetrics(registry, (0.5, 2), replays, ages)
    for batch in batches:
        metrics.receive(batch)
    return sorted(generate_latest(registry).decode().splitlines())


@given(st.lists(REQUESTS, max_size=40))
def test_a_batch_counts_as_its_requests_alone(requests: list[RequestFinished]) -> None:
    """Of any requests, whatever their names."""
    assert exposition([requests]) == exposition([[one] for one in requests])


def test_a_replay_is_a_look_up_of_the_cache() -> None:
    """No other event tells of it."""
    told = exposition([[RequestFinished("register", "record", "portal", "ok", 0.1, 0.0, replayed_age=2.0)]])

    assert 'lgsp_cache_requests_total{connector="register",operation="record",result="replayed"} 1.0' in told
    assert 'lgsp_cache_age_seconds_bucket{connector="register",le="4.0",operation="record"} 1.0' in told
    assert 'lgsp_requests_total{caller="portal",connector="register",operation="record",outcome="ok"} 1.0' in told
