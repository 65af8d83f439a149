"""The limit that is found out from latency."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.pipeline.upstream.adaptive import Aimd, AimdSettings, Kind, Sample, decide

SETTINGS = AimdSettings(window_s=1.0, min_samples=10, tolerance=1.5, drops=0.1, backoff=0.75, drift=0.02)
MOST = 16


def windows(aimd: Aimd, seconds: float, count: int, *, kind: Kind = "answered", in_use: int = MOST) -> Aimd:
    """*count* full windows of exchanges that take *seconds* each; time goes on from the last."""
    now = 1_000_000.0
    for _ in range(count):
        for _ in range(SETTINGS.min_samples):
            now += 0.2
            aimd, _ = decide(aimd, Sample(seconds, kind, in_use), now, SETTINGS, MOST)
    return aimd


def test_the_first_window_only_learns_what_is_usual() -> None:
    """Nothing is slow before anything is known."""
    aimd = windows(Aimd(8), 3.0, 1)

    assert (aimd.limit, aimd.usual) == (9, 3.0)


def test_too_slow_a_window_takes_a_quarter() -> None:
    """Multiplicative decrease."""
    aimd = windows(windows(Aimd(MOST), 0.2, 3), 0.4, 1)

    assert aimd.limit == 12


def test_a_good_window_adds_one() -> None:
    """Additive increase, up to what configuration allows."""
    aimd = windows(Aimd(4), 0.2, 3)

    assert aimd.limit == 7
    assert windows(aimd, 0.2, 100).limit == MOST


def test_the_limit_does_not_grow_where_nobody_needs_it() -> None:
    """Two in flight say nothing about whether eight would be well."""
    assert windows(Aimd(8), 0.2, 20, in_use=2).limit == 8


def test_a_tenth_of_failures_is_too_much() -> None:
    """Dropped exchanges count, however fast they were."""
    assert windows(Aimd(8), 0.01, 1, kind="dropped").limit == 6
    assert windows(Aimd(1), 0.01, 50, kind="dropped").limit == 1


def test_neutral_exchanges_change_nothing() -> None:
    """They do not even fill a window."""
    aimd = windows(Aimd(8), 0.2, 2)

    assert windows(aimd, 60.0, 50, kind="neutral") == aimd


def test_few_exchanges_say_nothing() -> None:
    """In thin traffic a window lasts until it has its samples."""
    aimd, now = Aimd(8), 0.0
    for _ in range(SETTINGS.min_samples - 1):
        now += 600.0
        aimd, limit = decide(aimd, Sample(9.0, "answered", 1), now, SETTINGS, MOST)

        assert limit == 8


def test_a_source_that_stays_slower_becomes_the_usual_one() -> None:
    """Else one good day would hold the limit down for ever."""
    aimd = windows(Aimd(MOST), 0.2, 3)
    fallen = windows(aimd, 0.4, 10)

    assert fallen.limit < 5
    assert windows(fallen, 0.4, 200).limit == MOST


@given(
    st.integers(1, MOST),
    st.lists(
        st.tuples(
            st.floats(0, 120), st.sampled_from(["answered", "dropped", "neutral"]), st.integers(0, 50), st.floats(0, 5)
        ),
        max_size=200,
    ),
)
def test_the_limit_stays_within_its_bounds(start: int, samples: list[tuple[float, Kind, int, float]]) -> None:
    """Whatever is seen: at least one, at most what is allowed, and a usual latency that is a number."""
    aimd, now = Aimd(start), 0.0
    for seconds, kind, in_use, passed in samples:
        now += passed
        aimd, limit = decide(aimd, Sample(seconds, kind, in_use), now, SETTINGS, MOST)

        assert 1 <= limit == aimd.limit <= MOST
        assert 0 <= aimd.usual <= 120
