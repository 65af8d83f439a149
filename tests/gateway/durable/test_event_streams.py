"""Events of cases, told while they happen, over a real PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from gateway.core.call import Call, Trace
from gateway.core.clock import SystemClock
from gateway.core.feeds import Notice
from gateway.core.problems import NotFound, Overloaded, RateLimited
from gateway.durable import events
from gateway.durable.event_streams import PAGE, CaseFeed, EventStreams
from gateway.durable.events import CaseEvent
from gateway.durable.settings import StreamSettings
from gateway.durable.store import Store
from gateway.durable.wakes import Wakes
from gateway.testing.clock import FakeClock
from tests.support import postgres
from tests.support.postgres import tell
from tests.support.toy_orders import LOOK, Office, Toy, ToyOrder, open_office

Subscribe = Callable[..., Awaitable[CaseFeed]]

WAITS = """
select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()
"""


@pytest.fixture
async def office(store: Store, clock: FakeClock) -> AsyncIterator[Office]:
    """A gateway's part over *store*."""
    opened = await open_office(store, Toy(), clock)
    yield opened
    await opened.close()


@asynccontextmanager
async def streaming(store: Store, **limits: int) -> AsyncIterator[EventStreams]:
    """The streams of one process, which is told of commits."""
    streams = EventStreams(store, SystemClock(), StreamSettings(**limits))
    await streams.open()
    yield streams
    await streams.close()


async def subscribe(
    streams: EventStreams, office: Office, key: str, after: int = 0, caller: str = "portal"
) -> CaseFeed:
    """A client of the events of *key*."""
    assert office.line.following is not None
    call = Call(
        connector="toy",
        operation=LOOK,
        query=ToyOrder(dossier_code=key),
        caller=caller,
        request_id="r",
        expires_at=1e12,
        trace=Trace(0.0),
    )
    return await streams.subscribe("toy", office.line.following, call, after)


async def take(feed: CaseFeed, number: int) -> list[Notice]:
    """The next *number* events."""
    found: list[Notice] = []
    while len(found) < number:
        page = await feed.next()
        assert page, "the stream ended"
        found += page
    assert len(found) == number
    return found


async def test_the_history_is_told_and_then_what_happens(office: Office, store: Store) -> None:
    """A client without a last id gets the events from the first on, each once, with the state that it brings."""
    await office.order("A")
    async with streaming(store) as streams:
        feed = await subscribe(streams, office, "A")
        (first,) = await take(feed, 1)
        await office.work()
        streams.wake()
        (second,) = await take(feed, 1)

    assert [(one.kind, one.state) for one in (first, second)] == [("accepted", "accepted"), ("arrived", "received")]
    assert first.id < second.id


async def test_a_client_that_comes_back_misses_and_repeats_nothing(office: Office, store: Store) -> None:
    """After the last id come the events that were committed meanwhile, with the state as it was."""
    await office.order("A")
    await office.work()
    async with streaming(store) as streams:
        feed = await subscribe(streams, office, "A")
        before = await take(feed, 2)
        feed.close()
        await add(store, "A", 3, "note")
        back = await subscribe(streams, office, "A", before[-1].id)
        after = await take(back, 3)
        streams.wake()

    assert [one.kind for one in after] == ["note"] * 3
    assert {one.state for one in after} == {"received"}
    numbers = [one.id for one in before + after]
    assert numbers == sorted(set(numbers))


async def add(store: Store, key: str, number: int, kind: str) -> None:
    """Commits events, as another gateway would."""
    now = SystemClock().now()
    async with store.connection() as connection, connection.transaction():
        await connection.execute("select 1 from lanes where key = %s for update", [key])
        await events.add(connection, [CaseEvent("toy", key, now, kind) for _ in range(number)])  # type: ignore[arg-type]


async def test_a_long_history_comes_page_by_page(office: Office, store: Store) -> None:
    """A client holds one page at a time, whatever waits for it, and gets all in order."""
    await office.order("A")
    await add(store, "A", 3 * PAGE, "note")
    async with streaming(store) as streams:
        feed = await subscribe(streams, office, "A")
        found: list[Notice] = []
        while len(found) < 3 * PAGE + 1:
            page = await feed.next()
            assert len(page) <= PAGE
            found += page

    assert [one.id for one in found] == sorted({one.id for one in found})


async def test_an_event_of_another_gateway_arrives(database: str, store: Store, office: Office) -> None:
    """What another process commits is told here at its notice, without a question for each client."""
    await office.order("A")
    async with postgres.store(database) as other, streaming(store) as streams:
        here, there = Wakes(store, SystemClock(), lambda: None), Wakes(other, SystemClock(), lambda: None)
        here.add(streams.wake)
        await here.open()
        await there.open()
        feed = await subscribe(streams, office, "A")
        await take(feed, 1)
        await add(other, "A", 1, "note")
        there.publish()
        (found,) = await take(feed, 1)
        await here.close()
        await there.close()

    assert found.kind == "note"


async def test_numbers_rise_in_the_sequence_of_commits(store: Store, office: Office) -> None:
    """A look and a message of one case that end at the same time can't commit a lower number after a higher one."""
    await office.order("A")
    await office.work(turns=2)
    async with store.connection() as connection, connection.transaction():
        await connection.execute("select 1 from lanes where key = 'A' for update")
        await tell(store, "update cases set follow_at = opened_at, state = 'other'")
        turn = asyncio.create_task(office.work())
        while not await tell(store, WAITS):  # noqa: ASYNC110  # PostgreSQL tells nobody that somebody waits
            await asyncio.sleep(0)
        number = (await tell(store, "select last_value from pg_sequences where sequencename = 'events_id_seq'"))[0][0]
        await events.add(connection, [CaseEvent("toy", "A", SystemClock().now(), "retried")])
    await turn

    kinds = await tell(store, "select kind from events where id > %s order by id", number)
    assert [kind for (kind,) in kinds] == ["retried", "state"]


@pytest.mark.parametrize("key", ["A", "B"])
async def test_a_foreign_case_is_as_one_that_is_not_there(key: str, office: Office, store: Store) -> None:
    """Another caller is not told whether there is such a case, and no place is taken."""
    await office.order("A")
    async with streaming(store) as streams:
        with pytest.raises(NotFound) as refused:
            await subscribe(streams, office, key, caller="other")

    assert (refused.value.reason, streams.open_now) == ("not_followed", 0)


async def test_there_are_so_many_streams_and_no_more(office: Office, store: Store) -> None:
    """Each caller has its number of streams, the process has its own; one that is closed makes room."""
    await office.order("A")
    await office.order("B", caller="other")
    async with streaming(store, most=3, most_per_caller=2) as streams:
        first = await subscribe(streams, office, "A")
        await subscribe(streams, office, "A")
        with pytest.raises(RateLimited):
            await subscribe(streams, office, "A")
        await subscribe(streams, office, "B", caller="other")
        with pytest.raises(Overloaded):
            await subscribe(streams, office, "B", caller="other")
        first.close()
        first.close()
        await subscribe(streams, office, "A")

        assert streams.open_now == 3


async def test_a_number_of_the_future_is_from_before_a_restore(office: Office, store: Store) -> None:
    """Where the store was restored and numbers are given again, a client is told all anew, and misses nothing."""
    await office.order("A")
    async with streaming(store) as streams:
        feed = await subscribe(streams, office, "A", after=10**9)

        assert [one.kind for one in await take(feed, 1)] == ["accepted"]


async def test_streams_end_when_the_gateway_leaves(office: Office, store: Store) -> None:
    """A client that waits is told at once, and a new one is sent to another gateway."""
    await office.order("A")
    async with streaming(store) as streams:
        feed = await subscribe(streams, office, "A")
        await take(feed, 1)
        waiting = asyncio.create_task(feed.next())  # type: ignore[arg-type]
        await asyncio.sleep(0)
        streams.leave()

        assert list(await waiting) == []
        with pytest.raises(Overloaded) as refused:
            await subscribe(streams, office, "A")
        assert refused.value.reason == "leaving"
