"""The worker claims ahead for the exchanges that end while a turn is written."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

import pytest

from gateway.durable.store import Store
from gateway.durable.tracks import Track
from gateway.testing.clock import FakeClock
from tests.support.postgres import tell
from tests.support.toy_orders import Office, Toy, ToyRoad, open_office


@dataclass(frozen=True)
class NarrowRoad(ToyRoad):
    """A way on which as many exchanges may be under way as it has slots."""

    slots: list[int] = field(default_factory=lambda: [1, 2])

    def room(self) -> int:
        return len(self.slots)


@pytest.fixture
def toy() -> Toy:
    """A system that takes orders."""
    return Toy()


@pytest.fixture
async def office(store: Store, toy: Toy, clock: FakeClock) -> AsyncIterator[Office]:
    """A gateway's part over *store*, and twelve orders that wait; two exchanges may be under way."""
    opened = await open_office(store, toy, clock)
    road = NarrowRoad(toy)
    for track in opened.worker._tracks:
        track.lines = {name: replace(line, road=road) for name, line in track.lines.items()}
    for number in range(12):
        await opened.order(f"D{number:02}")
    yield opened
    await opened.close()


def track_of(office: Office) -> Track:
    """The track of the toy."""
    return office.worker._tracks[0]


async def test_as_many_are_claimed_ahead_as_ended_meanwhile(office: Office, toy: Toy) -> None:
    """The first claim is for the room alone; the next has as many more as had ended, and never more are under way."""
    await office.worker.turn()
    assert len(office.worker.under_way) == 2
    await office.worker.quiet()
    assert len(toy.arrived) == 2

    await office.worker.turn()
    assert (len(office.worker.under_way), len(track_of(office).waiting)) == (2, 2)
    await office.worker.quiet()
    assert len(toy.arrived) == 6, "what waited began as others ended, before the next turn"


async def test_what_waits_is_given_back_when_the_system_is_shut(office: Office, store: Store, toy: Toy) -> None:
    """A head that was claimed ahead and can't go any more is neither sent nor counted as tried: it is due at once."""
    await office.worker.turn()
    await office.worker.quiet()
    await office.worker.turn()
    road = next(iter(track_of(office).lines.values())).road
    assert isinstance(road, NarrowRoad)
    road.slots.clear()
    await office.worker.quiet()
    await office.worker.turn()

    assert len(toy.arrived) == 4
    rows = await tell(store, "select head_state, attempts, failures, reason from lanes where reason is not null")
    assert rows == [("ready", 0, 0, "held_back")] * 2


async def test_what_waits_is_given_back_when_the_gateway_leaves(office: Office, store: Store, toy: Toy) -> None:
    """Nothing begins after the drain; another gateway finds the heads that waited as if they had never been claimed."""
    await office.worker.turn()
    await office.worker.quiet()
    await office.worker.turn()
    office.worker.leave()
    await asyncio.gather(*office.worker.under_way)
    await office.worker.turn()

    assert len(toy.arrived) == 2, "those under way had not released their last bytes"
    assert await tell(store, "select count(*) from lanes where head_state <> 'ready'") == [(0,)]
