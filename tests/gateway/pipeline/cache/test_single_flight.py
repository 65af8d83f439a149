"""Shared calls: no key is locked for ever, and no key has two calls at once, whoever leaves when."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections import Counter
from collections.abc import Coroutine
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gateway.core.problems import Failing, Overloaded
from gateway.pipeline.cache.invalidation import InvalidationLog
from gateway.pipeline.cache.single_flight import DYING_S, NEVER_JOIN, Flights
from gateway.testing.clock import FakeClock, settle

FAR = 1e9


def make_flights(clock: FakeClock, *, most: int = 100) -> Flights[str, str]:
    """Flights on *clock*."""
    return Flights(clock, InvalidationLog().tick, most=most)


async def ask(flights: Flights[str, str], key: str, source: Coroutine[Any, Any, str], until: float = FAR) -> str:
    """One caller; *source* is closed where another's call is joined."""

    async def run(_: str) -> str:
        """The source of whoever is first."""
        return await source

    flight, led = flights.start(key, key, run)
    if not led:
        source.close()
    return await flights.wait(flight, until)


async def after(clock: FakeClock, seconds: float, answer: str = "answer") -> str:
    """A source that takes its time."""
    await clock.sleep(seconds)
    return answer


async def test_who_waits_too_long_leaves_by_its_own_clock() -> None:
    """A waiter's time ends with TimeoutError at its instant, and the last one cancels the call."""
    clock = FakeClock()
    flights = make_flights(clock)
    task = asyncio.create_task(ask(flights, "a", after(clock, 5), until=clock.monotonic() + 1))
    await clock.advance(1)

    with pytest.raises(TimeoutError):
        await task
    assert len(flights) == 0


async def test_a_failed_call_does_not_hold_what_it_saw() -> None:
    """Its error lives on in logs and callers; the answer that it was made of may be megabytes."""

    class Large:
        """An answer."""

    seen: list[weakref.ref[Large]] = []

    async def fails(_: str) -> str:
        """Looks at an answer, and fails."""
        large = Large()
        seen.append(weakref.ref(large))
        raise Failing(f"not {large}")

    flights: Flights[str, str] = make_flights(FakeClock())
    flight, _ = flights.start("a", "a", fails)
    gc.disable()
    try:
        with pytest.raises(Failing):
            await flights.wait(flight, FAR)
        await settle()

        assert [ref() for ref in seen] == [None]
    finally:
        gc.enable()


async def test_a_kept_call_goes_on_with_nobody_waiting() -> None:
    """A renewal has no waiter and ends all the same; its error disturbs nobody."""
    clock = FakeClock()
    flights = make_flights(clock)
    done = []

    async def renew(key: str) -> str:
        """Fails after a second."""
        await clock.sleep(1)
        done.append(key)
        raise Failing(reason="unreachable")

    flights.start("a", "a", renew, keep=True)
    flights.start("a", "a", renew, keep=True)
    await clock.advance(1)

    assert (done, len(flights)) == (["a"], 0)


async def test_too_many_calls_are_refused_at_once() -> None:
    """The number of calls is bounded; one more key is told to come back, an old key is joined."""
    clock = FakeClock()
    flights = make_flights(clock, most=2)
    tasks = [asyncio.create_task(ask(flights, key, after(clock, 1))) for key in ("a", "b", "a")]
    await clock.advance(0)
    one_more = after(clock, 1)

    with pytest.raises(Overloaded):
        await ask(flights, "c", one_more)
    one_more.close()
    await clock.advance(1)
    assert [await task for task in tasks] == ["answer"] * 3


async def test_leaving_tells_who_waits_to_come_back() -> None:
    """At shutdown the calls are cancelled and awaited, and their waiters get 503, not a lost connection."""
    clock = FakeClock()
    flights = make_flights(clock)
    task = asyncio.create_task(ask(flights, "a", after(clock, 60)))
    await clock.advance(0)

    await flights.close()

    with pytest.raises(Overloaded):
        await task
    assert len(flights) == 0


async def test_who_must_not_join_shares_a_call_that_has_not_begun() -> None:
    """Callers of the same moment that all say no-cache are one call: it begins after the last of them asked."""
    clock = FakeClock()
    flights = make_flights(clock)
    begun = []

    async def run(key: str) -> str:
        """Notes its beginning."""
        begun.append(key)
        await clock.sleep(1)
        return key

    started = [flights.start("a", "a", run, since=NEVER_JOIN) for _ in range(3)]
    await settle()
    later = flights.start("a", "a", run, since=NEVER_JOIN)
    await settle()

    assert [led for _, led in started] == [True, False, False]
    assert later[1]
    assert len(begun) == 2
    await flights.close()


class LeavingAndComing(RuleBasedStateMachine):
    """Callers come, leave, lose patience; sources answer, fail, or are slow to end when cancelled."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.clock = FakeClock()
        self.flights = make_flights(self.clock)
        self.running: dict[str, asyncio.Future[str]] = {}
        self.at_once: Counter[str] = Counter()
        self.most_at_once = 0
        self.callers: list[asyncio.Task[str]] = []
        self.expected: dict[asyncio.Task[str], float] = {}

    async def source(self, key: str) -> str:
        """Answers when told; slow to end when cancelled."""
        self.at_once[key] += 1
        self.most_at_once = max(self.most_at_once, *self.at_once.values())
        future = self.running[key] = asyncio.get_running_loop().create_future()
        try:
            return await future
        except asyncio.CancelledError:
            await self.clock.sleep(DYING_S / 2)
            raise
        finally:
            self.at_once[key] -= 1
            if self.running.get(key) is future:
                del self.running[key]

    def do(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Runs *coroutine* on the machine's own loop."""
        self.loop.run_until_complete(coroutine)

    @rule(key=st.sampled_from("ab"), patience=st.sampled_from([0.2, 3.0, FAR]))
    def comes(self, key: str, patience: float) -> None:
        """A caller asks."""

        async def come() -> None:
            """Asks, and gives the call a few turns."""
            until = self.clock.monotonic() + patience

            async def caller() -> str:
                """Waits as long as its patience lasts."""
                flight, _ = self.flights.start(key, key, self.source)
                return await self.flights.wait(flight, until)

            task = asyncio.create_task(caller())
            self.callers.append(task)
            self.expected[task] = until
            await settle(5)

        self.do(come())

    @precondition(lambda self: self.callers)
    @rule(data=st.data())
    def leaves(self, data: st.DataObject) -> None:
        """A caller's client disconnects."""
        task = data.draw(st.sampled_from(self.callers))

        async def leave() -> None:
            """Cancels its task."""
            task.cancel()
            await settle(5)

        self.do(leave())
        self.callers.remove(task)

    @precondition(lambda self: self.running)
    @rule(data=st.data(), well=st.booleans())
    def ends(self, data: st.DataObject, *, well: bool) -> None:
        """A source answers or fails."""
        future = self.running[data.draw(st.sampled_from(sorted(self.running)))]

        async def end() -> None:
            """Ends the call."""
            if not future.done():
                if well:
                    future.set_result("answer")
                else:
                    future.set_exception(Failing(reason="unreachable"))
            await settle(5)

        self.do(end())

    @rule(seconds=st.sampled_from([0.1, 0.5, 1.0, 4.0]))
    def time_passes(self, seconds: float) -> None:
        """Patience and slow endings run out."""
        self.do(self.clock.advance(seconds))

    @invariant()
    def never_two_calls_at_once(self) -> None:
        """However callers come and go, a key has one call at most."""
        assert self.most_at_once <= 1

    @invariant()
    def nobody_waits_beyond_its_time_or_for_nothing(self) -> None:
        """Who still waits has time left, and something is under way for it."""
        for task in self.callers:
            if not task.done():
                assert self.expected[task] > self.clock.monotonic()
                assert len(self.flights) > 0

    def teardown(self) -> None:
        """When all have left, nothing runs, and every key can be asked for anew."""

        async def end() -> None:
            """Leaves, looks, and asks anew."""
            for task in self.callers:
                task.cancel()
            await asyncio.gather(*self.callers, return_exceptions=True)
            await self.clock.advance(DYING_S)
            assert len(self.flights) == 0
            assert not +self.at_once
            for key in "ab":
                task = asyncio.create_task(ask(self.flights, key, after(self.clock, 0.0)))
                await settle(10)
                assert task.result() == "answer"

        self.do(end())
        self.loop.close()


LeavingAndComing.TestCase.settings = settings(max_examples=200, stateful_step_count=60, deadline=None)
TestLeavingAndComing = LeavingAndComing.TestCase
TestLeavingAndComing.runTest.__doc__ = LeavingAndComing.__doc__
