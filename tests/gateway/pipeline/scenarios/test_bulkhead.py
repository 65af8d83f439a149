"""Scenarios 33 to 37: at most so much of a source, fairly shared, and nobody suffers for another's source."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import pytest

from gateway.core.call import Answer
from gateway.core.events import BulkheadMoved
from gateway.core.message import Exchange, Reply, Rest
from gateway.core.problems import InvalidRequest, Overloaded
from tests.gateway.pipeline.harness import World, Worlds
from tests.gateway.pipeline.scripted import HANG, After, ScriptedUpstream, answers, status

NEVER_OPENS: Final = {"consecutive_failures": 1_000_000, "min_calls": 1_000_000}
TEN_AND_TWENTY: Final = {"bulkhead": {"limit": 10, "queue": 20}, "breaker": NEVER_OPENS, "attempt_timeout_s": 9}


def asked_for(world: World) -> list[str]:
    """What the source was asked for, in order."""
    return [a.exchange.query["code"] for a in world.upstream.journal if isinstance(a.exchange, Rest)]


def refused(tasks: Sequence[asyncio.Task[Answer]]) -> list[Overloaded]:
    """The refusals among what has ended."""
    errors = [task.exception() for task in tasks if task.done() and not task.cancelled()]
    return [error for error in errors if isinstance(error, Overloaded)]


async def test_scenario_33_the_thirty_first_is_refused_at_once(worlds: Worlds) -> None:
    """Ten run, twenty wait: the next gets 503 with Retry-After, and no time passes."""
    world = worlds(ScriptedUpstream(always=After(1.0, answers())), policies=TEN_AND_TWENTY)
    tasks = [world.start(f"{number}") for number in range(30)]
    await world.clock.advance(0)
    before = world.clock.monotonic()

    error = await world.error("too many")

    assert world.clock.monotonic() == before
    assert (error.status, error.code, error.reason) == (503, "overloaded", "bulkhead_full")
    assert error.retry_after is not None
    assert error.retry_after >= 1
    assert world.upstream.count == 10

    await world.clock.advance(3.0)
    assert all(task.exception() is None for task in tasks)
    assert world.upstream.most_at_once == 10
    assert world.upstream.count == 30


async def test_scenario_33_under_overload_the_most_urgent_goes_first(worlds: Worlds) -> None:
    """The queue is ordered by deadline, whoever came first."""
    world = worlds(ScriptedUpstream(always=After(1.0, answers())), policies={"bulkhead": {"limit": 1, "queue": 20}})
    world.start("first")
    await world.clock.advance(0)
    for code, timeout in (("patient", 9.0), ("urgent", 3.0), ("normal", 6.0)):
        world.start(code, timeout=timeout)
    await world.clock.advance(4.0)

    assert asked_for(world) == ["first", "urgent", "normal", "patient"]
    assert world.upstream.count == 4


async def test_scenario_33_a_waiter_that_hangs_up_leaves_the_queue(worlds: Worlds) -> None:
    """Its place in the queue is free at once, and the source is never asked for it."""
    world = worlds(ScriptedUpstream(always=After(1.0, answers())), policies={"bulkhead": {"limit": 1, "queue": 1}})
    world.start("a")
    await world.clock.advance(0)
    leaver = world.start("b")
    await world.clock.advance(0)
    assert isinstance(await world.error("c"), Overloaded)

    leaver.cancel()
    await world.clock.advance(0)
    stayer = world.start("d")
    await world.clock.advance(2.0)

    assert stayer.exception() is None
    assert asked_for(world) == ["a", "d"]
    assert world.upstream.count == 2


async def test_scenario_34_another_connector_at_full_load_costs_nothing(worlds: Worlds) -> None:
    """A hangs with every place taken and its queue full; B answers all, at once, and waits for nothing of A's."""
    hanging = worlds(ScriptedUpstream(always=HANG), policies=TEN_AND_TWENTY)
    healthy = worlds(ScriptedUpstream(), clock=hanging.clock, policies=TEN_AND_TWENTY)
    stuck = [hanging.start(f"{number}") for number in range(100)]
    await hanging.clock.advance(0)
    before = hanging.clock.monotonic()

    for number in range(100):
        assert (await healthy.ask(f"{number}")).value is not None

    assert hanging.clock.monotonic() == before
    assert len(refused(stuck)) == 70
    assert hanging.upstream.count == 10
    assert healthy.upstream.count == 100
    assert {call.trace.queued for call in healthy.calls} == {0.0}


ADAPTIVE: Final[dict[str, Any]] = {
    "bulkhead": {"limit": 16, "queue": 1_000, "adaptive": True, "aimd": {"window_s": 1.0, "min_samples": 10}},
    "breaker": NEVER_OPENS,
    "attempt_timeout_s": 9,
}


async def load(world: World, seconds: int, *, a_second: int = 40) -> int:
    """Steady traffic for *seconds*; the limit at its end."""
    for _ in range(seconds * 10):
        for number in range(a_second // 10):
            world.start(f"{number}")
        await world.clock.advance(0.1)
    return world.ring.bulkhead.room.limit


async def test_scenario_35_the_limit_falls_as_latency_doubles_and_recovers(worlds: Worlds) -> None:
    """Twice as slow for some windows: fewer at once, never none; as fast as before: as many as before."""
    world = worlds(ScriptedUpstream(always=After(0.2, answers())), policies=ADAPTIVE)
    assert await load(world, 5) == 16

    world.upstream.always = After(0.4, answers())
    assert await load(world, 3) <= 9
    fallen = await load(world, 5)

    world.upstream.always = After(0.2, answers())
    recovered = await load(world, 30)

    assert 1 <= fallen < 9
    assert recovered == 16
    assert all(1 <= event.limit <= 16 for event in world.of(BulkheadMoved))
    assert world.upstream.most_at_once <= 16


async def test_scenario_35_the_least_is_one(worlds: Worlds) -> None:
    """A source that fails all the time is still asked by one at a time, which is how its recovery is seen."""
    world = worlds(ScriptedUpstream(always=status(500, {})), policies=ADAPTIVE)
    for _ in range(30):
        await load(world, 1)

    assert world.ring.bulkhead.room.limit == 1
    assert world.upstream.count > 0
    before = world.upstream.count
    await world.error()
    assert world.upstream.count == before + 1


async def test_scenario_35_callers_faults_are_neutral(worlds: Worlds) -> None:
    """A quick "your question is wrong" neither lowers the limit nor teaches what is usual."""

    def table(_: Exchange, reply: Reply) -> InvalidRequest | None:
        """422 is the caller's fault."""
        return InvalidRequest("sai") if reply.status == 422 else None

    world = worlds(ScriptedUpstream(always=After(0.2, answers())), policies=ADAPTIVE, classify=table)
    await load(world, 5)
    world.upstream.always = status(422, {})
    await load(world, 5)
    world.upstream.always = After(0.2, answers())

    assert await load(world, 5) == 16
    assert {event.limit for event in world.of(BulkheadMoved)} == {16}


async def test_scenario_36_batch_is_shed_before_interactive(worlds: Worlds) -> None:
    """Ten run and twenty batch parts wait; twenty people come: they wait in the parts' place, and the parts go."""
    world = worlds(ScriptedUpstream(always=After(1.0, answers())), policies=TEN_AND_TWENTY)
    parts = [world.start(f"part {number}", priority="batch") for number in range(30)]
    await world.clock.advance(0)

    people = [world.start(f"person {number}") for number in range(20)]
    await world.clock.advance(0)

    assert [error.reason for error in refused(parts)] == ["batch_shed"] * 20
    assert all(error.may_retry("read") for error in refused(parts))
    assert refused(people) == []
    await world.clock.advance(3.0)
    assert all(task.exception() is None for task in people)
    assert asked_for(world)[10:] == [f"person {number}" for number in range(20)]
    assert world.upstream.count == 30


async def test_scenario_36_people_are_served_before_parts_that_came_earlier(worlds: Worlds) -> None:
    """With room for all, nobody is shed, but people go first."""
    world = worlds(ScriptedUpstream(always=After(1.0, answers())), policies={"bulkhead": {"limit": 1, "queue": 20}})
    world.start("running")
    await world.clock.advance(0)
    for number in range(2):
        world.start(f"part {number}", priority="batch")
    await world.clock.advance(0)
    world.start("person")
    await world.clock.advance(4.0)

    assert asked_for(world) == ["running", "person", "part 0", "part 1"]
    assert world.upstream.count == 4


async def test_scenario_36_near_the_end_of_the_day_batch_is_refused_first(worlds: Worlds) -> None:
    """The last tenth of a national quota is for people; when it is spent too, they are told until midnight."""
    world = worlds(policies={"quota_per_day": 20, "quota_reserve": 0.1})
    for number in range(18):
        await world.ask(f"{number}", priority="batch")
    assert world.ring.scarce()

    shed = await world.error("x", priority="batch")
    assert (shed.status, shed.reason) == (503, "quota_spent")
    for number in range(2):
        assert (await world.ask(f"person {number}")).value is not None
    spent = await world.error("person 3")

    # The clock starts at 03:00 UTC, ten in the morning in Vietnam.
    assert (spent.reason, spent.retry_after) == ("quota_spent", pytest.approx(14 * 3_600))
    assert world.upstream.count == 20

    await world.clock.advance(14 * 3_600)
    assert (await world.ask("tomorrow")).value is not None
    assert not world.ring.scarce()
    assert world.upstream.count == 21


async def test_scenario_37_a_cold_start_does_not_storm_the_source(worlds: Worlds) -> None:
    """A thousand hot keys and an empty cache: the source never sees more than its limit, the rest wait or are shed."""
    world = worlds(
        ScriptedUpstream(always=After(0.5, answers())), policies=TEN_AND_TWENTY, operation={"fresh_s": 3_600.0}
    )
    for _ in range(3):
        tasks = [world.start(f"{number}") for number in range(1_000)]
        await world.clock.advance(10.0)
        assert all(task.done() for task in tasks)

    assert world.upstream.most_at_once <= 10
    served = sum(task.exception() is None for task in tasks)
    assert served == 1_000 - len(refused(tasks))
    assert served >= 3 * 30
    # Each key that was answered once is answered from the cache in the rounds after.
    assert world.upstream.count == served
