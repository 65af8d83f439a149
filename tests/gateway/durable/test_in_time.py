"""Work on a store that may have stopped to answer."""

from __future__ import annotations

import asyncio

import pytest

from gateway.durable.in_time import DEED_S, in_time
from gateway.durable.store import StoreUnavailable
from gateway.testing.clock import FakeClock


class Work:
    """Work that does not end until it may, not even when it is cancelled."""

    def __init__(self) -> None:
        self.may_end = asyncio.Event()
        self.cancelled = asyncio.Event()

    async def run(self) -> str:
        """Says that it was done."""
        try:
            await self.may_end.wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            await self.may_end.wait()
            raise
        return "done"


async def test_work_that_ends_in_time_is_told(clock: FakeClock) -> None:
    """With its result, or its error."""
    work = Work()
    work.may_end.set()

    async def fails() -> None:
        raise LookupError("no such row")

    assert await in_time(clock, work.run()) == "done"
    with pytest.raises(LookupError):
        await in_time(clock, fails())


async def test_work_that_takes_too_long_is_cancelled_and_not_waited_for(clock: FakeClock) -> None:
    """PostgreSQL's client waits for the server's word that a statement was cancelled; who asked does not."""
    work = Work()
    asked = asyncio.create_task(in_time(clock, work.run()))
    await clock.advance(DEED_S - 1)
    assert not asked.done()
    await clock.advance(1)

    with pytest.raises(StoreUnavailable):
        await asked
    await work.cancelled.wait()
    work.may_end.set()


async def test_who_leaves_takes_the_work_along(clock: FakeClock) -> None:
    """Nobody reads what it finds."""
    work = Work()
    asked = asyncio.create_task(in_time(clock, work.run()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    asked.cancel()

    with pytest.raises(asyncio.CancelledError):
        await asked
    await work.cancelled.wait()
    work.may_end.set()
