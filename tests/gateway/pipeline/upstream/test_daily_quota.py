"""The national quota of the day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.call import Priority
from gateway.core.events import NotAsked, QuotaMoved
from gateway.pipeline.upstream.daily_quota import (
    UNKNOWN_RETRY_S,
    DayQuota,
    MemoryDays,
    SpendResult,
    day_of,
    decide,
    following,
    until_midnight,
)
from tests.gateway.pipeline.harness import Worlds
from tests.gateway.pipeline.scripted import ScriptedUpstream, answers, fails, status

QUOTA = DayQuota(per_day=100, reserved=0.1)
TODAY, TOMORROW = date(2026, 11, 24), date(2026, 11, 25)


def test_people_may_use_the_whole_day_and_batch_may_not() -> None:
    """The last tenth is kept."""
    assert decide(89, "batch", QUOTA)
    assert not decide(90, "batch", QUOTA)
    assert decide(99, "interactive", QUOTA)
    assert not decide(100, "interactive", QUOTA)


def test_the_reserve_is_rounded_up() -> None:
    """A tiny quota keeps at least one for people."""
    assert DayQuota(5, 0.1).kept == 1
    assert DayQuota(5, 0.0).kept == 0


def test_the_day_is_vietnams() -> None:
    """It begins at 17:00 UTC of the day before."""
    assert day_of(datetime(2026, 11, 24, 16, 59, tzinfo=UTC)) == TODAY
    assert day_of(datetime(2026, 11, 24, 17, 0, tzinfo=UTC)) == TOMORROW


@given(st.integers(1_500_000_000, 2_500_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)))
def test_midnight_is_ahead_and_begins_another_day(now: datetime) -> None:
    """From any instant, the wait for the new quota is at most a day and ends in it."""
    wait = until_midnight(now)

    assert 0 < wait <= 86_400
    assert day_of(now + timedelta(seconds=wait, microseconds=1)) == day_of(now) + timedelta(days=1)


async def spent(days: MemoryDays, name: str, day: date, times: int = 1) -> None:
    """Spends so many exchanges of a day."""
    for _ in range(times):
        assert await days.spend(name, day, QUOTA, "interactive") == "granted"


async def test_a_new_day_starts_from_nothing_and_only_it_is_kept() -> None:
    """The store holds one number a name."""
    days = MemoryDays()
    await spent(days, "a", TODAY, 5)
    await spent(days, "b", TODAY, 2)
    assert (days.used("a", TODAY), days.remaining("a", TODAY, QUOTA)) == (5, 95)
    await spent(days, "a", TOMORROW)

    assert (days.used("a", TOMORROW), days.used("b", TODAY)) == (1, 2)


async def test_a_wall_clock_set_back_gives_no_spent_day_anew() -> None:
    """What was used stays used."""
    days = MemoryDays()
    await spent(days, "a", TOMORROW, 7)
    await spent(days, "a", TODAY)
    await spent(days, "a", TOMORROW)

    assert days.used("a", TOMORROW) == 9


async def test_never_below_nothing() -> None:
    """Giving back across midnight does not give more than there is."""
    days = MemoryDays()
    await spent(days, "a", TODAY)
    days.give_back("a", TOMORROW)

    assert days.remaining("a", TOMORROW, QUOTA) == 100


async def test_what_never_left_costs_nothing(worlds: Worlds) -> None:
    """A refused connection was not counted by the source either."""
    world = worlds(
        ScriptedUpstream(fails("unreachable", may_have_arrived=False), answers()), policies={"quota_per_day": 10}
    )
    await world.error()
    assert world.ring.quota is not None
    assert world.ring.quota.remaining == 10

    await world.ask()
    assert world.ring.quota.remaining == 9


async def test_what_left_costs_whatever_came_of_it(worlds: Worlds) -> None:
    """Errors of the source are exchanges too."""
    world = worlds(ScriptedUpstream(always=status(500)), policies={"quota_per_day": 10})
    await world.error()
    await world.error()

    assert [event.remaining for event in world.of(QuotaMoved)] == [10, 9, 8]


async def test_every_attempt_is_counted(worlds: Worlds) -> None:
    """The source counts retries, so do we."""
    world = worlds(
        ScriptedUpstream(fails(), fails(), answers()),
        policies={"quota_per_day": 10, "retry": {"attempts": 3, "initial_s": 0.01}},
    )
    await world.ask_within(1.0)

    assert world.of(QuotaMoved)[-1] == QuotaMoved("register", "ws", 7, 10)


async def test_refused_for_its_quota_it_gets_no_exchange_and_no_retry(worlds: Worlds) -> None:
    """Nothing is asked, nothing is tried again, and the breaker learns nothing."""
    world = worlds(policies={"quota_per_day": 1, "quota_reserve": 0, "retry": {"attempts": 3}})
    await world.ask()

    for _ in range(20):
        error = await world.error()
        assert (error.code, error.reason) == ("upstream-unavailable", "quota_spent")
        assert error.retry_after == pytest.approx(14 * 3_600)

    assert world.calls[-1].trace.notes == ["quota=spent"]
    assert world.upstream.count == 1


@pytest.mark.parametrize("days", [1, 3, 400, -1, -3, -400])
async def test_clock_that_jumps_by_days_and_back_spends_nothing(worlds: Worlds, days: int) -> None:
    """What was used before and meanwhile is used, no more and no less, on this day and on those after it."""
    world = worlds(policies={"quota_per_day": 10, "quota_reserve": 0})
    assert world.ring.quota is not None
    await world.ask()
    world.clock.jump_wall(days * 86_400)
    await world.ask()
    assert world.ring.quota.remaining == 8
    world.clock.jump_wall(-days * 86_400)
    await world.ask()
    assert world.ring.quota.remaining == 7

    await world.clock.advance(14 * 3_600)
    assert world.ring.quota.remaining == 10
    await world.ask()
    assert world.ring.quota.remaining == 9
    await world.clock.advance(86_400)
    assert world.ring.quota.remaining == 10


@pytest.mark.parametrize("days", [3, -3])
async def test_clock_that_is_wrong_at_midnight_spends_nothing(worlds: Worlds, days: int) -> None:
    """The next day begins although it has another name, and so does the one after it, when the clock is right again."""
    world = worlds(policies={"quota_per_day": 10, "quota_reserve": 0})
    assert world.ring.quota is not None
    await world.ask()
    world.clock.jump_wall(days * 86_400)
    await world.clock.advance(14 * 3_600)
    await world.ask()
    assert world.ring.quota.remaining == 9

    world.clock.jump_wall(-days * 86_400)
    await world.ask()
    assert world.ring.quota.remaining == 8
    await world.clock.advance(86_400)
    await world.ask()
    assert world.ring.quota.remaining == 9


async def test_spent_quota_is_renewed_when_it_said(worlds: Worlds) -> None:
    """Retry-After is the time until midnight, whatever the wall clock says meanwhile."""
    world = worlds(policies={"quota_per_day": 1, "quota_reserve": 0})
    await world.ask()
    world.clock.jump_wall(2 * 86_400 + 3_600)
    error = await world.error()
    assert error.retry_after == pytest.approx(14 * 3_600)

    await world.clock.advance(14 * 3_600)
    await world.ask()


def test_clock_that_is_set_right_is_followed_from_midnight_on() -> None:
    """By years, or by the seconds that two clocks differ."""
    before = datetime(2026, 11, 24, 16, 59, 59, tzinfo=UTC)

    assert following(TODAY, before + timedelta(seconds=1)) == (TOMORROW, 86_400)
    assert following(TODAY, before) == (TODAY, 1)
    assert following(TODAY, before + timedelta(seconds=2)) == (TOMORROW, 86_399)
    assert following(TODAY, before + timedelta(days=365, seconds=1)) == (date(2027, 11, 25), 86_400)
    assert following(TODAY, before - timedelta(days=365) + timedelta(seconds=1)) == (TOMORROW, 86_400)


async def test_without_a_quota_there_is_no_step(worlds: Worlds) -> None:
    """What is not configured has no place in the ring."""
    world = worlds()
    await world.ask()

    assert world.ring.quota is None
    assert not world.ring.scarce()
    assert world.of(QuotaMoved) == []


class Away(MemoryDays):
    """Counts that can't be reached."""

    async def spend(self, name: str, day: date, quota: DayQuota, priority: Priority) -> SpendResult:
        """It is not known."""
        return "unknown"


async def test_a_quota_that_cannot_be_counted_is_our_own_trouble(worlds: Worlds) -> None:
    """The source is not asked and not blamed, the breaker learns nothing, and the caller may come back soon."""
    world = worlds(policies={"quota_per_day": 10, "retry": {"attempts": 3}}, upstream_parts={"days": Away()})
    error = await world.error()

    assert (error.fault, error.code, error.status, error.reason) == ("gateway", "overloaded", 503, "quota_unknown")
    assert (error.retry_after, error.may_have_arrived) == (UNKNOWN_RETRY_S, False)
    assert world.calls[-1].trace.notes == ["quota=unknown"]
    assert world.upstream.count == 0
    assert world.of(NotAsked) == [NotAsked("register", "ws", "quota_unknown")]
    assert [event.remaining for event in world.of(QuotaMoved)] == [10, 10], "nothing of it was spent"
