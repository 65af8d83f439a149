"""Our own counters as Prometheus reads them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as openmetrics
from prometheus_client.parser import text_string_to_metric_families

from gateway.observe.collectors import Counts, Durations, Levels

BOUNDS = (0.001, 0.25, 1, 10)


def samples(registry: CollectorRegistry) -> set[tuple[str, tuple[tuple[str, str], ...], float]]:
    text = generate_latest(registry).decode()
    return {
        (sample.name, tuple(sorted(sample.labels.items())), sample.value)
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if not sample.name.endswith("_created")
    }


@given(st.lists(st.floats(min_value=0, max_value=100, allow_nan=False)))
def test_a_histogram_says_what_the_librarys_own_would_say(seconds: list[float]) -> None:
    """Buckets are cumulative, bounds belong to the bucket below, and sum and count agree, for any observations."""
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    durations = Durations("waits_seconds", "Text.", ("system",), BOUNDS, ours)
    reference = Histogram("waits_seconds", "Text.", ("system",), buckets=BOUNDS, registry=theirs)

    for value in seconds:
        durations.add(("a",), value)
        reference.labels("a").observe(value)

    assert samples(theirs) == samples(ours)


@given(st.lists(st.sampled_from(BOUNDS) | st.floats(min_value=0, max_value=100), max_size=30))
def test_observations_together_count_as_one_by_one(seconds: list[float]) -> None:
    """Few or many, on a bound or between two, each falls in the same bucket."""
    durations = Durations("waits_seconds", "Text.", ("system",), BOUNDS, CollectorRegistry())
    alone, together = durations.of(("alone",)), durations.of(("together",))
    for value in seconds:
        alone.add(value)

    together.add_sorted(sorted(seconds))

    assert together.buckets == alone.buckets
    assert together.total == pytest.approx(alone.total)


def test_counters_and_gauges_come_out_under_their_labels() -> None:
    """In both formats, a counter as ``_total``."""
    registry = CollectorRegistry()
    counts = Counts("asked", "Text.", ("system", "outcome"), registry)
    levels = Levels("places", "Text.", ("system",), registry)

    counts.add(("a", "ok"))
    counts.add(("a", "ok"), 2)
    levels.set(("a",), 7)
    levels.set(("a",), 3)

    assert {
        ("asked_total", (("outcome", "ok"), ("system", "a")), 3.0),
        ("places", (("system", "a"),), 3.0),
    } == samples(registry)
    assert b'asked_total{outcome="ok",system="a"} 3.0' in openmetrics(registry)


def test_nothing_is_exposed_before_it_is_seen() -> None:
    """A family without children has its help and no sample."""
    registry = CollectorRegistry()
    Durations("waits_seconds", "Text.", ("system",), (*BOUNDS, math.inf)[:-1], registry)

    assert samples(registry) == set()
    assert b"# TYPE waits_seconds histogram" in generate_latest(registry)
