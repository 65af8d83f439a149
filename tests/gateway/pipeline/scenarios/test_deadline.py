"""Scenarios 19, 20, 40 and 44: the deadline is one budget, spent by everything, on a clock that never jumps."""

from __future__ import annotations

from typing import Final

import pytest

from gateway.core.message import Rest
from gateway.core.problems import Failing, TimedOut
from gateway.pipeline.deadline import MARGIN_S
from gateway.pipeline.upstream.timeout import HEADER
from tests.gateway.pipeline.harness import LongestWait, Worlds, name_of
from tests.gateway.pipeline.scripted import HANG, After, ScriptedUpstream, answers, fails

AGAIN_AT_ONCE: Final = Failing("The upstream is scripted to fail.", reason="unreachable", retry_after=0.0)
ONE_SLOW_WINDOW: Final = {"open_s": 30.0, "consecutive_failures": 2}


def told(upstream: ScriptedUpstream, ordinal: int) -> float:
    """The seconds that the *ordinal*-th exchange said it may take."""
    exchange = upstream.journal[ordinal - 1].exchange
    assert isinstance(exchange, Rest)
    return float(exchange.headers[HEADER])


async def test_scenario_19_the_upstream_gets_what_is_left_and_is_told(worlds: Worlds) -> None:
    """Of two seconds 0.7 are spent: the next attempt has 1.3 less the margin, and the header passed on says so."""
    world = worlds(ScriptedUpstream(After(0.7, AGAIN_AT_ONCE), HANG), policies={"retry": {"attempts": 2}})

    task = world.start(timeout=2.0)
    await world.clock.advance(2.0 - MARGIN_S - 0.01)
    assert not task.done()
    await world.clock.advance(0.02)

    assert isinstance(task.exception(), TimedOut)
    assert told(world.upstream, 1) == pytest.approx(2.0 - MARGIN_S)
    assert told(world.upstream, 2) == pytest.approx(1.3 - MARGIN_S)
    assert world.upstream.journal[1].ended == "cancelled"
    assert world.upstream.count == 2


async def test_scenario_19_an_attempt_is_told_its_own_time_where_that_is_shorter(worlds: Worlds) -> None:
    """With ten seconds left an attempt of four says four."""
    world = worlds(policies={"attempt_timeout_s": 4})
    await world.ask()

    assert told(world.upstream, 1) == 4.0
    assert world.upstream.count == 1


async def test_scenario_19_below_the_minimum_it_fails_with_no_call(worlds: Worlds) -> None:
    """A question that can't be answered any more is not asked: no call, no quota, and surely nothing done."""
    world = worlds(policies={"attempt_minimum_s": 1.0, "quota_per_day": 100})

    error = await world.error(timeout=1.0)

    assert (error.code, error.reason, error.outcome("write")) == ("upstream-timeout", "deadline", "not_done")
    assert world.upstream.count == 0
    assert world.ring.quota is not None
    assert world.ring.quota.remaining == 100


async def test_scenario_19_time_in_the_queue_is_spent_too(worlds: Worlds) -> None:
    """Who waited 0.7 of two seconds for a place has 1.3 less the margin at the source."""
    world = worlds(ScriptedUpstream(After(0.7, answers()), HANG), policies={"bulkhead": {"limit": 1}})
    world.start("a")
    await world.clock.advance(0)
    world.start("b", timeout=2.0)
    await world.clock.advance(0.7)

    assert told(world.upstream, 2) == pytest.approx(1.3 - MARGIN_S)
    assert world.upstream.count == 2


async def test_scenario_20_a_back_off_that_does_not_fit_is_not_begun(worlds: Worlds) -> None:
    """The next wait exceeds what is left: no retry, and the last real error is what the caller meets."""
    world = worlds(
        ScriptedUpstream(After(0.5, fails("upstream_error")), After(0.5, fails("cut_off")), answers()),
        policies={"retry": {"attempts": 5, "initial_s": 1.0, "max_s": 1.0}},
        upstream_parts={"dice": LongestWait()},
    )

    task = world.start(timeout=2.5)
    await world.clock.advance(2.0)

    error = task.exception()
    assert isinstance(error, Failing)
    assert error.reason == "cut_off"
    assert world.calls[0].trace.notes[-1] == "retry=no_time"
    assert world.upstream.count == 2


async def test_scenario_40_wall_clock_jumps_move_neither_deadline_nor_back_off(worlds: Worlds) -> None:
    """The wall goes back an hour and on a day in the middle of an attempt: it still ends when its seconds are over."""
    for jump in (-3_600.0, 86_400.0):
        world = worlds(ScriptedUpstream(always=HANG), policies={"attempt_timeout_s": 4})
        task = world.start()
        await world.clock.advance(2.0)
        world.clock.jump_wall(jump)
        await world.clock.advance(1.9)
        assert not task.done()
        await world.clock.advance(0.1)

        assert isinstance(task.exception(), TimedOut)
        assert world.upstream.count == 1


async def test_scenario_40_wall_clock_jumps_move_no_breaker(worlds: Worlds) -> None:
    """A breaker that has to rest thirty seconds rests thirty, whatever the wall says."""
    for jump in (-3_600.0, 86_400.0):
        world = worlds(ScriptedUpstream(always=fails()), policies={"breaker": ONE_SLOW_WINDOW})
        await world.error()
        await world.error()
        world.clock.jump_wall(jump)

        error = await world.error()
        assert (error.reason, error.retry_after) == ("breaker_open", 30.0)
        await world.clock.advance(30.0)
        assert (await world.error()).reason == "unreachable"
        assert world.upstream.count == 3


async def test_scenario_44_a_source_that_dribbles_ends_by_the_total_deadline(worlds: Worlds) -> None:
    """A byte every nine seconds never is silence, and still the whole exchange has its one end."""
    world = worlds(
        ScriptedUpstream(always=After(9, After(9, After(9, After(9, answers()))))),
        operation={"deadline_s": 20.0},
        policies={"attempt_timeout_s": 12, "retry": {"attempts": 3}},
        upstream_parts={"dice": LongestWait()},
    )

    task = world.start()
    await world.clock.advance(20.0 - MARGIN_S)

    error = task.exception()
    assert isinstance(error, TimedOut)
    assert error.reason == "deadline"
    assert [arrival.ended for arrival in world.upstream.journal] == ["cancelled", "cancelled"]
    assert world.upstream.in_flight == 0
    assert world.upstream.count == 2


async def test_scenario_44_a_slow_answer_in_time_is_an_answer(worlds: Worlds) -> None:
    """What comes whole before the end is passed on."""
    world = worlds(ScriptedUpstream(After(1, After(1, answers("đủ")))), policies={"attempt_timeout_s": 4})

    assert name_of(await world.ask_within(2.0)) == "đủ"
    assert world.upstream.count == 1
