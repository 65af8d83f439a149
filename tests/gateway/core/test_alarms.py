"""Alarms ring once, in the order of their times, unless they are taken back; what is taken back does not pile up."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from gateway.core.alarms import EARLY_S, MANY, Alarms, alarms_of
from gateway.core.clock import Within


class Timer:
    """A timer of the loop that stands still."""

    def __init__(self, when: float, callback: Callable[[], None]) -> None:
        self.when = when
        self.callback = callback
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class StillLoop:
    """A loop whose time passes only where a test says so."""

    def __init__(self) -> None:
        self.now = 0.0
        self.timers: list[Timer] = []

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Timer:
        timer = Timer(self.now + seconds, callback)
        self.timers.append(timer)
        return timer

    def monotonic(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        """Lets *seconds* pass, and each timer ring at its time."""
        end = self.now + seconds
        while due := [timer for timer in self.timers if not timer.cancelled and timer.when <= end]:
            first = min(due, key=lambda timer: timer.when)
            self.timers.remove(first)
            self.now = max(self.now, first.when)
            first.callback()
        self.now = end


class Bell:
    """An alarm that writes down that it rang."""

    def __init__(self, name: int, rung: list[int]) -> None:
        self.number = 0
        self.name = name
        self.rung = rung

    def ring(self) -> None:
        self.rung.append(self.name)


steps = st.lists(
    st.tuples(st.just("set"), st.integers(0, 50))
    | st.tuples(st.just("take back"), st.integers(0, 300))
    | st.tuples(st.just("pass"), st.integers(0, 20)),
    max_size=300,
)


@given(steps)
def test_each_rings_at_its_time_unless_it_was_taken_back(history: list[tuple[str, int]]) -> None:
    """Whatever is set, taken back and waited for: as a list that is looked through would have it."""
    loop, rung, expected = StillLoop(), list[int](), list[int]()
    alarms = Alarms(loop.call_later, loop.monotonic)
    bells: list[Bell] = []
    due: dict[int, float] = {}
    for what, number in history:
        if what == "set":
            bells.append(Bell(len(bells), rung))
            due[bells[-1].name] = loop.now + number
            alarms.set(bells[-1], number)
        elif what == "take back" and bells:
            bell = bells[number % len(bells)]
            alarms.take_back(bell)
            due.pop(bell.name, None)
        elif what == "pass":
            loop.advance(number)
            over = sorted((when, name) for name, when in due.items() if when <= loop.now)
            expected += [name for when, name in over]
            for _, name in over:
                del due[name]

        assert rung == expected or what != "pass"
        assert len(alarms) <= 2 * len(due) + MANY + 1


def test_one_that_comes_early_waits_again() -> None:
    """A loop that counts in milliseconds may come before the time; the alarm then rings at the next turn."""
    loop, rung = StillLoop(), list[int]()
    alarms = Alarms(loop.call_later, loop.monotonic)
    alarms.set(Bell(1, rung), 1.0)
    (timer,) = loop.timers
    loop.now = 1.0 - 2 * EARLY_S
    loop.timers.clear()
    timer.callback()
    early = list(rung)
    loop.advance(2 * EARLY_S)

    assert (early, rung) == ([], [1])


def test_many_that_are_taken_back_share_one_timer() -> None:
    """A thousand questions with a limit each set one timer of the loop's, and leave few entries."""
    loop = StillLoop()
    alarms = Alarms(loop.call_later, loop.monotonic)
    for name in range(1_000):
        bell = Bell(name, [])
        alarms.set(bell, 10.0)
        alarms.take_back(bell)
        loop.now += 0.001

    assert len(loop.timers) == 1
    assert len(alarms) <= MANY + 1


async def test_an_entry_that_is_left_does_not_hold_the_task() -> None:
    """What a task held is freed when it ends, though its limit would have come later."""

    async def work() -> None:
        async with Within(3_600):
            pass

    task = asyncio.create_task(work())
    await task
    gone = weakref.ref(task)
    del task
    await asyncio.sleep(0)
    gc.collect()

    assert len(alarms_of(asyncio.get_running_loop())) == 1
    assert gone() is None
