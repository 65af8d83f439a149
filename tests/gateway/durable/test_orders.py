"""Orders from their acceptance to the system, over a real PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from gateway.core.problems import AlreadyReceived, Conflict, IdempotencyKeyReused, InvalidRequest
from gateway.durable.desk import Desk
from gateway.durable.lanes.operating import Deed
from gateway.durable.store import Store
from gateway.testing.clock import FakeClock
from tests.support.postgres import tell
from tests.support.toy_orders import Office, Toy, open_office

TIME_PASSES = "update lanes set held_until = clock_timestamp() where held_until is not null returning id"


@pytest.fixture
def toy() -> Toy:
    """A system that takes orders."""
    return Toy()


@pytest.fixture
async def office(store: Store, toy: Toy, clock: FakeClock) -> AsyncIterator[Office]:
    """A gateway's part over *store*."""
    opened = await open_office(store, toy, clock)
    yield opened
    await opened.close()


async def lane(store: Store, key: str) -> tuple[object, ...]:
    """State, head state and reason of a lane."""
    return (await tell(store, "select state, head_state, reason from lanes where key = %s", key))[0]


async def test_an_accepted_order_is_sent_once(office: Office, toy: Toy) -> None:
    """An order is in the store when it is accepted, and reaches the system once."""
    answer, repeated = await office.order("A")

    assert (answer["state"], repeated, toy.arrived) == ("accepted", False, [])
    await office.work()
    assert toy.arrived == [("A", 1)]


async def test_an_equal_key_gets_the_first_answer(office: Office, store: Store, toy: Toy, clock: FakeClock) -> None:
    """The same key and body give the first answer, also on another gateway; the order is carried out once."""
    first = await office.order("A", key="k")
    other = await open_office(store, toy, clock, name="two")

    assert await other.order("A", key="k") == (first[0], True)
    await office.work()
    await other.work()
    assert toy.accepted == [("A", 1)]
    await other.close()


async def test_an_equal_key_with_another_body_is_refused(office: Office) -> None:
    """A key belongs to one body."""
    await office.order("A", key="k")

    with pytest.raises(IdempotencyKeyReused):
        await office.order("B", key="k")


async def test_equal_keys_at_once_on_two_gateways_are_one_order(
    office: Office, store: Store, toy: Toy, clock: FakeClock
) -> None:
    """Of equal orders that come at once, on whichever gateway, one is new and the others get its answer."""
    other = await open_office(store, toy, clock, name="two")

    ended = await asyncio.gather(*(place.order("A", key="k") for place in (office, other) * 5))

    assert sorted(repeated for _, repeated in ended) == [False] + [True] * 9
    await other.close()


async def test_orders_of_one_case_are_accepted_in_one_commit(office: Office, store: Store) -> None:
    """Orders of one dossier that come at once are all accepted, in the sequence in which they came."""
    ended = await asyncio.gather(*(office.order("A", number) for number in (2, 3, 4)))

    assert [repeated for _, repeated in ended] == [False] * 3
    assert await tell(store, "select key, tail from lanes") == [("A", 3)]
    assert await tell(store, "select key, state from cases") == [("A", "accepted")]


async def test_a_refused_order_leaves_nothing(office: Office, store: Store) -> None:
    """An order that its case does not take keeps no key, no message and no empty lane."""
    await office.order("A", key="k")

    with pytest.raises(Conflict):
        await office.order("A", key="other")
    with pytest.raises(InvalidRequest):
        await office.order("B", 0, key="bad")

    assert await tell(store, "select key from idempotency_keys") == [("k",)]
    assert await tell(store, "select key, tail from lanes") == [("A", 1)]


async def test_the_code_of_anothers_case_is_taken(office: Office) -> None:
    """Another caller's order for the same dossier is a conflict that tells nothing of the case."""
    await office.order("A", caller="one")

    with pytest.raises(AlreadyReceived):
        await office.order("A", caller="two")


async def test_orders_of_a_dossier_keep_their_sequence(office: Office, toy: Toy) -> None:
    """Orders of one key reach the system in the sequence of their acceptance, however many wait."""
    for number in range(1, 6):
        await office.order("A", number)
        await office.order("B", number)

    await office.work(8)

    assert [n for key, n in toy.accepted if key == "A"] == [1, 2, 3, 4, 5]
    assert [n for key, n in toy.accepted if key == "B"] == [1, 2, 3, 4, 5]


async def test_an_order_that_fails_holds_back_its_followers_alone(office: Office, toy: Toy, store: Store) -> None:
    """A refused order parks its lane with the reason; other dossiers flow."""
    toy.of["A"] = "refuses"
    for number in (1, 2):
        await office.order("A", number)
        await office.order("B", number)

    await office.work(4)

    assert toy.accepted == [("B", 1), ("B", 2)]
    assert await lane(store, "A") == ("parked", "ready", "incomplete")


async def test_an_outage_costs_time_only(office: Office, toy: Toy, store: Store, clock: FakeClock) -> None:
    """Thirty minutes of failures park nothing; afterwards all goes in its sequence."""
    toy.mood = "down"
    for number in (1, 2):
        await office.order("A", number)
    for _ in range(60):
        clock.jump_wall(30)
        await office.work(1)

    assert toy.accepted == []
    toy.mood = "well"
    clock.jump_wall(120)
    await office.work(4)
    assert toy.accepted == [("A", 1), ("A", 2)]
    assert await tell(store, "select attempts, state from lanes") == [(0, "open")]


async def test_a_failure_counts_where_others_get_through(
    office: Office, toy: Toy, store: Store, clock: FakeClock
) -> None:
    """A message that fails again and again while others of its operation get through parks its lane in the end."""
    toy.of["A"] = "down"
    await office.order("A")
    for number in range(12):
        await office.order(f"B{number}")
        clock.jump_wall(90)
        await office.work(2)

    assert (await lane(store, "A"))[0] == "parked"


async def test_a_lost_answer_is_asked_for(office: Office, toy: Toy, store: Store) -> None:
    """An order whose answer was lost is asked for, found, and not sent again."""
    toy.of["A"] = "lost"
    await office.order("A")

    await office.work(4)

    assert toy.arrived == [("A", 1)]
    assert toy.asked["A"] >= 1
    kinds = [kind for (kind,) in await tell(store, "select kind from events where key = 'A' order by id")]
    assert kinds[:3] == ["accepted", "reconciling", "arrived"]


async def test_an_order_that_arrives_late_is_accepted_once(office: Office, toy: Toy) -> None:
    """Where repeats are refused, an order that was not there yet is sent again: both copies make one acceptance."""
    toy.of["A"] = "late"
    await office.order("A")
    await office.work(2)
    toy.of["A"] = "well"
    toy.let_arrive()
    await office.work(4)

    assert toy.accepted == [("A", 1)]


async def test_not_there_is_not_taken_for_proof(store: Store, clock: FakeClock) -> None:
    """A system that does repeats again gets no second copy: the lane parks after two looks, settle_s apart."""
    toy = Toy(repeat="adds")
    office = await open_office(store, toy, clock)
    toy.of["A"] = "late"
    await office.order("A")
    await office.work(3)
    assert (toy.asked["A"], toy.arrived) == (0, [])
    for _ in range(2):
        await tell(store, "update lanes set held_until = null, left_at = left_at - interval '301 seconds' returning id")
        await office.work(1)
        await office.work(1)

    assert await lane(store, "A") == ("parked", "unknown", "not_there")
    assert toy.asked["A"] == 2  # two looks
    toy.let_arrive()
    assert toy.accepted == [("A", 1)]
    await office.close()


async def test_a_system_that_is_not_configured_any_more_is_known_by_its_orders(store: Store, clock: FakeClock) -> None:
    """An operator still gets at what was accepted for it, and a misspelt name is none."""
    office = await open_office(store, Toy(), clock)
    await office.order("A", 1)
    desk = Desk(store, {}, clock, lambda: None)

    assert [await desk.has_had(name) for name in ("toy", "toi")] == [True, False]
    await office.close()


@pytest.mark.parametrize("deed", ["retry", "skip"])
async def test_no_deed_ends_the_rest_after_a_copy_that_may_overwrite(
    store: Store, clock: FakeClock, deed: Deed
) -> None:
    """Where repeats overwrite, an operator can't let a follower go while a copy of the order before it may arrive."""
    toy = Toy(repeat="overwrites")
    office = await open_office(store, toy, clock)
    desk = Desk(store, {"toy.take": office.line}, clock, lambda: None)
    toy.of["A"] = "late"
    for number in (1, 2, 3):
        await office.order("A", number)
    await office.work(1)
    toy.of["A"] = "well"
    await office.work(4)
    assert (toy.accepted, toy.under_way) == ([("A", 1)], [("A", 1)])

    (effect,) = await desk.act("o", "why", deed, "toy", ["A"])
    await office.work(3)
    toy.let_arrive()

    assert effect.hindrance is None
    assert toy.accepted == [("A", 1), ("A", 1)]
    await tell(store, TIME_PASSES)
    await office.work(3)
    assert toy.accepted[-1] == ("A", 3)
    await office.close()


async def test_a_follower_waits_after_an_uncertain_order_was_skipped(store: Store, clock: FakeClock) -> None:
    """Where repeats overwrite, the follower of a skipped order goes when no copy of that one can arrive any more."""
    toy = Toy(repeat="overwrites")
    office = await open_office(store, toy, clock)
    desk = Desk(store, {"toy.take": office.line}, clock, lambda: None)
    toy.of["A"] = "late"
    for number in (1, 2):
        await office.order("A", number)
    toy.cannot_tell = True
    await office.work(3)

    await desk.act("o", "why", "skip", "toy", ["A"])
    toy.of["A"] = "well"
    await office.work(3)
    assert toy.accepted == []
    toy.let_arrive()
    await tell(store, TIME_PASSES)
    await office.work(3)

    assert toy.accepted[-1] == ("A", 2)
    await office.close()


async def test_a_system_that_cannot_tell_parks_the_lane(office: Office, toy: Toy, store: Store) -> None:
    """Where asking can't tell, the gateway stops and says so."""
    toy.of["A"], toy.cannot_tell = "never", True
    await office.order("A")

    await office.work(3)

    assert await lane(store, "A") == ("parked", "unknown", "cannot_tell")


async def test_already_received_at_a_first_sending_is_anothers(office: Office, toy: Toy, store: Store) -> None:
    """The system has a dossier of that code that this gateway never sent: an operator decides."""
    toy.works("A", 1)
    await office.order("A")

    await office.work(3)

    assert await lane(store, "A") == ("parked", "ready", "already_received")


async def test_a_dead_workers_order_is_asked_for(office: Office, toy: Toy, store: Store, clock: FakeClock) -> None:
    """A worker that died after the mark hands its lane over: the next one asks before it sends."""
    await office.order("A")
    other = await open_office(store, toy, clock, name="dead")
    toy.of["A"] = "held"
    await other.worker.turn()
    await asyncio.sleep(0)
    await tell(store, TIME_PASSES)
    toy.of["A"] = "well"

    await office.work(3)

    assert toy.asked["A"] == 1
    toy.go.set()
    await other.worker.quiet()
    await other.worker.turn()
    assert other.worker.dropped == 1
    assert toy.accepted == [("A", 1)]
    await other.close()


async def test_a_pause_holds_bytes_back(office: Office, toy: Toy, store: Store) -> None:
    """No order leaves while its operation or its upstream is paused, and it goes when that ends."""
    for target in ("toy.take", "toy/toy"):
        await tell(store, "insert into pauses values (%s, 'o', 'w', now(), null) returning target", target)
        await office.order(target[-4:])
        await office.work(2)
        assert toy.arrived == []
        await tell(store, "delete from pauses returning target")

    await office.work(2)
    assert len(toy.arrived) == 2  # one for each


async def test_an_answer_that_comes_after_others_were_written_is_written(
    office: Office, toy: Toy, store: Store
) -> None:
    """A turn of the worker takes what has come back; what comes later is taken by the next one."""
    toy.of["A"] = "held"
    await office.order("A")
    await office.order("B")
    await office.worker.turn()
    await asyncio.wait(set(office.worker.under_way), return_when=asyncio.FIRST_COMPLETED)
    await office.worker.turn()
    toy.go.set()
    await office.worker.quiet()
    await office.worker.turn()

    assert await tell(store, "select count(*) from outcomes") == [(2,)]


async def test_a_commit_that_nobody_heard_of_is_not_written_twice(office: Office, toy: Toy, store: Store) -> None:
    """Where the connection breaks at the commit the worker writes again: nothing is passed over or told twice."""
    for number in (1, 2, 3):
        await office.order("A", number)
    await office.worker.turn()
    await office.worker.quiet()
    tried = list(office.worker._tried)
    await office.worker.write()
    office.worker._tried = tried
    await office.worker.write()
    assert office.worker.dropped == 1
    await office.work(4)

    assert toy.accepted == [("A", 1), ("A", 2), ("A", 3)]
    assert await tell(store, "select seq from events where kind = 'arrived' order by id") == [(1,), (2,), (3,)]


async def test_a_running_worker_drains_all(office: Office, toy: Toy, store: Store) -> None:
    """The loop by itself brings all that was accepted to the system, each order once."""
    await office.worker.open()
    await asyncio.gather(*(office.order(f"D{number}") for number in range(100)))
    async with asyncio.timeout(20):
        await toy.has_accepted(100)
    await office.worker.close(1.0)

    assert len(toy.accepted) == len({*toy.accepted}) == 100  # each once
    assert (office.worker.dropped, sum(toy.asked.values())) == (0, 0)


async def test_a_drain_holds_bytes_back(office: Office, toy: Toy, store: Store) -> None:
    """A gateway that leaves lets no more bytes out; its lane is ready for the next gateway at once."""
    await office.order("A")
    await office.worker.turn()
    await office.worker.close(1.0)

    assert toy.arrived == []
    assert await tell(store, "select head_state, held_by from lanes") == [("ready", None)]


async def test_a_case_is_followed_to_its_end(office: Office, toy: Toy, store: Store, clock: FakeClock) -> None:
    """The case of an order is looked at until its end, and its history tells each state once."""
    await office.order("A")
    await office.work(2)
    for state in ("in_process", "in_process", "issued"):
        toy.states["A"] = state
        clock.jump_wall(7200)
        await office.work(2)

    told = [
        detail["state"] for (detail,) in await tell(store, "select detail from events where kind = 'state' order by id")
    ]  # type: ignore[index]
    assert told == ["in_process", "issued"]
    assert await tell(store, "select state, ended_at is not null from cases") == [("issued", True)]
