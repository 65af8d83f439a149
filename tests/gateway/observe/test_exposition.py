"""The text of a scrape, held to what prometheus_client would write of the same metrics."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.exposition import choose_encoder

from gateway.core.events import Attempted, BreakerMoved, CacheAsked, RequestFinished
from gateway.observe.catalogue import whole_catalogue
from gateway.observe.collectors import Counts, Durations, Levels, ReadCount, ReadGroup, ReadLevels
from gateway.observe.exposition import Registry

OPENMETRICS = "application/openmetrics-text; version=1.0.0"
ACCEPTS = [
    "",
    "*/*",
    "text/plain;version=0.0.4",
    "text/plain; version=1.0.0; escaping=allow-utf-8",
    OPENMETRICS,
    f"{OPENMETRICS}; escaping=allow-utf-8",
    "application/openmetrics-text",
]
HELP = 'A "help" of\ntwo lines with a \\.'
WORDS = st.text(max_size=8)
VALUES = st.one_of(st.integers(0, 10**12), st.floats())


def filled(labels: list[tuple[str, str]], value: float, registry: CollectorRegistry) -> None:
    """One metric of each kind, with a series for each of *labels*, whose names are not in their sequence."""
    names = ("system", "class")
    counts = Counts("asked", HELP, names, registry)
    levels = Levels("places", HELP, names, registry)
    reads = ReadLevels("ages", HELP, names, registry)
    waits = Durations("waits_seconds", HELP, names, (0.001, 0.25, 1, 10), registry)
    registry.register(ReadGroup("lanes", HELP, names, lambda: dict.fromkeys(labels, value)))
    registry.register(ReadCount("lost", HELP))
    Gauge("library", HELP, ("le",), registry=registry).labels("x").set(value)
    for one in labels:
        counts.add(one, 3)
        levels.set(one, value)
        reads.watch(one, lambda: value)
        waits.add(one, 0.3)
        waits.add(one, 20)


@given(st.lists(st.tuples(WORDS, WORDS), unique=True, max_size=4), VALUES)
def test_every_kind_is_written_as_the_library_writes_it(labels: list[tuple[str, str]], value: float) -> None:
    """Whatever the labels and values are, in each format; the second scrape says the same as the first."""
    registry = Registry()
    filled(labels, value, registry)

    for accept in ACCEPTS:
        encode, kind = choose_encoder(accept)
        wanted = encode(registry), kind
        assert registry.exposition(accept) == wanted
        assert registry.exposition(accept) == wanted


@pytest.mark.parametrize("accept", ACCEPTS)
def test_whole_catalogue_is_written_as_the_library_writes_it(accept: str) -> None:
    """All metrics of a gateway, apart from those that the machine moves while they are written."""
    metrics = whole_catalogue()
    metrics.expect([("register", "record")], [("register", "ws")])
    metrics.receive(
        [
            RequestFinished("register", "record", "portal", "ok", 0.1, 0.05),
            CacheAsked("register", "record", "hit", 5.0),
            Attempted("register", "ws", "record", "ok", 0.05),
            BreakerMoved("register", "ws", "open", "failures"),
        ]
    )
    metrics.upstreams.watch_quota(("register", "ws"), lambda: 19_999_999, lambda: 20_000_000)
    encode, kind = choose_encoder(accept)
    wanted = encode(metrics.registry).splitlines()
    body, told = metrics.exposition(accept)

    assert told == kind
    assert len(wanted) > 200
    assert [line for line in body.splitlines() if not line.startswith(b"process_")] == [
        line for line in wanted if not line.startswith(b"process_")
    ]


def test_series_that_are_told_no_more_are_forgotten() -> None:
    """A system that left the configuration is not in the next scrape; the others stay as they were."""
    registry = Registry()
    levels = Levels("places", "Text.", ("system",), registry)
    levels.set(("a",), 1)
    levels.set(("b",), 2)
    assert b'places{system="a"} 1.0\n' in registry.exposition("")[0]
    levels.forget(("a",))

    assert registry.exposition("")[0] == b'# HELP places Text.\n# TYPE places gauge\nplaces{system="b"} 2.0\n'
