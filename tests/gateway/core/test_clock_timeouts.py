"""The system clock's timeouts do what asyncio's own do: each promise is held against both."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, suppress
from typing import TypeAlias

import pytest

from gateway.core.clock import SystemClock

Within: TypeAlias = Callable[[float], AbstractAsyncContextManager[object]]
CLOCK = SystemClock()


@pytest.fixture(params=[asyncio.timeout, lambda seconds: CLOCK.timeout_at(CLOCK.monotonic() + seconds)])
def within(request: pytest.FixtureRequest) -> Within:
    """A timeout of so many seconds: asyncio's, or the clock's."""
    found: Within = request.param
    return found


async def forever() -> None:
    await asyncio.get_running_loop().create_future()


async def test_what_ends_in_time_ends_as_it_does(within: Within) -> None:
    """A value, and an error of the body's own, go through; the task is not cancelled later."""
    async with within(0.001):
        value = 1
    with pytest.raises(KeyError):
        async with within(5):
            raise KeyError
    await asyncio.sleep(0.005)

    assert value == 1
    assert asyncio.current_task().cancelling() == 0  # type: ignore[union-attr]  # a test is a task


@pytest.mark.parametrize("seconds", [0.001, 0, -1])
async def test_what_takes_longer_ends_in_a_timeout(within: Within, seconds: float) -> None:
    """Also where the time was over before it began; afterwards the task goes on as if nothing had been."""
    with pytest.raises(TimeoutError):
        async with within(seconds):
            await forever()

    assert asyncio.current_task().cancelling() == 0  # type: ignore[union-attr]  # a test is a task


async def test_a_cancellation_from_outside_stays_one(within: Within) -> None:
    """Who cancels the task gets a cancelled task, not a timeout."""

    async def work() -> None:
        async with within(5):
            await forever()

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task

    assert task.cancelled()


async def test_a_cancellation_that_comes_with_the_timeout_wins(within: Within) -> None:
    """Both at once: the task was told to end, so it ends cancelled."""

    async def work() -> None:
        async with within(0):
            await forever()

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    asyncio.get_running_loop().call_soon(task.cancel)
    with suppress(asyncio.CancelledError, TimeoutError):
        await task

    assert task.cancelled()


async def test_the_inner_timeout_ends_before_the_outer(within: Within) -> None:
    """Nested ones end apart, each its own scope."""
    async with within(5):
        with pytest.raises(TimeoutError):
            async with within(0.001):
                await forever()
        after = True

    assert after


async def test_the_outer_timeout_goes_through_the_inner(within: Within) -> None:
    """The inner one is not taken for what has expired."""
    inner_ended = False

    async def nested() -> None:
        nonlocal inner_ended
        try:
            async with within(5):
                await forever()
        except TimeoutError:
            inner_ended = True

    with pytest.raises(TimeoutError):
        async with within(0.001):
            await nested()

    assert not inner_ended


async def test_an_error_while_being_ended_is_the_one_that_shows(within: Within) -> None:
    """A body that fails in its clean-up fails with that."""

    async def fails() -> None:
        try:
            await forever()
        finally:
            raise ValueError("clean-up")

    with pytest.raises(ValueError, match="clean-up"):
        async with within(0.001):
            await fails()
