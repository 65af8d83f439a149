"""A dossier by either of its codes, and the comparison of the store with the systems, over a real PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from psycopg import AsyncConnection

from gateway.core.problems import NotFound
from gateway.durable.desk import Desk
from gateway.durable.dossier_desk import DossierDesk, Finding, MessageName
from gateway.durable.in_time import DEED_S
from gateway.durable.store import Store, StoreUnavailable
from gateway.testing.clock import FakeClock
from tests.support.postgres import tell
from tests.support.toy_orders import Office, Toy, ToyRoad, open_office

LINK = (
    "insert into dossier_codes (system, national_code, dossier_code, linked_at, linked_by) "
    "values ('toy', %s, %s, now(), 'portal') returning system"
)
PUSH = (
    "insert into inbox (system, kind, code, body_hash, revision, caller, request_id, received_at, body, answer) "
    "values ('toy', 'dossier', %s, 'x', 1, 'c', 'r', now(), 'sealed', '0') returning id"
)


@pytest.fixture
def toy() -> Toy:
    """A system that takes orders."""
    return Toy(repeat="overwrites")


@pytest.fixture
async def office(store: Store, toy: Toy, clock: FakeClock) -> AsyncIterator[Office]:
    """A gateway's part over *store*."""
    opened = await open_office(store, toy, clock)
    yield opened
    await opened.close()


def desk_of(office: Office, store: Store, clock: FakeClock) -> DossierDesk:
    """The desk of *office*."""
    lines = {office.line.operation: office.line}
    return DossierDesk(store, lines, clock, Desk(store, lines, clock, lambda: None), lambda: None)


@pytest.fixture
def desk(office: Office, store: Store, clock: FakeClock) -> DossierDesk:
    """What an operator asks."""
    return desk_of(office, store, clock)


@pytest.fixture
def since(clock: FakeClock) -> datetime:
    """Before all that a test does."""
    return clock.now() - timedelta(days=1)


def verdicts(findings: tuple[Finding, ...]) -> list[tuple[str, int, str, str | None]]:
    """Key, place, verdict and reason of each."""
    return [(one.key, one.seq, one.verdict, one.why) for one in findings]


# ---- the timeline


async def test_dossier_is_found_by_either_of_its_codes(office: Office, desk: DossierDesk, store: Store) -> None:
    """What was sent under our code and what was received under the portal's come together, whichever is asked."""
    await tell(store, LINK, "G22-1", "H58-1")
    await tell(store, PUSH, "G22-1")
    await office.order("H58-1")
    await office.work()

    ours, theirs = await desk.timeline("H58-1"), await desk.timeline("G22-1")

    assert ours is not None
    assert theirs is not None
    assert {**ours, "code": ""} == {**theirs, "code": ""}
    assert [one["key"] for one in ours["sent"]] == ["H58-1"]
    assert [(one["code"], one["kind"]) for one in ours["received"]] == [("G22-1", "dossier")]
    assert ours["waits"] == []
    assert [one["kind"] for one in ours["sent"][0]["history"]] == ["accepted", "arrived"]


async def test_what_waits_is_named_in_its_order(office: Office, desk: DossierDesk, toy: Toy) -> None:
    """The order that holds back the others has the reason, and those behind it none."""
    toy.of["A"] = "refuses"
    for number in (1, 2, 3):
        await office.order("A", number)
    await office.work()

    found = await desk.timeline("A")

    assert found is not None
    assert [(one["seq"], one["state"], one["reason"]) for one in found["waits"]] == [
        (1, "parked", "incomplete"),
        (2, "behind", None),
        (3, "behind", None),
    ]


async def test_unknown_code_is_nothing(desk: DossierDesk) -> None:
    """Not an empty timeline: nothing was sent or received."""
    assert await desk.timeline("X") is None


async def test_other_side_is_asked_for_one_dossier_now(
    office: Office, desk: DossierDesk, store: Store, toy: Toy
) -> None:
    """For the last message of each kind that it took; nothing is sent, and the record has who and why."""
    await office.order("A", 1)
    await office.work()
    arrived, toy.asked["A"] = list(toy.arrived), 0
    toy.accepted.remove(("A", 1))

    found = await desk.ask("op", "the citizen called", "toy", "A")

    assert [(one.operation, one.verdict) for one in found] == [("toy.take", "missing")]
    assert (toy.asked["A"], toy.arrived) == (1, arrived)
    assert await tell(store, "select who, what, target, why from actions") == [
        ("op", "ask", "toy/A", "the citizen called")
    ]


async def test_dossier_that_was_never_sent_is_not_asked_for(desk: DossierDesk, store: Store) -> None:
    """And nothing is recorded."""
    with pytest.raises(NotFound):
        await desk.ask("op", "the citizen called", "toy", "X")
    assert await tell(store, "select who from actions") == []


# ---- comparing


async def test_what_a_system_lost_is_found_and_nothing_is_changed(
    office: Office, desk: DossierDesk, store: Store, toy: Toy, since: datetime
) -> None:
    """The last message of each dossier is asked for once; what is there is there."""
    for key in "AB":
        await office.order(key, 1)
        await office.order(key, 2)
    await office.work()
    toy.accepted.remove(("B", 2))
    before = await tell(store, "select lane, seq from messages order by 1, 2")
    toy.asked.clear()

    found = await desk.compare("toy", since, 0, 50)

    assert verdicts(found.findings) == [("A", 2, "there", None), ("B", 2, "missing", None)]
    assert (found.dossiers, found.total, found.after) == (2, 2, None)
    assert toy.asked == {"A": 1, "B": 1}
    assert await tell(store, "select lane, seq from messages order by 1, 2") == before


async def test_dossiers_are_compared_in_pages(office: Office, desk: DossierDesk, since: datetime) -> None:
    """Each once, however they are cut; only the first page counts them."""
    for number in range(5):
        await office.order(f"D{number}")
    await office.work()

    keys, after, pages = [], 0, 0
    while True:
        found = await desk.compare("toy", since, after, 2)
        keys += [one.key for one in found.findings]
        pages += 1
        assert found.total == (5 if after == 0 else None)
        if found.after is None:
            break
        after = found.after

    assert (keys, pages) == ([f"D{number}" for number in range(5)], 3)


async def test_only_dossiers_since_then_are_compared(office: Office, desk: DossierDesk, clock: FakeClock) -> None:
    """By when the system took something of them."""
    await office.order("A")
    await office.work()

    found = await desk.compare("toy", clock.now() + timedelta(seconds=1), 0, 50)

    assert (found.findings, found.total) == ((), 0)


async def test_what_is_not_known_is_never_called_missing(
    office: Office, desk: DossierDesk, store: Store, clock: FakeClock, toy: Toy, since: datetime
) -> None:
    """A lane that waits; a system that fails, can't tell, has no question or is left alone; another release's order."""
    await office.order("A", 1)
    await office.work()

    async def verdict(one: DossierDesk = desk) -> tuple[str, str | None]:
        [finding] = (await one.compare("toy", since, 0, 50)).findings
        return finding.verdict, finding.why

    toy.cannot_tell = True
    assert await verdict() == ("cannot_tell", "cannot_tell")
    toy.has_no_question = True
    assert await verdict() == ("cannot_tell", "no_question")
    toy.has_no_question = False
    toy.mood = "down"
    assert await verdict() == ("failed", "unreachable")
    office.line = replace(office.line, road=ToyRoad(toy, most=0))
    assert await verdict(desk_of(office, store, clock)) == ("not_asked", "breaker_open")
    desk_of_newer = DossierDesk(store, {}, clock, Desk(store, {}, clock, lambda: None), lambda: None)
    assert await verdict(desk_of_newer) == ("not_asked", "unknown_operation")
    await office.order("A", 2)
    assert await verdict() == ("waiting", None)


# ---- repairing


async def test_what_was_lost_is_sent_again(
    office: Office, desk: DossierDesk, store: Store, toy: Toy, since: datetime
) -> None:
    """At the end of its lane, by the worker, told in the history and in the record of actions; then all is there."""
    await office.order("A", 1)
    await office.order("A", 2)
    await office.work()
    toy.accepted.clear()

    effects = await desk.repair("op", "restored", "toy", [MessageName("A", 2)])
    await office.work()

    assert [(one.key, one.hindrance) for one in effects] == [("A", None)]
    assert toy.accepted == [("A", 2)]
    found = await desk.compare("toy", since, 0, 50)
    assert verdicts(found.findings) == [("A", 3, "there", None)]
    timeline = await desk.timeline("A")
    assert timeline is not None
    assert "sent_again" in [one["kind"] for one in timeline["sent"][0]["history"]]
    assert await tell(store, "select who, what, target, why from actions") == [("op", "repair", "toy", "restored")]


async def test_dry_run_changes_nothing(office: Office, desk: DossierDesk, store: Store, toy: Toy) -> None:
    """It says what would be done."""
    await office.order("A", 1)
    await office.work()
    toy.accepted.clear()

    effects = await desk.repair("op", "why", "toy", [MessageName("A", 1)], dry_run=True)
    await office.work()

    assert [(one.key, one.hindrance) for one in effects] == [("A", None)]
    assert toy.accepted == []
    assert await tell(store, "select who from actions") == []


async def test_repair_leaves_alone_what_it_could_harm(
    office: Office, desk: DossierDesk, store: Store, clock: FakeClock, toy: Toy
) -> None:
    """A lane in which something waits, a message with a newer one behind it, an unknown lane, a source that would do
    the order twice.
    """
    for number in (1, 2):
        await office.order("A", number)
    await office.work()
    toy.accepted.clear()

    async def hindrance(seq: int, one: DossierDesk = desk) -> str | None:
        [effect] = await one.repair("op", "why", "toy", [MessageName("A", seq)])
        return effect.hindrance

    assert await hindrance(1) == "newer_message"
    assert await hindrance(9) == "newer_message"
    assert await desk.repair("op", "why", "toy", [MessageName("X", 1)]) == []
    order = replace(office.line.order, repeat="adds")
    office.line = replace(office.line, order=order)
    assert await hindrance(2, desk_of(office, store, clock)) == "done_twice"
    await office.order("A", 3)
    assert await hindrance(2) == "waiting"
    assert [number for _, number in toy.accepted] == []


# ---- a store that stalls


async def stalled(store_url: str, table: str, clock: FakeClock, asked: Coroutine[Any, Any, object]) -> object:
    """What becomes of *asked* while *table* is locked, as soon as its limit has passed."""
    async with await AsyncConnection.connect(store_url) as holding:
        await holding.execute(f"lock table {table} in access exclusive mode".encode())
        task = asyncio.create_task(asked)
        while not await _waits_for(holding, table):  # noqa: ASYNC110  # PostgreSQL alone knows
            await asyncio.sleep(0.02)
        await clock.advance(DEED_S)
        (found,) = await asyncio.gather(task, return_exceptions=True)
        return found


async def _waits_for(connection: AsyncConnection[Any], table: str) -> bool:
    cursor = await connection.execute("select from pg_locks where relation = %s::regclass and not granted", [table])
    return await cursor.fetchone() is not None


async def test_questions_end_where_the_store_stalls(
    office: Office, desk: DossierDesk, store: Store, clock: FakeClock, since: datetime, database: str, toy: Toy
) -> None:
    """Before the system is asked, and after: where what was asked can't be recorded, nothing is, and it can be asked
    again.
    """
    await office.order("D1")
    await office.work()
    before = toy.asked.total()

    for question in (desk.compare("toy", since, 0, 10), desk.ask("lan", "why", "toy", "D1")):
        assert isinstance(await stalled(database, "lanes", clock, question), StoreUnavailable)
    assert toy.asked.total() == before
    asked = desk.ask("lan", "why", "toy", "D1")
    assert isinstance(await stalled(database, "actions", clock, asked), StoreUnavailable)
    assert await tell(store, "select what from actions") == []
    await desk.ask("lan", "why", "toy", "D1")
    assert await tell(store, "select what from actions") == [("ask",)]
