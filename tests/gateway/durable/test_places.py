"""The place of an order in its lane: held, before others, in place of another; over a real PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from gateway.core.durable import CaseView, Hold
from gateway.core.problems import CallerError, Conflict, NotFound
from gateway.durable import placing
from gateway.durable.desk import Desk
from gateway.durable.lanes.operating import Filter
from gateway.durable.store import Store
from gateway.testing.clock import FakeClock
from tests.support.postgres import tell
from tests.support.toy_orders import STEP, Office, Toy, ToyOrder, open_office

LANE = "select state, head, tail, due_at is null from lanes where key = 'A'"
HISTORY = "select kind, seq, detail ->> 'reason' from events where key = 'A' order by id"


@pytest.fixture
def toy() -> Toy:
    """A system that takes orders and steps."""
    return Toy()


@pytest.fixture
async def office(store: Store, toy: Toy, clock: FakeClock) -> AsyncIterator[Office]:
    """A gateway's part over *store*."""
    opened = await open_office(store, toy, clock)
    yield opened
    await opened.close()


def free(_: ToyOrder, known: CaseView | None, _settings: object) -> CallerError | None:
    """An order that opens a case is taken whatever there is."""
    del known


def desk_of(office: Office, clock: FakeClock) -> Desk:
    return Desk(office.store, {"toy.take": office.line}, clock, lambda: None)


# ---- held


async def test_a_step_without_its_case_is_held(office: Office, toy: Toy, store: Store, clock: FakeClock) -> None:
    """It is kept, answered as held, seen by the operator, and not sent; its history says why."""
    assert await office.take_step("A", 10) == ("held", False)
    await office.work()

    assert toy.left == []
    (seen,) = await desk_of(office, clock).lanes(Filter(state="held"), 10)
    assert (seen["key"], seen["reason"], seen["waiting"]) == ("A", "never_opened", 1)
    assert await tell(store, HISTORY) == [("accepted", 1, "never_opened")]


async def test_the_opening_order_goes_before_what_is_held(office: Office, toy: Toy, store: Store) -> None:
    """When the case is opened, its order goes first, then the held steps in their sequence; the history says so."""
    for number in (20, 10):
        await office.take_step("A", number)
    await office.order("A", 1)

    await office.work(6)

    assert toy.accepted == [("A", 1), ("A", 10), ("A", 20)]
    assert [row[:2] for row in await tell(store, HISTORY)] == [
        ("accepted", 3),
        ("accepted", 2),
        ("accepted", 1),
        ("arrived", 1),
        ("arrived", 2),
        ("arrived", 3),
    ]
    assert await tell(store, LANE) == [("open", 4, 3, True)]


async def test_steps_and_their_opening_order_may_come_at_once(office: Office, toy: Toy) -> None:
    """Orders that are accepted in one commit keep the rule: the opening order first, then steps in sequence."""
    await asyncio.gather(
        office.take_step("A", 30), office.take_step("A", 10), office.order("A", 1), office.take_step("A", 20)
    )

    await office.work(8)

    assert toy.accepted == [("A", 1), ("A", 10), ("A", 20), ("A", 30)]


async def test_held_steps_are_bounded_for_each_dossier(office: Office, store: Store) -> None:
    """The fifty-first step of a dossier that nobody opened is refused, and leaves nothing."""
    await asyncio.gather(*(office.take_step("A", number) for number in range(1, placing.MOST_HELD_IN_LANE + 1)))

    with pytest.raises(Conflict) as refused:
        await office.take_step("A", 99)

    assert refused.value.reason == "too_many_held"
    assert await tell(store, "select count(*) from messages") == [(placing.MOST_HELD_IN_LANE,)]


async def test_held_steps_are_bounded_in_all(store: Store, toy: Toy, clock: FakeClock) -> None:
    """No more than the limit are held over all dossiers; an opened dossier makes room."""
    office = await open_office(store, toy, clock, most_held=2)
    await office.take_step("A", 1)
    await office.take_step("B", 1)
    with pytest.raises(Conflict):
        await office.take_step("C", 1)

    await office.order("A", 1)

    assert await office.take_step("C", 1) == ("held", False)
    assert await tell(store, "select key from lanes where state = 'held' order by key") == [("B",), ("C",)]
    await office.close()


async def test_an_operator_may_skip_or_cancel_what_is_held(
    office: Office, toy: Toy, store: Store, clock: FakeClock
) -> None:
    """A skipped step leaves the others held; after a cancel nothing is left."""
    desk = desk_of(office, clock)
    for number in (10, 20):
        await office.take_step("A", number)

    await desk.act("o", "why", "skip", "toy", ["A"])
    await office.work()
    assert (toy.left, await tell(store, LANE)) == ([], [("held", 2, 2, True)])
    await desk.act("o", "why", "cancel", "toy", ["A"])

    assert await tell(store, LANE) == [("open", 3, 2, True)]


async def test_who_opens_the_case_has_the_dossier(office: Office, toy: Toy, store: Store) -> None:
    """Steps that another caller sent before are cancelled, and not sent as the dossier's; the history says so."""
    await office.take_step("A", 10, caller="stranger")
    with pytest.raises(NotFound):
        await office.take_step("A", 20)

    await office.order("A", 1)
    await office.work(4)

    assert toy.accepted == [("A", 1)]
    assert ("cancelled", 1, "other_caller") in await tell(store, HISTORY)


async def test_a_gateway_that_dies_holds_what_was_held(
    office: Office, store: Store, toy: Toy, clock: FakeClock
) -> None:
    """What is held is in the store: another gateway opens the case and sends it."""
    await office.take_step("A", 10)
    await office.die()
    other = await open_office(store, toy, clock, name="two")

    await other.order("A", 1)
    await other.work(5)

    assert toy.accepted == [("A", 1), ("A", 10)]
    await other.close()


# ---- in sequence


async def test_a_late_step_goes_before_later_ones_that_have_not_left(office: Office, toy: Toy) -> None:
    """Steps that come shuffled while the system is down reach it in their sequence."""
    toy.mood = "down"
    await office.order("A", 1)
    for number in (40, 20, 50, 30):
        await office.take_step("A", number)
    toy.mood = "well"

    await office.work(12)

    assert [number for _, number in toy.accepted] == [1, 20, 30, 40, 50]


async def test_a_step_after_a_later_one_that_left_is_refused(office: Office, toy: Toy) -> None:
    """The connector learns the latest step that has left, and refuses an older one."""
    await office.order("A", 1)
    await office.take_step("A", 20)
    await office.work(5)

    with pytest.raises(Conflict) as refused:
        await office.take_step("A", 10)

    assert refused.value.reason == "later_step_sent"
    assert [number for _, number in toy.accepted] == [1, 20]


async def test_a_step_of_unknown_outcome_counts_as_sent(office: Office, toy: Toy) -> None:
    """A step that may have left is a later one too."""
    await office.order("A", 1)
    await office.work()
    toy.mood = "lost"
    await office.take_step("A", 20)
    await office.work(1)

    with pytest.raises(Conflict):
        await office.take_step("A", 10)


async def test_a_late_step_does_not_pass_a_parked_one(office: Office, toy: Toy, store: Store) -> None:
    """A parked step has left and was refused: an earlier one that comes now waits behind it for the operator."""
    await office.order("A", 1)
    await office.work()
    toy.of["A"] = "refuses"
    await office.take_step("A", 20)
    await office.work()
    assert (await tell(store, LANE))[0][0] == "parked"

    await office.take_step("A", 10)
    await office.work()

    assert await tell(store, LANE) == [("parked", 2, 3, False)]
    assert toy.accepted == [("A", 1)]


async def test_a_step_that_is_being_sent_is_not_passed(office: Office, toy: Toy) -> None:
    """While a step is on its way, an earlier one is refused, and a later one waits behind it."""
    await office.order("A", 1)
    await office.work()
    toy.mood = "stopped"
    await office.take_step("A", 20)
    await office.worker.turn()
    await toy.stood.wait()

    with pytest.raises(Conflict):
        await office.take_step("A", 10)
    await office.take_step("A", 40)
    await office.take_step("A", 30)
    toy.mood = "well"
    toy.come_back()
    await office.worker.quiet()
    await office.work(5)

    assert [number for _, number in toy.accepted] == [1, 20, 30, 40]
    assert office.worker.dropped == 0


# ---- equal


async def test_an_equal_step_is_the_same_step(office: Office, toy: Toy, store: Store) -> None:
    """It is answered as the first, without a key, while that waits and after it arrived; it is sent once."""
    await office.order("A", 1)
    assert await office.take_step("A", 10) == ("accepted", False)
    assert await office.take_step("A", 10) == ("accepted", True)
    await office.work(5)

    assert await office.take_step("A", 10) == ("accepted", True)
    await office.work()

    assert toy.accepted == [("A", 1), ("A", 10)]
    assert await tell(store, "select count(*) from messages") == [(2,)]


async def test_equal_steps_at_once_on_two_gateways_are_one(
    office: Office, store: Store, toy: Toy, clock: FakeClock
) -> None:
    """Of equal steps that come at once one is new, on whichever gateway."""
    await office.order("A", 1)
    other = await open_office(store, toy, clock, name="two")

    ended = await asyncio.gather(*(one.take_step("A", 10) for one in (office, other) * 4))

    assert sorted(repeated for _, repeated in ended) == [False] + [True] * 7
    await other.close()


async def test_an_equal_step_with_a_key_of_its_own_keeps_the_key(office: Office) -> None:
    """The key then belongs to this body, and gets the same answer."""
    await office.order("A", 1)
    await office.take_step("A", 10)
    first = await office.order("A", 10, key="k", operation=STEP)

    assert first == await office.order("A", 10, key="k", operation=STEP)
    assert first[1]


async def test_a_step_that_was_cancelled_may_come_again(office: Office, toy: Toy, clock: FakeClock) -> None:
    """What an operator took back is not what the system has: an equal step is a new one."""
    toy.mood = "down"
    await office.order("A", 1)
    toy.mood = "well"
    await office.work()
    toy.mood = "down"
    await office.take_step("A", 10)
    await desk_of(office, clock).act("o", "why", "cancel", "toy", ["A"])
    toy.mood = "well"

    assert await office.take_step("A", 10) == ("accepted", False)
    await office.work(3)
    assert toy.accepted == [("A", 1), ("A", 10)]


async def test_an_opening_order_equals_the_last_one_alone(store: Store, toy: Toy, clock: FakeClock) -> None:
    """A state that comes back is a new state: A, B, A are three; A, A is one."""
    office = await open_office(
        store, toy, clock, admit=free, same_as=lambda query: bytes([query.number % 10]), followed=False
    )
    for number in (1, 11, 2, 21):
        await office.order("A", number)

    await office.work(6)

    assert [number for _, number in toy.accepted] == [1, 2, 21]
    await office.close()


# ---- in place of another


async def test_a_newer_state_replaces_one_that_never_left(store: Store, toy: Toy, clock: FakeClock) -> None:
    """Of states that come while the system is down the newest is sent; the history tells of those it replaced."""
    office = await open_office(store, toy, clock, admit=free, replaces=lambda _: True)
    for number in (1, 2, 3):
        await office.order("A", number, key=f"k{number}")
        await office.order("B", number)

    assert (await office.order("A", 1, key="k1"))[1]
    await office.work(4)

    assert sorted(toy.accepted) == [("A", 3), ("B", 3)]
    assert [row[0] for row in await tell(store, HISTORY)] == [
        "accepted",
        "replaced",
        "accepted",
        "replaced",
        "accepted",
        "arrived",
    ]
    await office.close()


async def test_a_state_behind_a_step_is_not_moved_before_it(store: Store, toy: Toy, clock: FakeClock) -> None:
    """Where a step stands between two states, both are sent."""
    office = await open_office(store, toy, clock, admit=free, replaces=lambda _: True)
    await office.order("A", 1)
    await office.take_step("A", 10)
    await office.order("A", 2)
    await office.order("A", 3)

    await office.work(6)

    assert [number for _, number in toy.accepted] == [1, 10, 3]
    await office.close()


async def test_a_state_that_may_have_left_is_not_replaced(store: Store, toy: Toy, clock: FakeClock) -> None:
    """A state under way, or of unknown outcome, is followed by the newer one."""
    office = await open_office(store, toy, clock, admit=free, replaces=lambda _: True)
    toy.mood = "hangs"
    await office.order("A", 1)
    await office.worker.turn()
    await toy.stood.wait()
    await office.order("A", 2)
    await office.order("A", 3)
    toy.mood = "well"
    toy.come_back()
    await office.worker.quiet()

    await office.work(4)

    assert [number for _, number in toy.accepted] == [1, 3]
    assert office.worker.dropped == 0
    await office.close()


# ---- kept and told, never polled


async def test_a_case_that_is_not_polled_is_told(store: Store, toy: Toy, clock: FakeClock) -> None:
    """The store tells its orders; the system is never asked for its state."""
    office = await open_office(store, toy, clock, looks=False)
    await office.order("A", 1)
    await office.work()
    clock.jump_wall(100_000)
    await office.work(3)

    assert toy.asked["A"] == 0
    assert await tell(store, "select state, follow_at from cases") == [("received", None)]
    await office.close()


async def test_a_hold_behind_waiting_orders_waits_there(store: Store, toy: Toy, clock: FakeClock) -> None:
    """Where other orders of the dossier wait already, an order that would be held goes behind them."""

    def always(_: ToyOrder, known: CaseView | None, _settings: object) -> Hold:
        del known
        return Hold("later")

    office = await open_office(store, toy, clock, steps={"admit": always})
    await office.order("A", 1)
    await office.take_step("A", 10)

    await office.work(4)

    assert toy.accepted == [("A", 1), ("A", 10)]
    await office.close()
