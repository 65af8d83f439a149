"""Scenarios 1 to 7: one call for many equal questions."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable
from contextvars import ContextVar, copy_context
from typing import Final

import pytest

from gateway.core.call import Answer, CacheWish, Purpose
from gateway.core.events import CacheAsked
from gateway.core.message import Exchange, Reply
from gateway.core.problems import Failing, GatewayError, TimedOut
from gateway.pipeline.cache.single_flight import DYING_S
from tests.gateway.pipeline.harness import World, name_of
from tests.gateway.pipeline.scripted import HANG, After, Deed, ScriptedUpstream, answers, fails

Worlds = Callable[..., World]

KEPT: Final = {"fresh_s": 60.0}
NO_CACHE: Final = CacheWish(no_cache=True)


class Clinging(ScriptedUpstream):
    """Goes on when it is cancelled, until told to let go."""

    def __init__(self, *deeds: Deed) -> None:
        super().__init__(*deeds)
        self.let_go = asyncio.Event()

    async def send(self, exchange: Exchange) -> Reply:
        """Answers, or holds on."""
        try:
            return await super().send(exchange)
        except asyncio.CancelledError:
            await self.let_go.wait()
            raise


async def failure_of(task: asyncio.Task[Answer]) -> GatewayError:
    """The error that *task* ended in."""
    with pytest.raises(GatewayError) as caught:
        await task
    return caught.value


async def test_scenario_01_five_hundred_equal_cold_questions_are_one_call(worlds: Worlds) -> None:
    """A cold key asked for by 500 callers at once costs the source one call, and all get equal answers."""
    world = worlds(ScriptedUpstream(After(0.5, answers())), operation=KEPT)

    tasks = [world.start() for _ in range(500)]
    await world.clock.advance(0.5)
    found = [await task for task in tasks]

    assert world.upstream.count == 1
    assert len({answer.value for answer in found}) == 1
    assert sum(answer.cache is not None and answer.cache.collapsed for answer in found) == 499
    assert [event.result for event in world.of(CacheAsked)].count("collapsed") == 499


async def test_scenario_02_a_leader_that_leaves_takes_nobody_with_it(worlds: Worlds) -> None:
    """The client of the leader disconnects: the call goes on, and the 20 followers get its answer."""
    world = worlds(ScriptedUpstream(After(0.5, answers("một"))), operation=KEPT)
    leader = world.start()
    await world.clock.advance(0.1)
    followers = [world.start() for _ in range(20)]
    await world.clock.advance(0.1)

    leader.cancel()
    await world.clock.advance(0.4)

    assert world.upstream.count == 1
    assert world.upstream.journal[0].ended == "answered"
    assert {name_of(await task) for task in followers} == {"một"}


async def test_scenario_03_a_call_that_all_have_left_is_cancelled_and_the_key_is_free(worlds: Worlds) -> None:
    """When the last of leader and followers disconnects, the call is cancelled, and the next caller begins anew."""
    world = worlds(ScriptedUpstream(HANG, answers("hai")), operation=KEPT)
    tasks = [world.start() for _ in range(21)]
    await world.clock.advance(0.1)

    for task in tasks[:-1]:
        task.cancel()
    await world.clock.advance(0.1)
    still_running = world.upstream.in_flight
    tasks[-1].cancel()
    await world.clock.advance(0.0)

    assert still_running == 1
    assert (world.upstream.in_flight, world.upstream.journal[0].ended) == (0, "cancelled")
    assert len(world.caching.flights) == 0
    assert name_of(await world.ask()) == "hai"
    assert world.upstream.count == 2


async def test_scenario_03_a_source_that_ignores_its_cancellation_locks_the_key_for_a_moment_only(
    worlds: Worlds,
) -> None:
    """The next call waits for the cancelled one to end, but for no longer than a second."""
    upstream = Clinging(HANG, answers("hai"))
    world = worlds(upstream, operation=KEPT)
    first = world.start()
    await world.clock.advance(0.1)
    first.cancel()
    second = world.start()
    await world.clock.advance(DYING_S * 0.9)
    held_back = world.upstream.count
    await world.clock.advance(DYING_S * 0.2)

    assert held_back == 1
    assert name_of(await second) == "hai"
    upstream.let_go.set()


async def test_scenario_04_a_failure_reaches_all_waiters_once_and_frees_the_key(worlds: Worlds) -> None:
    """The call fails: leader and followers get that same error, nobody asks again, and the next caller does."""
    world = worlds(ScriptedUpstream(After(0.5, fails("cut_off")), answers("hai")), operation=KEPT)
    tasks = [world.start() for _ in range(20)]
    await world.clock.advance(0.5)

    errors = [await failure_of(task) for task in tasks]

    assert world.upstream.count == 1
    assert len({id(error) for error in errors}) == 1
    assert (type(errors[0]), errors[0].reason) == (Failing, "cut_off")
    assert name_of(await world.ask()) == "hai"
    assert world.upstream.count == 2


async def test_scenario_04_a_shared_failure_does_not_grow_with_its_waiters(worlds: Worlds) -> None:
    """A hundred waiters raise the same error; its traceback stays as long as that of one."""

    async def frames(waiters: int) -> int:
        """How long the traceback of the last waiter is."""
        world = worlds(ScriptedUpstream(After(0.5, fails())), operation=KEPT)
        tasks = [world.start() for _ in range(waiters)]
        await world.clock.advance(0.5)
        error = tasks[-1].exception()
        assert error is not None
        return len(traceback.extract_tb(error.__traceback__))

    assert await frames(1) == await frames(100)


async def test_scenario_05_a_hung_source_ends_at_the_deadline_and_the_key_is_usable_again(worlds: Worlds) -> None:
    """A source that never answers: at the deadline all waiters fail, the call is cancelled, the key is free."""
    policies = {"attempt_timeout_s": 60}
    world = worlds(ScriptedUpstream(HANG, answers("hai")), operation={**KEPT, "deadline_s": 2.0}, policies=policies)
    tasks = [world.start() for _ in range(10)]

    await world.clock.advance(2.0)
    errors = [await failure_of(task) for task in tasks]

    assert {(type(error), error.reason) for error in errors} == {(TimedOut, "deadline")}
    assert (world.upstream.in_flight, len(world.caching.flights)) == (0, 0)
    assert name_of(await world.ask()) == "hai"
    assert world.upstream.count == 2


async def test_scenario_06_a_follower_waits_only_its_own_deadline(worlds: Worlds) -> None:
    """A follower with 200 ms gets 504 at 200 ms; the leader with 5 s goes on and gets its answer."""
    world = worlds(ScriptedUpstream(After(3.0, answers("một"))), operation=KEPT)
    leader = world.start(timeout=5.0)
    await world.clock.advance(0.5)
    follower = world.start(timeout=0.2)
    await world.clock.advance(0.2)

    error = await failure_of(follower)
    await world.clock.advance(2.5)

    assert (error.status, error.reason) == (504, "deadline")
    assert name_of(await leader) == "một"
    assert world.upstream.count == 1


async def test_scenario_06_a_follower_with_more_time_asks_again_where_the_leader_had_none(worlds: Worlds) -> None:
    """The leader's short deadline ends the call; a follower with time left begins one with its own."""
    world = worlds(ScriptedUpstream(HANG, After(1.0, answers("hai"))), operation=KEPT)
    leader = world.start(timeout=0.5)
    followers = [world.start(timeout=5.0) for _ in range(5)]

    await world.clock.advance(2.0)

    assert (await failure_of(leader)).reason == "deadline"
    assert {name_of(await task) for task in followers} == {"hai"}
    assert world.upstream.count == 2


async def test_scenario_07_a_call_carries_nothing_of_who_began_it(worlds: Worlds) -> None:
    """Context variables of tenant A, its credentials and trace, are not seen in the call that serves others."""
    baggage: ContextVar[str] = ContextVar("baggage", default="nothing")
    seen: list[str] = []

    def reply(exchange: Exchange) -> Reply:
        """Notes what the call can see."""
        seen.append(baggage.get())
        return answers()(exchange)

    world = worlds(ScriptedUpstream(always=reply), operation=KEPT)

    def ask_as(tenant: str) -> asyncio.Task[Answer]:
        """Asks with baggage."""
        baggage.set(tenant)
        return world.start(caller=tenant)

    task = copy_context().run(ask_as, "tenant A")
    await world.clock.advance(0.0)
    await task

    assert (seen, world.upstream.count) == (["nothing"], 1)


async def test_scenario_07_who_asks_about_a_person_shares_with_nobody(worlds: Worlds) -> None:
    """Two tenants ask about the same person at once: two calls, each with its own tenant and purpose."""
    world = worlds(ScriptedUpstream(always=After(0.5, answers())), operation={**KEPT, "personal": True})
    tasks = [world.start(caller=tenant, purpose=Purpose(f"hồ sơ of {tenant}", "officer")) for tenant in ("A", "A", "B")]

    await world.clock.advance(0.5)
    await asyncio.gather(*tasks)

    assert world.upstream.count == 2


async def test_no_cache_joins_no_call_that_began_before_it(worlds: Worlds) -> None:
    """Who says ``no-cache`` gets an answer that was asked for after the question, and later callers share that one."""
    world = worlds(ScriptedUpstream(After(1.0, answers("cũ")), After(1.0, answers("mới"))), operation=KEPT)
    older = world.start()
    await world.clock.advance(0.5)
    strict = world.start(cache=NO_CACHE)
    await world.clock.advance(0.1)
    later = world.start()
    await world.clock.advance(2.0)

    assert [name_of(await task) for task in (older, strict, later)] == ["cũ", "mới", "mới"]
    assert world.upstream.count == 2
    assert name_of(await world.ask()) == "mới"


async def test_an_older_call_that_ends_later_does_not_replace_the_newer_answer(worlds: Worlds) -> None:
    """Newest wins by when the question was asked, not by when its answer came."""
    world = worlds(ScriptedUpstream(After(3.0, answers("cũ")), After(1.0, answers("mới"))), operation=KEPT)
    older = world.start()
    await world.clock.advance(0.5)
    strict = world.start(cache=NO_CACHE)
    await world.clock.advance(3.0)

    assert [name_of(await task) for task in (older, strict)] == ["cũ", "mới"]
    assert name_of(await world.ask()) == "mới"
    assert world.upstream.count == 2
