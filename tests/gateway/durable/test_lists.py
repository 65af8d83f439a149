"""Orders in lists, and the form of an order, over a real PostgreSQL."""

from __future__ import annotations

import asyncio

import pytest

from gateway.durable.desk import Desk
from gateway.durable.store import Store
from gateway.testing.clock import FakeClock
from tests.support.postgres import tell
from tests.support.toy_orders import PREPARED, Office, Toy, in_lists, open_office

TIME_PASSES = "update lanes set held_until = clock_timestamp() where held_until is not null returning id"
LANES = "select key, state, reason from lanes where head <= tail order by key"


async def accepted(office: Office, number: int, orders: int = 1) -> None:
    """Accepts orders of *number* dossiers, numbered from 1 over all."""
    keys = [f"D{one:03}" for one in range(number)]
    for turn in range(orders):
        await asyncio.gather(*(office.order(key, turn * number + place) for place, key in enumerate(keys, 1)))


async def test_orders_of_several_dossiers_go_in_one_exchange(store: Store, clock: FakeClock) -> None:
    """What waits goes in lists of as many as the system takes, each order once and in sequence."""
    toy = Toy()
    office = await open_office(store, toy, clock, **in_lists(10))
    await accepted(office, 25, orders=3)

    await office.work(8)

    assert sorted(toy.accepted) == sorted((f"D{n:03}", t * 25 + n + 1) for t in range(3) for n in range(25))
    assert all([n for key, n in toy.accepted if key == f"D{k:03}"] == [k + 1, k + 26, k + 51] for k in range(25))
    assert max(map(len, toy.lists)) == 10
    assert sum(map(len, toy.lists)) == 75
    assert len(toy.lists) <= 12
    await office.close()


async def test_a_list_that_is_refused_is_halved(store: Store, clock: FakeClock) -> None:
    """One bad order parks its dossier with the system's reason; the other 15 arrive, and nothing counts for them."""
    toy = Toy(of={"D007": "refuses"})
    office = await open_office(store, toy, clock, **in_lists(16))
    await accepted(office, 16)

    await office.work(8)

    assert len(toy.accepted) == 15
    assert await tell(store, LANES) == [("D007", "parked", "incomplete")]
    assert [len(one) for one in toy.lists] == [16, 8, 8, 4, 4, 2, 2]
    assert await tell(store, "select count(*) from lanes where attempts > 0") == [(0,)]
    await office.close()


async def test_an_order_that_is_refused_within_a_list_is_alone_refused(store: Store, clock: FakeClock) -> None:
    """Where the system names the order that it refuses, the others of the list have arrived."""
    toy = Toy(of={"D002": "refuses"}, refuses_whole=False)
    office = await open_office(store, toy, clock, **in_lists(5))
    await accepted(office, 5)

    await office.work(2)

    assert (len(toy.lists), len(toy.accepted)) == (1, 4)
    assert await tell(store, LANES) == [("D002", "parked", "incomplete")]
    await office.close()


async def test_a_list_without_an_answer_is_asked_for(store: Store, clock: FakeClock) -> None:
    """Each order of a list whose answer is lost is asked for; what the system does not have goes again, alone."""
    toy = Toy(of={"D001": "never", "D003": "lost"}, once={"D001", "D003"})
    office = await open_office(store, toy, clock, **in_lists(4))
    await accepted(office, 4)

    await office.work(6)

    assert len(toy.lists) == 1
    assert dict(toy.asked) | {"D001": 1} == dict.fromkeys(["D000", "D001", "D002", "D003"], 1)
    assert sorted(toy.accepted) == [(f"D{n:03}", n + 1) for n in range(4)]
    assert sorted(toy.left)[1:3] == [("D001", 2), ("D001", 2)]
    await office.close()


async def test_unknown_outcomes_are_asked_for_in_lists(store: Store, clock: FakeClock) -> None:
    """Where a dialect asks in lists, one question tells of all."""
    toy = Toy(of={"D001": "lost"}, once={"D001"})
    office = await open_office(store, toy, clock, **in_lists(4, ask=True))
    await accepted(office, 4)

    await office.work(6)

    assert (len(toy.lists), len(toy.accepted), sum(toy.asked.values())) == (1, 4, 4)
    assert await tell(store, LANES) == []
    await office.close()


async def test_a_lost_lease_takes_the_whole_list_back(store: Store, clock: FakeClock) -> None:
    """Where one lane of a list was taken by another gateway, no byte of the list leaves; later each order goes once."""
    toy = Toy(mood="stopped")
    office = await open_office(store, toy, clock, **in_lists(4))
    await accepted(office, 4)
    await office.worker.turn()
    await toy.stood.wait()
    await tell(store, "update lanes set epoch = epoch + 1 where key = 'D002' returning id")

    toy.mood = "well"
    toy.come_back()
    await office.worker.quiet()
    assert toy.left == []
    await office.work(1)
    await tell(store, TIME_PASSES)
    await office.work(4)

    assert sorted(toy.accepted) == [(f"D{n:03}", n + 1) for n in range(4)]
    assert (office.worker.dropped, toy.asked["D002"]) == (1, 1)
    await office.close()


async def test_a_gateway_that_dies_leaves_a_list_of_unknown_outcome(store: Store, clock: FakeClock) -> None:
    """After a death between bytes and answer each order of the list is asked for before it is sent again."""
    toy = Toy(mood="hangs")
    office = await open_office(store, toy, clock, **in_lists(4))
    await accepted(office, 4)
    await office.worker.turn()
    await toy.stood.wait()
    await office.die()
    toy.mood = "well"
    other = await open_office(store, toy, clock, name="two", **in_lists(4))
    await tell(store, TIME_PASSES)

    await other.work(4)

    assert sorted(toy.accepted) == [(f"D{n:03}", n + 1) for n in range(4)]
    assert (len(toy.left), sum(toy.asked.values())) == (4, 4)
    await other.close()


async def test_heads_that_go_alone_do_not_fill_the_system(store: Store, clock: FakeClock) -> None:
    """What was claimed for lists, and has to go alone, is begun only as far as the system has room."""
    toy = Toy()
    office = await open_office(store, toy, clock, **in_lists(10))
    await accepted(office, 60)
    await tell(store, "update lanes set list_most = 1 returning id")

    await office.worker.turn()

    assert len(office.worker.under_way) == 20
    await office.work(6)
    assert len(toy.accepted) == 60
    assert await tell(store, LANES) == []
    await office.close()


async def test_a_form_is_chosen_before_the_order_goes_and_stays(store: Store, clock: FakeClock) -> None:
    """The form is asked for once; a copy that goes after a lost message has the form of the first."""
    toy = Toy(repeat="same", of={"A": "late"}, once={"A"})
    office = await open_office(store, toy, clock, **PREPARED)
    await office.order("A", 1)
    await office.order("A", 2)

    await office.work(12)

    assert toy.forms == [(("A", 1), "proven"), (("A", 1), "proven"), (("A", 2), "after 1")]
    await office.close()


@pytest.mark.parametrize(("first", "kept"), [("first", "first"), (None, None)])
async def test_a_first_form_is_chosen_at_once(
    store: Store, clock: FakeClock, first: str | None, kept: str | None
) -> None:
    """Where nothing of the key was ever sent, and the declaration knows without a question; else as any form."""
    toy = Toy()
    office = await open_office(store, toy, clock, **PREPARED, first_form=lambda _: first)
    await office.order("A", 1)
    assert await tell(store, "select form from messages") == [(kept,)]
    await office.work(3)
    await office.order("A", 2)
    await office.work(3)

    assert toy.forms == [(("A", 1), first or "proven"), (("A", 2), "after 1")]
    await office.close()


async def test_a_form_is_not_chosen_twice_after_a_death(store: Store, clock: FakeClock) -> None:
    """A gateway that dies while a form is chosen has sent nothing; the next one chooses and sends, and asks nothing."""
    toy = Toy()
    office = await open_office(store, toy, clock, **PREPARED)
    await office.order("A", 1)
    await office.worker.turn()
    await office.die()
    other = await open_office(store, toy, clock, name="two", **PREPARED)
    await tell(store, TIME_PASSES)

    await other.work(4)

    assert (toy.accepted, toy.asked["A"]) == ([("A", 1)], 0)
    await other.close()


async def test_a_form_that_can_not_be_chosen_costs_time_only(store: Store, clock: FakeClock) -> None:
    """While the system is down no form is chosen, nothing counts, and the order goes when it is back."""
    toy = Toy(of={"A": "down"})
    office = await open_office(store, toy, clock, **PREPARED)
    await office.order("A", 1)
    await tell(store, "update lanes set left_before = true returning id")
    await office.work(2)
    assert (toy.left, await tell(store, "select state, attempts from lanes")) == ([], [("open", 0)])

    toy.of.clear()
    clock.jump_wall(100)
    await office.work(4)

    assert toy.forms == [(("A", 1), "after 0")]
    await office.close()


async def test_after_a_refusal_an_operators_retry_chooses_anew(store: Store, clock: FakeClock) -> None:
    """A message that was refused has not arrived: when the operator tries it again, its form is chosen again."""
    toy = Toy(of={"A": "refuses"}, once={"A"})
    office = await open_office(store, toy, clock, **PREPARED)
    desk = Desk(store, {"toy.take": office.line}, clock, lambda: None)
    await office.order("A", 1)
    await office.work(4)
    toy.works("A", 9)

    await desk.act("o", "why", "retry", "toy", ["A"])
    await office.work(4)

    assert toy.forms == [(("A", 1), "proven"), (("A", 1), "after 1")]
    await office.close()


async def test_nothing_is_proven_where_old_lanes_were_deleted(store: Store, clock: FakeClock) -> None:
    """After the purge has deleted lanes of a system, a new key may be an old one: the system is asked."""
    toy = Toy()
    office = await open_office(store, toy, clock, **PREPARED)
    await tell(store, "insert into lanes_forgotten (system) values ('toy') returning system")
    await office.order("A", 1)

    await office.work(4)

    assert toy.forms == [(("A", 1), "after 0")]
    await office.close()


async def test_orders_of_one_form_go_together(store: Store, clock: FakeClock) -> None:
    """A list has one form."""
    toy = Toy(of={"D000": "refuses"}, refuses_whole=False)
    toy.works("D001", 900)
    office = await open_office(store, toy, clock, **in_lists(10), **PREPARED)
    await accepted(office, 3, orders=1)
    await tell(store, "update lanes set left_before = true where key = 'D001' returning id")

    await office.work(5)

    assert dict(toy.forms) == {("D000", 1): "proven", ("D001", 2): "after 1", ("D002", 3): "proven"}
    assert sorted(map(len, toy.lists)) == [2]
    await office.close()
