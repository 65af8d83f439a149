"""Places and the queue before them: decisions without an event loop, and the step with random cancellations."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.call import Answer
from gateway.core.canonical import Wire
from gateway.core.events import BulkheadMoved
from gateway.core.message import Exchange, Reply
from gateway.core.problems import GatewayError, Overloaded, TimedOut
from gateway.core.upstream import UpstreamRequest
from gateway.pipeline.upstream.bulkhead import (
    Admit,
    Arrive,
    BulkheadEvent,
    BulkheadSettings,
    Enter,
    Finished,
    Full,
    Leave,
    Resize,
    Room,
    Ticket,
    Wait,
    decide,
)
from tests.gateway.pipeline.harness import HANG, After, ScriptedUpstream, World, Worlds, answers, fails, sent_of

SETTINGS: Final = BulkheadSettings(limit=2, queue=3)
INTERACTIVE, BATCH = 0, 1


def ticket(serial: int, *, rank: int = INTERACTIVE, deadline: float = 100.0, caller: str = "") -> Ticket:
    """The *serial*-th to come."""
    return Ticket(rank, deadline, serial, caller)


def after(room: Room, *events: BulkheadEvent, now: float = 0.0) -> Room:
    """The room after *events*."""
    for event in events:
        room, _ = decide(room, event, now, SETTINGS)
    return room


FULL: Final = Room(limit=2, in_use=2)


def test_who_finds_a_place_enters() -> None:
    """A place is taken at once."""
    assert decide(Room(2), Arrive(ticket(1)), 0.0, SETTINGS) == (Room(2, 1), Enter())


def test_who_finds_none_waits_and_the_queue_is_bounded() -> None:
    """Three wait, the fourth is refused."""
    room = after(FULL, *(Arrive(ticket(serial)) for serial in (1, 2, 3)))

    assert len(room.waiting) == 3
    assert decide(room, Arrive(ticket(4)), 0.0, SETTINGS) == (room, Full())


def test_the_earliest_deadline_goes_first() -> None:
    """Whoever can wait least is served first, however late it came."""
    room = after(FULL, Arrive(ticket(1, deadline=30.0)), Arrive(ticket(2, deadline=10.0)))

    _, decision = decide(room, Finished(), 0.0, SETTINGS)

    assert decision == Admit((ticket(2, deadline=10.0),))


def test_interactive_goes_before_batch_whatever_the_deadline() -> None:
    """People wait, batches can come again."""
    room = after(FULL, Arrive(ticket(1, rank=BATCH, deadline=1.0)), Arrive(ticket(2, deadline=90.0)))

    _, decision = decide(room, Finished(), 0.0, SETTINGS)

    assert decision == Admit((ticket(2, deadline=90.0),))


def test_a_full_queue_sheds_its_last_batch_part_for_an_interactive_caller() -> None:
    """Under overload it is batch that goes."""
    parts = [ticket(serial, rank=BATCH, deadline=serial) for serial in (1, 2, 3)]
    room = after(FULL, *map(Arrive, parts))

    room, decision = decide(room, Arrive(ticket(4)), 0.0, SETTINGS)

    assert decision == Wait(shed=parts[-1])
    assert room.waiting == (ticket(4), parts[0], parts[1])
    assert decide(room, Arrive(ticket(5, rank=BATCH)), 0.0, SETTINGS) == (room, Full())


def test_a_full_queue_of_one_caller_has_a_place_for_another() -> None:
    """The caller that has most gives its last place to one that has fewer, and no more than its share."""
    flood = [ticket(serial, caller="a") for serial in (1, 2, 3)]
    room = after(FULL, *map(Arrive, flood))

    room, decision = decide(room, Arrive(ticket(4, caller="b")), 0.0, SETTINGS)

    assert decision == Wait(shed=flood[-1])
    assert room.waiting == (*flood[:2], ticket(4, caller="b"))
    assert decide(room, Arrive(ticket(5, caller="b")), 0.0, SETTINGS) == (room, Full())
    assert decide(room, Arrive(ticket(6, caller="a")), 0.0, SETTINGS) == (room, Full())


def test_callers_take_turns() -> None:
    """The first waiter of each goes before the second of any, whatever their deadlines."""
    room = after(FULL, *(Arrive(ticket(serial, deadline=serial, caller="a")) for serial in (1, 2)))
    room = after(room, Arrive(ticket(3, deadline=50.0, caller="b")))
    gone = []
    for _ in range(3):
        room, decision = decide(room, Finished(), 0.0, SETTINGS)
        assert isinstance(decision, Admit)
        gone += [found.serial for found in decision.tickets]

    assert gone == [1, 3, 2]


def test_a_waiter_that_leaves_frees_its_place_in_the_queue() -> None:
    """Leaving twice is leaving once."""
    room = after(FULL, Arrive(ticket(1)), Leave(ticket(1)), Leave(ticket(1)))

    assert room == FULL


def test_a_waiter_past_its_deadline_gets_no_place() -> None:
    """A place for somebody who can't use it any more would be lost for the next."""
    room = after(FULL, Arrive(ticket(1, deadline=5.0)), Arrive(ticket(2, deadline=50.0)))

    room, decision = decide(room, Finished(), 6.0, SETTINGS)

    assert decision == Admit((ticket(2, deadline=50.0),))


def test_a_smaller_limit_takes_nobody_out() -> None:
    """Those inside finish; nobody new enters until they are fewer than the limit."""
    room = after(FULL, Arrive(ticket(1)), Resize(1), Finished())

    assert room == Room(1, 1, (ticket(1),))


def test_a_larger_limit_lets_waiters_in_at_once() -> None:
    """Nobody waits beside an empty place."""
    room, decision = decide(after(FULL, Arrive(ticket(1)), Arrive(ticket(2))), Resize(4), 0.0, SETTINGS)

    assert (room.in_use, decision) == (4, Admit((ticket(1), ticket(2))))


@given(
    st.lists(
        st.one_of(
            st.builds(lambda rank, deadline: ("arrive", rank, deadline), st.integers(0, 1), st.floats(0, 50)),
            st.just(("done", 0, 0.0)),
            st.builds(lambda which: ("leave", which, 0.0), st.integers(0, 5)),
            st.builds(lambda limit: ("resize", limit, 0.0), st.integers(1, 5)),
        ),
        max_size=80,
    )
)
@settings(max_examples=300, deadline=None)
def test_places_are_neither_lost_nor_made(steps: list[tuple[str, int, float]]) -> None:
    """However callers come, leave and end: places in use are those given less those given back, within the bounds."""
    room, inside, serial = Room(2), 0, 0
    for kind, number, deadline in steps:
        if kind == "arrive":
            serial += 1
            event: BulkheadEvent = Arrive(Ticket(number, deadline, serial))
        elif kind == "done":
            if not inside:
                continue
            inside -= 1
            event = Finished()
        elif kind == "leave":
            event = Leave(room.waiting[number % len(room.waiting)] if room.waiting else ticket(0))
        else:
            event = Resize(number)
        room, decision = decide(room, event, 10.0, SETTINGS)
        inside += isinstance(decision, Enter) + (len(decision.tickets) if isinstance(decision, Admit) else 0)

        assert room.in_use == inside
        assert len(room.waiting) <= SETTINGS.queue
        assert list(room.waiting) == sorted(room.waiting)


# ---- the step


def places(world: World) -> tuple[int, int]:
    """In use, and waiting."""
    room = world.ring.bulkhead.room
    return room.in_use, len(room.waiting)


async def run(world: World, sent: UpstreamRequest) -> Wire | None:
    """Through the upstream ring alone."""
    return await world.ring.run(sent)


async def test_what_waited_is_told_as_queueing(worlds: Worlds) -> None:
    """The request's trace keeps time in the queue apart from time at the source."""
    world = worlds(ScriptedUpstream(always=After(2.0, answers())), policies={"bulkhead": {"limit": 1}})
    world.start("a")
    await world.clock.advance(0)
    second = world.start("b")
    await world.clock.advance(4.0)
    await second

    assert world.calls[1].trace.queued == pytest.approx(2.0)
    assert world.calls[1].trace.upstream == pytest.approx(2.0)


async def test_a_place_that_comes_in_the_turn_in_which_its_waiter_leaves_is_given_back(worlds: Worlds) -> None:
    """The classic leak of semaphores: woken and cancelled at once."""
    world = worlds(ScriptedUpstream(After(1.0, answers()), HANG, answers()), policies={"bulkhead": {"limit": 1}})

    async def answered_then_waiter_leaves() -> None:
        """Gives its place back and cancels the waiter in one turn of the loop."""
        await world.ask("a")
        waiter.cancel()

    first = asyncio.create_task(answered_then_waiter_leaves())
    await world.clock.advance(0)
    waiter = world.start("b")
    await world.clock.advance(1.0)
    await first

    assert waiter.cancelled()
    assert places(world) == (0, 0)
    assert world.upstream.count == 1


async def test_places_of_waiters_cancelled_all_at_once_are_not_lost(worlds: Worlds) -> None:
    """More leave than the stack is deep, in the turn in which a place comes free: it goes to the one who stayed."""
    leaving: list[asyncio.Task[Answer]] = []

    def answer_as_all_leave(exchange: Exchange) -> Reply:
        """All leave in the turn in which the answer comes."""
        for task in leaving:
            task.cancel()
        return answers()(exchange)

    world = worlds(
        ScriptedUpstream(After(1.0, answer_as_all_leave)), policies={"bulkhead": {"limit": 1, "queue": 2_000}}
    )
    world.start("a")
    await world.clock.advance(0)
    leaving += [world.start(f"b{number}") for number in range(1_200)]
    await world.clock.advance(0)
    staying = world.start("c")
    await world.clock.advance(1.0)

    assert (await staying).value is not None
    assert places(world) == (0, 0)
    assert world.upstream.count == 2


async def test_a_waiter_whose_deadline_comes_is_told_that_nothing_was_sent(worlds: Worlds) -> None:
    """An order that only queued was surely not done, and costs the source nothing."""
    world = worlds(ScriptedUpstream(always=HANG), policies={"bulkhead": {"limit": 1}, "attempt_timeout_s": 60})
    world.start("a", timeout=10.0)
    await world.clock.advance(0)
    error = await world.error("b", operation="order", timeout=1.0, idempotency_key="k", within=1.0)

    assert isinstance(error, TimedOut)
    assert (error.reason, error.outcome("write")) == ("deadline", "not_done")
    assert places(world) == (1, 0)
    assert world.upstream.count == 1


async def test_gauges_follow(worlds: Worlds) -> None:
    """The limit is told at start; places in use and waiters can be read at any time."""
    world = worlds(ScriptedUpstream(always=After(1.0, answers())), policies={"bulkhead": {"limit": 1}})
    bulkhead = world.ring.bulkhead
    asked = [world.start(caller) for caller in "abc"]
    await world.clock.advance(0)

    assert world.of(BulkheadMoved) == [BulkheadMoved("register", "ws", 1)]
    assert (bulkhead.in_use(), bulkhead.waiting()) == (1, 2)

    await world.clock.advance(3.0)
    await asyncio.gather(*asked)
    assert (bulkhead.in_use(), bulkhead.waiting()) == (0, 0)


async def test_a_refused_caller_is_told_how_long_it_would_have_waited(worlds: Worlds) -> None:
    """The pace of the source sets Retry-After, from one second to thirty."""
    world = worlds(ScriptedUpstream(always=After(4.0, answers())), policies={"bulkhead": {"limit": 1, "queue": 0}})
    assert isinstance(await busy_error(world), Overloaded)
    assert (await busy_error(world)).retry_after == pytest.approx(4.0)


async def busy_error(world: World) -> GatewayError:
    """What a second caller is told while the first is at the source."""
    world.start("a")
    await world.clock.advance(0)
    error = await world.error("b")
    await world.clock.advance(4.0)
    return error


@pytest.mark.parametrize("seed", range(20))
async def test_random_cancellations_never_lose_a_place(worlds: Worlds, seed: int) -> None:
    """Callers come, hang, fail and leave at random: in the end all places are free and nobody waits."""
    dice = random.Random(seed)
    world = worlds(
        ScriptedUpstream(*(dice.choice([HANG, fails(), After(dice.random() * 3, answers())]) for _ in range(400))),
        policies={
            "bulkhead": {"limit": 3, "queue": 5},
            "breaker": {"consecutive_failures": 10_000, "min_calls": 10_000},
        },
    )
    for number in range(200):
        world.start(f"c{number}", timeout=dice.uniform(0.2, 5), priority=dice.choice(["interactive", "batch"]))
        if dice.random() < 0.4:
            dice.choice(world.tasks).cancel()
        if dice.random() < 0.5:
            await world.clock.advance(dice.random())
        in_use, waiting = places(world)
        assert in_use <= 3
        assert waiting <= 5
        assert world.upstream.most_at_once <= 3

    await world.clock.advance(20.0)

    assert places(world) == (0, 0)
    assert all(task.done() for task in world.tasks)
    assert world.upstream.in_flight == 0


async def test_an_exchange_that_breaks_in_our_own_code_gives_its_place_back(worlds: Worlds) -> None:
    """Even a bug below holds nothing."""
    world = worlds()

    async def broken(_: UpstreamRequest) -> Wire | None:
        """A bug."""
        raise ZeroDivisionError

    step: Callable[[Callable[[UpstreamRequest], Awaitable[Wire | None]], UpstreamRequest], Awaitable[Wire | None]] = (
        world.ring.bulkhead
    )
    with pytest.raises(ZeroDivisionError):
        await step(broken, sent_of(world))

    assert places(world) == (0, 0)


async def test_cancelling_the_shared_task_of_many_frees_each_once(worlds: Worlds) -> None:
    """A group that is cancelled gives back as many places as it had."""
    world = worlds(ScriptedUpstream(always=HANG), policies={"bulkhead": {"limit": 4, "queue": 4}})
    group = asyncio.gather(*(run(world, sent_of(world, f"{number}")) for number in range(8)), return_exceptions=True)
    await world.clock.advance(0)
    assert places(world) == (4, 4)

    group.cancel()
    await world.clock.advance(0)

    assert places(world) == (0, 0)
