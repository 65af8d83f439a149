"""Systems that are asked by the clock: each message is in the inbox once, and confirmed after it is on disk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from gateway.core.days import VIETNAM
from gateway.core.inbound import PullPace
from gateway.core.problems import Failing, Withheld
from gateway.durable.inbox_desk import InboxDesk
from gateway.durable.inbox_pulls import days
from gateway.testing.clock import FakeClock
from tests.support import postgres
from tests.support.asked import SYSTEM, Desk, Ministry, message, opened


@pytest.fixture
async def desk(database: str, clock: FakeClock) -> AsyncIterator[Desk]:
    """An empty inbox."""
    async with opened(database, clock) as found:
        yield found


async def test_each_message_is_kept_once_and_then_confirmed(desk: Desk) -> None:
    """Over several pages; it is asked again after its time, and not before."""
    ministry = Ministry([[message("A"), message("B")], [message("C")]])
    gateway = desk.gateway(ministry)

    assert [await gateway.turn(), await gateway.turn()] == [1, 0]
    assert await desk.codes() == ministry.confirmed == ["A", "B", "C"]
    desk.clock.jump_wall(900)
    assert await gateway.turn() == 1

    assert [one.page_token for one in ministry.asked] == [None, "1", None, "1"]
    [row] = await InboxDesk(desk.store, desk.clock, lambda: None).pulls()
    assert (row["kept"], row["failures"], row["reason"], row["pulled_at"]) == (3, 0, None, desk.clock.now())


async def test_message_that_is_given_again_is_the_same_and_a_changed_one_is_new(desk: Desk) -> None:
    """Of a system that cannot be told: its rows come with each turn, whoever asks, also after a restart."""
    ministry = Ministry([[message("A"), message("B")]], told=False)
    await desk.gateway(ministry).turn()
    ministry.pages = [[message("A"), message("B", "newer"), message("C")]]
    desk.clock.jump_wall(900)
    await desk.gateway(ministry, "two").turn()

    assert await desk.codes() == ["A", "B", "B", "C"]
    assert ministry.confirmed == []


async def test_message_that_the_inbox_has_deleted_does_not_come_back(desk: Desk) -> None:
    """The system gives it again for days; it was erased for a citizen, or its time was over. A newer state comes."""
    ministry = Ministry([[message("A"), message("B")]], told=False)
    gateway = desk.gateway(ministry)
    await gateway.turn()
    await postgres.tell(desk.store, "delete from inbox where code = 'A'")
    for _ in range(3):
        desk.clock.jump_wall(86_400)
        await gateway.turn()
    assert await desk.codes() == ["B"]
    ministry.pages = [[message("A", "newer"), message("B")]]
    desk.clock.jump_wall(900)
    await gateway.turn()

    assert await desk.codes() == ["B", "A"]


async def test_message_that_is_given_no_more_is_forgotten(desk: Desk) -> None:
    """After two months, so that the table does not grow."""
    ministry = Ministry([[message("A")]], told=False)
    gateway = desk.gateway(ministry)
    await gateway.turn()
    ministry.pages = [[message("B")]]
    for _ in range(3):
        desk.clock.jump_wall(40 * 86_400)
        await gateway.turn()

    assert await postgres.tell(desk.store, "select count(*) from inbox_pulled") == [(1,)]


async def test_confirmation_that_fails_is_made_good(desk: Desk) -> None:
    """The messages stay, nothing is there twice, and the system is told when it can be."""
    ministry = Ministry([[message("A")]], refuses=True)
    gateway = desk.gateway(ministry)
    await gateway.turn()
    assert (await desk.codes(), ministry.confirmed) == (["A"], [])
    ministry.refuses = False
    desk.clock.jump_wall(90)
    assert await gateway.turn() == 1

    assert (await desk.codes(), ministry.confirmed) == (["A"], ["A"])


async def test_message_that_cannot_be_kept_stops_no_other(desk: Desk) -> None:
    """One that is too large is counted and not confirmed; hundreds beside it are kept, in their sequence."""
    codes = [f"A-{number:03}" for number in range(250)]
    ministry = Ministry([[message(code, "x" * 1_100_000 if code == "A-007" else "") for code in codes]])
    await desk.gateway(ministry).turn()

    assert await desk.codes() == ministry.confirmed == [code for code in codes if code != "A-007"]
    [row] = await InboxDesk(desk.store, desk.clock, lambda: None).pulls()
    assert (row["kept"], row["left_out"], row["reason"]) == (249, 1, None)


async def test_two_gateways_ask_one_at_a_time(desk: Desk) -> None:
    """The second finds nothing to do while the first asks; a first one that stands still loses its turn."""
    ministry = Ministry([[message("A")]], gate=asyncio.Event())
    slow = asyncio.create_task(desk.gateway(ministry, "slow").turn())
    await ministry.reached.wait()
    other = desk.gateway(ministry, "other")
    assert await other.turn() == 0
    await postgres.tell(desk.store, "update inbox_pulls set held_until = clock_timestamp()")
    gate, ministry.gate = ministry.gate, None
    assert await other.turn() == 1
    assert gate is not None
    gate.set()
    await slow

    assert (await desk.codes(), ministry.confirmed) == (["A"], ["A"])
    [row] = await InboxDesk(desk.store, desk.clock, lambda: None).pulls()
    assert (row["kept"], row["asked_by"]) == (1, None)


async def test_failure_costs_time_only(desk: Desk) -> None:
    """It is asked again after a minute, then two; a wait that it names is kept to; what failed is told."""
    ministry = Ministry(
        [[message("A")]],
        fails=[Failing("", reason="maintenance"), Withheld("", reason="quota_spent", retry_after=7_200), None],
    )
    gateway = desk.gateway(ministry)
    turns = [await gateway.turn()]
    for seconds in (50, 20, 120, 7_100):
        desk.clock.jump_wall(seconds)
        turns.append(await gateway.turn())

    assert turns == [1, 0, 1, 0, 1]
    assert await desk.codes() == ["A"]


async def test_days_of_an_outage_are_asked_about(desk: Desk) -> None:
    """The first turn asks about the usual days; after a week without an answer, about that week too."""
    ministry = Ministry([[]])
    gateway = desk.gateway(ministry)
    await gateway.turn()
    desk.clock.jump_wall(7 * 86_400)
    await gateway.turn()
    first, second = ministry.asked

    assert first.last - first.first == timedelta(days=2)
    assert (second.first, second.last) == (first.last, first.last + timedelta(days=7))


@pytest.mark.parametrize(
    ("reached", "first", "last"),
    [
        (None, 25, 27),
        (date(2026, 11, 27), 25, 27),
        (date(2026, 11, 10), 10, 27),
        (date(2026, 10, 1), date(2026, 10, 1), date(2026, 10, 31)),
    ],
)
def test_no_turn_asks_about_more_than_a_month(reached: date | None, first: int | date, last: int | date) -> None:
    """After a longer gap the turns come closer to today, one after the other."""
    wanted = [one if isinstance(one, date) else date(2026, 11, one) for one in (first, last)]

    assert list(days(datetime(2026, 11, 27, 9, tzinfo=VIETNAM), reached, 3)) == wanted


async def test_shorter_pace_holds_at_once(desk: Desk) -> None:
    """A system that was asked under a long one does not wait for its end."""
    ministry = Ministry([[]])
    gateway = desk.gateway(ministry)
    await gateway.turn()
    desk.clock.jump_wall(120)
    assert await gateway.turn() == 0
    gateway.adopt({SYSTEM: replace(ministry.way(), pace=PullPace(every_s=60))})

    assert await gateway.turn() == 1
