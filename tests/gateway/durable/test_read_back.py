"""A system that writes a late copy over what came after it is read back; over a real PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Literal

import pytest

from gateway.durable.desk import Desk
from gateway.durable.lanes.operating import Filter
from gateway.durable.store import Store
from gateway.testing.clock import FakeClock
from tests.support.postgres import tell
from tests.support.toy_orders import Office, Toy, open_office

RESTS_END = "update lanes set held_until = clock_timestamp() where held_until is not null returning id"
LANE = "select head, tail, head_state, read_back, copies, due_at is null from lanes"
KINDS = "select kind, seq from events order by id"
DONE = ("ready", False, False, True)


@pytest.fixture
def toy() -> Toy:
    """A system that writes each order over what it has."""
    return Toy(repeat="overwrites")


@pytest.fixture
async def office(store: Store, toy: Toy, clock: FakeClock) -> AsyncIterator[Office]:
    """A gateway's part over *store*."""
    opened = await open_office(store, toy, clock)
    yield opened
    await opened.close()


async def rest(office: Office, turns: int = 4) -> None:
    """The time passes in which a copy may still arrive; then the worker works."""
    await tell(office.store, RESTS_END)
    await office.work(turns)


async def test_an_order_that_arrived_at_once_is_not_read_back(office: Office, toy: Toy, store: Store) -> None:
    """Where no copy is on its way, nothing is asked."""
    await office.order("A", 1)
    await office.work(4)

    assert toy.asked["A"] == 0
    assert await tell(store, LANE) == [(2, 1, *DONE)]


async def test_an_emptied_lane_is_read_back_once(office: Office, toy: Toy, store: Store) -> None:
    """After a copy that may still arrive the system is asked once more, after that time; then nothing is asked."""
    toy.of, toy.once = {"A": "late"}, {"A"}
    await office.order("A", 1)
    await office.work(6)
    asked = toy.asked["A"]
    assert await tell(store, LANE) == [(1, 1, "unknown", True, True, False)]

    await rest(office)
    await rest(office)

    assert toy.asked["A"] == asked + 1
    assert await tell(store, LANE) == [(2, 1, *DONE)]
    assert await tell(store, KINDS) == [("accepted", 1), ("reconciling", 1), ("sent_again", 1), ("arrived", 1)]


async def test_what_a_late_copy_overwrote_is_mended(office: Office, toy: Toy, store: Store) -> None:
    """A copy of an earlier order that arrives later than anything should is found, and the last order goes again."""
    toy.of, toy.once = {"A": "late"}, {"A"}
    await office.order("A", 1)
    await office.order("A", 2)
    await office.work(4)
    await rest(office)
    assert toy.accepted == [("A", 1), ("A", 2)]
    toy.let_arrive()
    assert toy.accepted[-1] == ("A", 1)

    await rest(office)

    assert toy.accepted == [("A", 1), ("A", 2), ("A", 1), ("A", 2)]
    assert await tell(store, LANE) == [(3, 2, *DONE)]
    assert await tell(store, "select count(*) from outcomes where kind = 'done'") == [(2,)]


async def test_it_is_mended_once(office: Office, toy: Toy, store: Store) -> None:
    """What others write there afterwards is theirs: the gateway does not write against them for ever."""
    toy.of, toy.once = {"A": "late"}, {"A"}
    await office.order("A", 1)
    await office.work(4)
    toy.accepted.append(("A", 900))
    await rest(office)
    sent = len(toy.left)
    toy.accepted.append(("A", 901))

    await rest(office)
    await rest(office)

    assert len(toy.left) == sent
    assert await tell(store, LANE) == [(2, 1, *DONE)]


async def test_an_order_that_comes_meanwhile_waits_for_it(office: Office, toy: Toy, store: Store) -> None:
    """A new order goes when no copy may arrive any more, after the first was read back."""
    toy.of, toy.once = {"A": "late"}, {"A"}
    await office.order("A", 1)
    await office.work(4)
    await office.order("A", 2)
    await office.work(4)
    assert toy.accepted == [("A", 1)]

    toy.let_arrive()
    await rest(office)

    assert toy.accepted == [("A", 1), ("A", 1), ("A", 2)]


async def test_a_read_back_is_not_an_order_that_waits(office: Office, toy: Toy, store: Store, clock: FakeClock) -> None:
    """The portal's case counts nothing that waits; the operator sees the lane, and may skip it."""
    toy.of, toy.once = {"A": "late"}, {"A"}
    await office.order("A", 1)
    await office.work(4)
    desk = Desk(store, {"toy.take": office.line}, clock, lambda: None)

    (seen,) = await desk.lanes(Filter(state="unknown"), 10)
    assert (seen["reason"], seen["waiting"]) == ("read_back", 0)
    await desk.act("o", "why", "skip", "toy", ["A"])

    assert (await tell(store, LANE))[0][:4] == (2, 1, "ready", False)


@pytest.mark.parametrize("deed", ["retry", "skip"])
async def test_no_deed_ends_the_time_in_which_a_copy_may_arrive(
    office: Office, toy: Toy, store: Store, clock: FakeClock, deed: Literal["retry", "skip"]
) -> None:
    """The next order waits as long as without it, and is not overwritten."""
    toy.of, toy.once = {"A": "late"}, {"A"}
    await office.order("A", 1)
    await office.work(4)
    await Desk(store, {"toy.take": office.line}, clock, lambda: None).act("o", "why", deed, "toy", ["A"])
    await office.order("A", 2)
    await office.work(4)
    assert toy.accepted == [("A", 1)]

    toy.let_arrive()
    await rest(office)

    assert toy.accepted == [("A", 1), ("A", 1), ("A", 2)]


async def test_a_system_that_can_not_tell_ends_the_read_back(office: Office, toy: Toy, store: Store) -> None:
    """The order has arrived: nothing is parked because it could not be read back."""
    toy.of, toy.once = {"A": "late"}, {"A"}
    await office.order("A", 1)
    await office.work(4)
    toy.cannot_tell = True

    await rest(office)

    assert await tell(store, "select state from lanes") == [("open",)]
    assert await tell(store, LANE) == [(2, 1, *DONE)]


async def test_a_gateway_that_dies_leaves_the_read_back_to_another(
    office: Office, toy: Toy, store: Store, clock: FakeClock
) -> None:
    """That a lane is to be read back is in the store."""
    toy.of, toy.once = {"A": "late"}, {"A"}
    await office.order("A", 1)
    await office.work(4)
    await office.die()
    other = await open_office(store, toy, clock, name="two")
    toy.accepted.append(("A", 900))

    await rest(other)

    assert toy.accepted[-1] == ("A", 1)
    await other.close()
