"""The worker claims ahead for the exchanges that end while a turn is written."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import LiteralString

import pytest

from gateway.durable.store import Store
from gateway.durable.tracks import BATCH, Track
from gateway.testing.clock import FakeClock
from tests.support.postgres import tell
from tests.support.toy_orders import Office, Toy, ToyRoad, open_office

WAITS: LiteralString = """
select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
"""


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


@pytest.mark.parametrize(("ended", "claimable"), [(0, 2), (4, 3), (400, 102), (40_000, BATCH)])
async def test_a_quarter_of_a_second_is_claimed_ahead(office: Office, ended: int, claimable: int) -> None:
    """At the pace of late, beside the room of two exchanges; up to the limit of a batch."""
    track = track_of(office)
    track.count(100.0)
    track.ended = 2 * ended
    track.count(101.0)

    assert track.rate == ended
    assert track.claimable() == claimable


async def test_pace_follows_what_ends(office: Office) -> None:
    """Where nothing ends any more, soon nothing is claimed ahead."""
    track = track_of(office)
    track.rate, track.counted = 1_000.0, (100.0, 0)
    for second in range(101, 111):
        track.count(float(second))

    assert track.ahead == 0


async def test_claims_at_one_moment_tell_no_pace(office: Office) -> None:
    """Exchanges that ended between two claims that came at once count for the next claim that came later."""
    track = track_of(office)
    for now, ended in ((100.0, 0), (100.0, 3), (100.001, 3), (101.0, 2)):
        track.ended = ended
        track.count(now)

    assert track.rate == 4.0


async def test_claims_go_on_while_a_write_waits(office: Office, store: Store, toy: Toy) -> None:
    """PostgreSQL writes what came back and hands out more at the same time: neither waits for the other."""
    await office.worker.turn()
    await office.worker.quiet()
    async with store.connection() as connection, connection.transaction():
        await connection.execute("select from lanes where head_state = 'sending' for update")
        write = asyncio.create_task(office.worker.write())
        while not await tell(store, WAITS):  # noqa: ASYNC110  # PostgreSQL tells nobody
            await asyncio.sleep(0)
        await office.worker.claim()
        await office.worker.quiet()
        assert len(toy.arrived) == 6
        assert not write.done()
    await write

    assert await tell(store, "select count(*) from outcomes") == [(2,)]


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
