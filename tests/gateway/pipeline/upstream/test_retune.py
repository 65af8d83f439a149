"""The state of an upstream's policies goes on while their settings change."""

from __future__ import annotations

from typing import Any, Final, cast

import pytest

from gateway.core.events import BulkheadMoved, QuotaMoved
from gateway.pipeline.policies import UpstreamPolicies
from gateway.pipeline.upstream.breaker import Breaker, Closed, HalfOpen, Isolated, Moved, Open, State, decide
from gateway.pipeline.upstream.breaker_settings import BreakerSettings
from gateway.pipeline.upstream.retry_budget import BudgetSettings, RetryBudget
from gateway.pipeline.upstream.token import Tokens, TokenSource
from gateway.testing.clock import FakeClock
from tests.gateway.pipeline.harness import HANG, After, ScriptedUpstream, World, Worlds, answers, fails

NAMES: Final = ("register", "ws")


def policies(**more: Any) -> UpstreamPolicies:
    """As in configuration, with one attempt."""
    return UpstreamPolicies.model_validate({"retry": {"attempts": 1}, **more})


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Closed(3, 4), Closed(4)),
        (Open(3, 1e9, "ratio"), HalfOpen(4)),
        (HalfOpen(3, good=2), HalfOpen(4)),
        (Isolated(3, 1e9, "maintenance"), Isolated(3, 1e9, "maintenance")),
    ],
    ids=["closed", "open", "half_open", "isolated"],
)
def test_at_another_address_a_breaker_begins_gently(before: State, after: State) -> None:
    """What the old address did is forgotten, one that was not asked is probed, and an operator's word is kept."""
    assert decide(before, Moved(), 0.0, BreakerSettings()) == (after, None)


async def test_an_open_breaker_stays_open_under_other_settings(worlds: Worlds, clock: FakeClock) -> None:
    """And counts by them once it is closed."""
    world = worlds(
        ScriptedUpstream(fails(), fails(), fails(), always=answers()),
        clock=clock,
        policies={"breaker": {"consecutive_failures": 1, "half_open_calls": 1, "open_s": 30}},
    )
    await world.error()
    world.ring.retune(policies(breaker={"consecutive_failures": 2, "half_open_calls": 1, "open_s": 30}), moved=False)
    assert isinstance(world.ring.breaker.state, Open)
    assert (await world.error()).reason == "breaker_open"

    await clock.advance(30)
    await world.error()  # the probe
    await clock.advance(30)
    await world.error()
    assert isinstance(world.ring.breaker.state, Open)


def test_a_late_result_of_the_old_address_changes_nothing(clock: FakeClock) -> None:
    """It has the lease of a state that is over."""
    breaker = Breaker(BreakerSettings(), clock, lambda _: None, NAMES)
    before = breaker.state
    breaker.retune(BreakerSettings(), moved=True)

    assert breaker.state.generation == before.generation + 1


async def many(world: World, number: int) -> None:
    """Starts so many questions at once."""
    for one in range(number):
        world.start(str(one))
    await world.clock.advance(0)


async def test_a_raised_limit_lets_waiters_in_at_once(worlds: Worlds) -> None:
    """Those who wait do not wait for the next who ends; a lower one takes nobody out."""
    world = worlds(ScriptedUpstream(always=HANG), policies={"bulkhead": {"limit": 2, "queue": 10}})
    await many(world, 5)
    seen = [(world.ring.bulkhead.in_use(), world.ring.bulkhead.waiting())]
    world.ring.retune(policies(bulkhead={"limit": 4, "queue": 10}), moved=False)
    seen.append((world.ring.bulkhead.in_use(), world.ring.bulkhead.waiting()))
    world.ring.retune(policies(bulkhead={"limit": 1, "queue": 10}), moved=False)
    seen.append((world.ring.bulkhead.in_use(), world.ring.bulkhead.waiting()))

    assert seen == [(2, 3), (4, 1), (4, 1)]
    assert [event.limit for event in world.of(BulkheadMoved)] == [2, 4, 1]


async def test_places_are_counted_by_caller_from_a_change_on(worlds: Worlds) -> None:
    """Who entered before leaves no debt behind and takes no place away when all have ended."""
    world = worlds(ScriptedUpstream(always=After(1.0, answers())), policies={"bulkhead": {"limit": 4, "queue": 10}})
    await many(world, 3)
    world.ring.retune(policies(bulkhead={"limit": 4, "caller_limit": 2, "queue": 10}), moved=False)
    await many(world, 3)
    assert world.ring.bulkhead.in_use() == 4
    await world.clock.advance(10)
    assert (world.ring.bulkhead.in_use(), world.ring.bulkhead.waiting()) == (0, 0)
    await many(world, 4)

    assert (world.ring.bulkhead.in_use(), world.ring.bulkhead.waiting()) == (2, 2)
    assert set(world.ring.bulkhead.room.held.values()) == {2}


async def test_a_quota_that_is_raised_grants_the_difference(worlds: Worlds) -> None:
    """What was spent of the day stays spent, and the gauge says so at once."""
    world = worlds(ScriptedUpstream(always=answers()), policies={"quota_per_day": 2, "quota_reserve": 0})
    await world.ask("1")
    await world.ask("2")
    world.ring.retune(policies(quota_per_day=3, quota_reserve=0), moved=False)
    last = world.of(QuotaMoved)[-1]
    await world.ask("3")

    assert (last.remaining, last.per_day) == (1, 3)
    assert (await world.error("4")).reason == "quota_spent"


def test_saved_retries_stay_as_far_as_they_are_allowed(clock: FakeClock) -> None:
    """A smaller budget takes what is above it, a larger one gives nothing."""
    budget = RetryBudget(BudgetSettings(ratio=1, per_minute=2), clock, lambda _: None, NAMES)
    for _ in range(5):
        budget.earn()
    budget.retune(BudgetSettings(ratio=1, burst=3, per_minute=1))
    smaller = budget.tokens
    budget.retune(BudgetSettings(ratio=1, burst=10, per_minute=6))

    assert (smaller, budget.tokens) == (4, 4)


class Source:
    """Notes that it was closed."""

    closed = False

    async def close(self) -> None:
        self.closed = True


async def test_tokens_are_closed_by_the_last_configuration_that_has_them() -> None:
    """A source that the next configuration has too is not closed with the one before."""
    before, kept, gone = Tokens(), Source(), Source()
    before.sources |= {"a": cast("TokenSource", kept), "b": cast("TokenSource", gone)}
    after = Tokens(before)
    after.sources["a"] = before.sources["a"]
    await before.close([after])

    assert (kept.closed, gone.closed) == (False, True)
