"""Messages that are worked after their connection has ended: `late`, and `hang` with `after`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest

from mocks.engine.country import Country
from mocks.engine.journal import Entry
from mocks.engine.server import listening
from tests.mocks.engine.toy import Toy, open_toy


@dataclass
class Road:
    """Seconds pass when a test lets them."""

    open: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        """Waits until the test opens the road."""
        self.asked.append(seconds)
        await self.open.wait()


@pytest.fixture
def road() -> Road:
    """A road on which nothing arrives yet."""
    return Road()


@pytest.fixture
async def toy(contracts: Path, road: Road) -> AsyncIterator[Toy]:
    """The toy system, whose waits end when the road is opened."""
    country = await asyncio.to_thread(Country, services=[open_toy], contracts=contracts, sleep=road.sleep)
    async with listening(country) as url, aiohttp.ClientSession() as session:
        yield Toy(url, country, session)


async def order(toy: Toy, name: str) -> int | None:
    """The number that the system gave to the order; None where the connection ended without an answer."""
    try:
        async with toy.session.post(f"{toy.url}/toy/orders", json={"ma": name}) as answer:
            return int((await answer.json())["nhan"])
    except aiohttp.ServerDisconnectedError:
        return None


async def taken(toy: Toy) -> int:
    """The number of orders that the system has."""
    async with toy.session.get(f"{toy.url}/toy/orders") as answer:
        return int((await answer.json())["nhan"])


async def test_a_late_message_is_worked_after_those_that_came_in_between(toy: Toy, road: Road) -> None:
    """The sender gets no answer, a later message is the first, and the late one is taken once it arrives."""
    await toy.fault("late", operation="order", plan={"requests": "1"}, seconds=6)

    assert await order(toy, "late") is None
    assert await order(toy, "in between") == 1
    road.open.set()
    await toy.country.latecomers.settle()

    assert await taken(toy) == 2
    assert road.asked == [6]


async def test_the_journal_tells_arrival_and_work_of_a_late_message(toy: Toy, road: Road) -> None:
    """One entry: when it came and that nothing was sent; the time at which it was worked is there afterwards alone."""
    await toy.fault("late", operation="order", seconds=6)
    await order(toy, "7")
    before = (await toy.entries("?operation=order"))[0]
    road.open.set()
    await toy.country.latecomers.settle()
    after = (await toy.entries("?operation=order"))[0]

    assert (before["status"], before["fault"], "worked_at" in before) == (None, "late", False)
    assert after["worked_at"] >= after["at"] == before["at"]


async def test_a_reset_drops_what_is_under_way(toy: Toy, road: Road) -> None:
    """A message from before the reset is never worked: neither state nor journal of the country after it change."""
    entries: list[Entry] = []
    await toy.fault("late", operation="order", seconds=6)
    await order(toy, "7")
    entries += toy.country.journal.entries(operation="order")
    await toy.admin("POST", "reset")
    road.open.set()
    await toy.country.latecomers.settle()

    assert await taken(toy) == 0
    assert entries[0].worked_at is None


async def test_a_late_message_shows_its_credentials_when_it_is_worked(toy: Toy, road: Road) -> None:
    """A token that has ended meanwhile is refused: an old message may be one that no longer counts."""
    await toy.log_in()
    await toy.fault("late", operation="fact", seconds=6)
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await toy.get("/toy/fact", Authorization="Bearer spent")
    assert (await toy.entries("?operation=fact"))[0]["breaches"] == []
    road.open.set()
    await toy.country.latecomers.settle()

    assert (await toy.entries("?operation=fact"))[0]["breaches"] == ["header Authorization: not a token of this system"]


@pytest.mark.parametrize(("after", "held"), [(True, 1), (False, 0)])
async def test_a_hanging_system_has_done_its_work_only_with_after(toy: Toy, after: bool, held: int) -> None:
    """`hang {after: true}` takes the order and never answers; without it nothing is taken."""
    await toy.fault("hang", operation="order", after=after)
    asked = asyncio.create_task(order(toy, "7"))
    await toy.arrived()

    assert await taken(toy) == held
    assert not asked.done()
    await toy.admin("DELETE", "faults")
    assert await asked is None
