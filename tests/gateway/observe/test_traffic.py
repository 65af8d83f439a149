"""The traffic of a connector, read from the counters."""

from __future__ import annotations

import pytest

from gateway.core.events import Attempted, CacheAsked, RequestFinished
from gateway.observe.metrics import Metrics
from gateway.observe.traffic import STEPS, Read, Traffic, quantile_ms
from gateway.testing.clock import FakeClock


def traffic_of(metrics: Metrics, clock: FakeClock) -> Traffic:
    """The traffic of one connector."""
    read = Read(metrics.requests.levels, metrics.asked, metrics.upstreams.waits)
    return Traffic(read, ["register"], clock)


def finished(outcome: str, connector: str = "register") -> RequestFinished:
    """A request that ended so."""
    return RequestFinished(connector, "record", "portal", outcome, 0.1, 0.05)


def test_step_has_what_happened_since_the_one_before(clock: FakeClock) -> None:
    """Requests before the first step and of other connectors are not in it."""
    metrics = Metrics("1", "f")
    metrics.receive([finished("ok")])
    traffic = traffic_of(metrics, clock)
    hits = [CacheAsked("register", "record", result, 1.0) for result in ("hit", "stale", "miss")]
    replayed = RequestFinished("register", "record", "portal", "ok", 0.1, 0.0, replayed_age=1.0)
    metrics.receive([replayed, finished("stale"), finished("ok", "other"), *hits])

    step = traffic.take()["register"]
    assert (step.good, step.stale, step.failed, step.hits, step.asked) == (1, 1, 0, 3, 4)
    assert (step.median_ms, step.slow_ms) == (None, None)
    assert traffic.take()["register"][1:6] == (0, 0, 0, 0, 0)


def test_points_never_go_back_with_the_wall_clock(clock: FakeClock) -> None:
    """A line can't be drawn through the past."""
    traffic = traffic_of(Metrics("1", "f"), clock)
    first = traffic.take()["register"].at
    clock.jump_wall(-86_400)

    assert traffic.take()["register"].at == first


def test_an_hour_is_kept(clock: FakeClock) -> None:
    """However long the gateway runs."""
    traffic = traffic_of(Metrics("1", "f"), clock)
    for _ in range(STEPS + 10):
        traffic.take()

    assert {len(column) for column in traffic.history()["register"].values()} == {STEPS}
    assert traffic.taken == STEPS + 10


def test_delays_are_those_of_the_step(clock: FakeClock) -> None:
    """Slow exchanges of an earlier step are gone with it."""
    metrics = Metrics("1", "f")
    traffic = traffic_of(metrics, clock)
    metrics.receive([Attempted("register", "ws", "record", "ok", 8.0)])
    slow = traffic.take()["register"].slow_ms
    metrics.receive([Attempted("register", "ws", "record", "ok", 0.03)] * 20)
    quick = traffic.take()["register"].slow_ms

    assert slow is not None
    assert quick is not None
    assert (5_000 < slow <= 10_000, 25 < quick <= 50) == (True, True)


@pytest.mark.parametrize(
    ("part", "counts", "expected"),
    [
        (0.5, [0, 0, 0], None),
        (0.5, [10, 0, 0], 500),
        (1.0, [10, 0, 0], 1000),
        (0.5, [1, 3, 0], 1333),
        (0.9, [0, 0, 5], 2000),
    ],
)
def test_quantiles_lie_in_their_bucket(part: float, counts: list[int], expected: int | None) -> None:
    """Evenly spread within it; above the last bound it is that bound, and without observations nothing."""
    assert quantile_ms(part, (1.0, 2.0), counts) == expected
