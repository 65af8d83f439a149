"""What a kept answer may be used for, decided without an event loop."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gateway.core.call import NO_WISH, CacheWish, Rendered
from gateway.core.operation import Operation
from gateway.pipeline.cache.freshness import (
    MISS,
    NOT_HERE,
    PASSED_OVER,
    Decision,
    Fresh,
    Law,
    Miss,
    NotHere,
    StaleAccepted,
    StaleIfError,
    StaleWhileRevalidate,
    decide,
    early_at,
    stands_in,
)
from gateway.pipeline.cache.store import Entry
from tests.gateway.pipeline.harness import Record, RecordQuery

LAW: Final = Law(fresh_s=100.0, swr_s=50.0, soft_timeout_s=0.3, stale_s=200.0)
STORED: Final = 1_000.0


def entry(law: Law = LAW, *, found: bool = True, stored_at: float = STORED) -> Entry:
    """An entry stored at *stored_at*, without jitter."""
    life = law.life(found=found)
    return Entry(
        value=Rendered(b"{}", 'W/"a"') if found else None,
        fetched_at=datetime(2026, 11, 24, tzinfo=UTC),
        asked_at=stored_at,
        order=1,
        stored_at=stored_at,
        fresh_until=stored_at + life,
        keep_until=stored_at + life + law.keep(found=found),
    )


@pytest.mark.parametrize(
    ("age", "wish", "expected"),
    [
        (0.0, NO_WISH, Fresh(0.0, 100.0)),
        (99.0, NO_WISH, Fresh(99.0, 1.0)),
        (100.0, NO_WISH, StaleWhileRevalidate(100.0, 0.0, refresh=True)),
        (149.0, NO_WISH, StaleWhileRevalidate(149.0, -49.0, refresh=True)),
        (150.0, NO_WISH, StaleIfError(0.3)),
        (299.0, NO_WISH, StaleIfError(0.3)),
        (300.0, NO_WISH, MISS),
        (0.0, CacheWish(no_cache=True), PASSED_OVER),
        (150.0, CacheWish(no_cache=True), MISS),
        (0.0, CacheWish(no_cache=True, only_if_cached=True), NOT_HERE),
        (0.0, CacheWish(only_if_cached=True), Fresh(0.0, 100.0)),
        (101.0, CacheWish(only_if_cached=True), NOT_HERE),
        (301.0, CacheWish(only_if_cached=True), NOT_HERE),
        (10.0, CacheWish(max_age=10.0), Fresh(10.0, 90.0)),
        (11.0, CacheWish(max_age=10.0), StaleIfError(0.0, passed_over=True)),
        (11.0, CacheWish(max_age=10.0, max_stale=1.0), Fresh(11.0, 89.0)),
        (12.0, CacheWish(max_age=10.0, max_stale=1.0), StaleIfError(0.0, passed_over=True)),
        (101.0, CacheWish(max_age=1000.0), StaleIfError(0.0)),
        (120.0, CacheWish(max_stale=20.0), StaleAccepted(120.0, -20.0, "max_stale")),
        (299.0, CacheWish(max_stale=float("inf")), StaleAccepted(299.0, -199.0, "max_stale")),
        (301.0, CacheWish(max_stale=float("inf")), MISS),
    ],
)
def test_table_of_ages_and_wishes(age: float, wish: CacheWish, expected: Decision) -> None:
    """Every edge between fresh, revalidating, standing in and gone, with each wish of RFC 9111 section 5.2.1."""
    assert decide(entry(), STORED + age, wish, LAW) == expected


@pytest.mark.parametrize(("wish", "expected"), [(NO_WISH, MISS), (CacheWish(only_if_cached=True), NOT_HERE)])
def test_nothing_kept_is_a_miss_or_not_here(wish: CacheWish, expected: Decision) -> None:
    """Without an entry the source is asked, unless the caller forbids it."""
    assert decide(None, STORED, wish, LAW) == expected


def test_resting_starts_no_renewal() -> None:
    """After a failed renewal the stale answer is given, and no other renewal begins."""
    assert decide(entry(), STORED + 120, NO_WISH, LAW, resting=True) == StaleWhileRevalidate(
        120.0, -20.0, refresh=False
    )


@pytest.mark.parametrize(
    ("age", "hot", "resting", "refresh"),
    [(89.0, True, False, False), (91.0, True, False, True), (91.0, False, False, False), (91.0, True, True, False)],
)
def test_only_a_hot_entry_in_its_last_tenth_is_renewed_early(
    age: float, *, hot: bool, resting: bool, refresh: bool
) -> None:
    """Early renewal wants many hits, the last tenth of life, and no failure a moment ago."""
    assert decide(entry(), STORED + age, NO_WISH, LAW, hot=hot, resting=resting) == Fresh(
        age, 100.0 - age, refresh=refresh
    )


def test_short_lives_are_not_renewed_early() -> None:
    """A life of a second ends by itself: renewing it early would only double the calls."""
    short = entry(Law(fresh_s=1.0))

    assert early_at(short) == short.fresh_until


def test_scarce_source_is_spared_where_the_law_lets_old_answers_stand_in() -> None:
    """Near the end of the day's quota what may stand in is given without asking."""
    lawful, strict = Law(100.0, stale_s=200.0), Law(100.0, swr_s=1.0)

    assert decide(entry(lawful), STORED + 120, NO_WISH, lawful, scarce=True) == StaleAccepted(120, -20, "quota_low")
    assert decide(entry(strict), STORED + 120, NO_WISH, strict, scarce=True) == MISS


def test_no_such_record_is_never_stale() -> None:
    """A register that once said "no such record" may have one by now: past its minute the answer is gone."""
    absent = entry(found=False)

    assert decide(absent, STORED + 59, NO_WISH, LAW) == Fresh(59.0, 1.0)
    assert decide(absent, STORED + 60, CacheWish(max_stale=float("inf")), LAW) == MISS
    assert not stands_in(absent, STORED + 60, LAW)


def test_no_such_record_lives_no_longer_than_a_record() -> None:
    """``negative_s`` is cut to ``fresh_s``."""
    assert Law(fresh_s=5.0, negative_s=60.0).life(found=False) == 5.0


def test_law_of_what_is_never_stale_has_zeros() -> None:
    """Whatever numbers an operation has beside it, ``never_stale`` wins."""
    operation = Operation(
        name="o", query=RecordQuery, answer=Record, path="o/{code}", summary="s",
        fresh_s=60, swr_s=60, stale_s=60, soft_timeout_s=1, never_stale=True,
    )  # fmt: skip
    law = Law.of(operation)

    assert (law.fresh_s, law.swr_s, law.stale_s, law.soft_timeout_s) == (60, 0, 0, 0)


def test_stand_in_needs_a_law_even_while_fresh() -> None:
    """A fresh entry that ``max-age`` refused does not come back as stale where nothing may be stale."""
    law = Law(fresh_s=100.0)

    assert not stands_in(entry(law), STORED + 1, law)
    assert decide(entry(law), STORED + 11, CacheWish(max_age=10.0), law) == PASSED_OVER


SECONDS = st.floats(0, 1_000)
LAWS = st.builds(Law, st.floats(0.5, 1_000), SECONDS, SECONDS, SECONDS, SECONDS)
WISHES = st.builds(CacheWish, st.booleans(), st.booleans(), st.none() | SECONDS, st.none() | SECONDS)


@given(LAWS, WISHES, SECONDS, st.booleans(), st.booleans(), st.booleans())
def test_no_decision_breaks_law_or_wish(
    law: Law, wish: CacheWish, age: float, hot: bool, resting: bool, scarce: bool
) -> None:
    """Whatever the numbers: nothing older than law and wish allow is given, and ``no-cache`` is always asked."""
    held = entry(law)
    past = STORED + age - held.fresh_until

    decision = decide(held, STORED + age, wish, law, hot=hot, resting=resting, scarce=scarce)

    match decision:
        case Fresh():
            assert past < 0
            assert wish.max_age is None or age <= wish.max_age + (wish.max_stale or 0.0) + 1e-9
            assert not (decision.refresh and resting)
        case StaleWhileRevalidate():
            assert past < law.swr_s
            assert wish.max_age is None
            assert not (decision.refresh and resting)
        case StaleAccepted():
            assert past < max(law.swr_s, law.stale_s)
            assert scarce or wish.max_stale is not None
        case StaleIfError():
            assert past < law.stale_s
            assert not wish.only_if_cached
        case Miss():
            assert not wish.only_if_cached
        case NotHere():
            assert wish.only_if_cached
    if wish.no_cache:
        assert decision in {MISS, PASSED_OVER, NOT_HERE}


@given(LAWS, st.floats(0, 2_000), st.floats(0, 2_000))
def test_an_answer_never_grows_younger(law: Law, one: float, other: float) -> None:
    """With age, an entry only ever moves from fresh through stale to gone."""
    assume(law.soft_timeout_s == 0 or law.stale_s > 0)
    ranks: dict[type[Decision], int] = {Fresh: 0, StaleWhileRevalidate: 1, StaleIfError: 2, Miss: 3}
    young, old = sorted((one, other))
    held = entry(law)

    first, second = [ranks[type(decide(held, STORED + age, NO_WISH, law))] for age in (young, old)]

    assert first <= second
