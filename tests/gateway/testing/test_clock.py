"""Time as an argument: the clock that stands still until told keeps every promise of the real one."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.clock import Clock, SystemClock
from gateway.testing.clock import FakeClock, settle


def test_clock_stands_still(clock: FakeClock) -> None:
    """Nothing moves by itself."""
    assert (clock.now(), clock.monotonic()) == (clock.now(), clock.monotonic())
    assert clock.now().tzinfo is not None


async def test_advance_moves_both_clocks(clock: FakeClock) -> None:
    """Wall and monotonic time go forward together."""
    now, seconds = clock.now(), clock.monotonic()
    await clock.advance(90)

    assert clock.now() - now == timedelta(seconds=90)
    assert clock.monotonic() - seconds == 90


async def test_jump_moves_the_wall_alone(clock: FakeClock) -> None:
    """An operator who sets the clock back changes no decision's seconds."""
    now, seconds = clock.now(), clock.monotonic()
    clock.jump_wall(-3_600)

    assert now - clock.now() == timedelta(hours=1)
    assert clock.monotonic() == seconds


async def test_sleepers_wake_in_their_order(clock: FakeClock) -> None:
    """Who sleeps shorter wakes first, each at its own time, and who sleeps longer sleeps on."""
    woken: list[tuple[str, float]] = []
    began = clock.monotonic()

    async def sleep(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((name, clock.monotonic() - began))

    async with asyncio.TaskGroup() as group:
        for name, seconds in (("c", 3), ("a", 1), ("b", 2), ("z", 60)):
            group.create_task(sleep(name, seconds))
        await clock.advance(10)

        assert woken == [("a", 1), ("b", 2), ("c", 3)]
        await clock.advance(50)


async def test_sleeper_that_sleeps_again_wakes_on_the_way(clock: FakeClock) -> None:
    """A chain of sleeps fits into one advance."""
    count = 0

    async def tick() -> None:
        nonlocal count
        while True:
            await clock.sleep(1)
            count += 1

    task = asyncio.create_task(tick())
    await clock.advance(10)
    task.cancel()

    assert count == 10


@pytest.mark.parametrize("seconds", [0, -1])
async def test_no_time_is_no_wait(clock: FakeClock, seconds: float) -> None:
    """Sleeping for nothing gives others their turn and returns."""
    await clock.sleep(seconds)


async def test_timeout_ends_what_takes_too_long(clock: FakeClock) -> None:
    """The scope is left by TimeoutError at its time, not before."""
    ended = False

    async def wait() -> None:
        nonlocal ended
        with pytest.raises(TimeoutError):
            async with clock.timeout_at(clock.monotonic() + 5):
                await clock.sleep(60)
        ended = True

    task = asyncio.create_task(wait())
    await clock.advance(4.9)
    before = ended
    await clock.advance(0.2)
    await task

    assert (before, ended) == (False, True)


async def test_timeout_in_the_past_ends_at_once(clock: FakeClock) -> None:
    """A scope whose time is over is left at its first wait."""
    with pytest.raises(TimeoutError):
        async with clock.timeout_at(clock.monotonic()):
            await clock.sleep(1)


async def test_timeout_after_the_scope_is_forgotten(clock: FakeClock) -> None:
    """What ended in time is not disturbed later."""
    async with clock.timeout_at(clock.monotonic() + 5):
        await clock.sleep(0)
    await clock.advance(10)
    await settle()


async def test_no_timeout_never_ends(clock: FakeClock) -> None:
    """None is no limit."""

    async def wait() -> str:
        async with clock.timeout_at(None):
            await clock.sleep(1_000_000)
        return "well"

    task = asyncio.create_task(wait())
    await clock.advance(1_000_000)

    assert await task == "well"


@pytest.mark.parametrize("clock", [SystemClock(), FakeClock()], ids=["system", "fake"])
async def test_both_clocks_end_a_scope_whose_time_is_over(clock: Clock) -> None:
    """The double and the real clock agree on a deadline in the past."""
    with pytest.raises(TimeoutError):
        async with clock.timeout_at(clock.monotonic() - 1):
            await asyncio.sleep(10)


async def test_system_clock_is_of_the_machine() -> None:
    """Instants are aware, seconds never fall, and nothing has to be advanced."""
    clock = SystemClock()
    before = clock.monotonic()
    await clock.sleep(0.001)
    async with clock.timeout_at(clock.monotonic() + 60):
        await clock.sleep(0)

    assert clock.monotonic() > before
    assert clock.now().utcoffset() == timedelta(0)


@given(st.lists(st.floats(0.001, 1_000), min_size=1, max_size=20))
def test_every_timer_fires_at_its_own_time(waits: list[float]) -> None:
    """Whatever the waits, each ends exactly when it is due."""

    async def scene() -> dict[int, float]:
        clock = FakeClock()
        began = clock.monotonic()
        ended: dict[int, float] = {}

        async def sleep(number: int, seconds: float) -> None:
            await clock.sleep(seconds)
            ended[number] = clock.monotonic() - began

        tasks = [asyncio.create_task(sleep(number, seconds)) for number, seconds in enumerate(waits)]
        await clock.advance(1_000)
        await asyncio.gather(*tasks)
        return ended

    ended = asyncio.run(scene())

    assert ended == pytest.approx(dict(enumerate(waits)))
