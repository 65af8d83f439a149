"""Operators' orders about systems in a real PostgreSQL, read by two gateways."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Final

import psycopg.conninfo
import pytest

from gateway.core.actions import Action
from gateway.core.interventions import Isolation, News
from gateway.core.problems import Overloaded
from gateway.durable.interventions import DEED_S, StoreBook
from gateway.durable.store import Store
from gateway.testing.clock import FakeClock
from tests.support import postgres
from tests.support.postgres import tell
from tests.support.wire import wired

NAMES: Final = ("register", "ws")


def did(clock: FakeClock, what: str) -> Action:
    """A deed."""
    return Action("lan", what, "register/ws", "the ministry called", clock.now(), {})


def isolation(clock: FakeClock, minutes: float = 10) -> Isolation:
    """One that begins now."""
    return Isolation(*NAMES, "isolation", "lan", "why", clock.now(), clock.now() + timedelta(minutes=minutes))


async def test_other_gateway_reads_what_was_ordered(store: Store, database: str, clock: FakeClock) -> None:
    """And it is there after all of them were restarted, until somebody releases it."""
    kept = await StoreBook(store, clock).isolate(isolation(clock), did(clock, "isolate"))
    async with postgres.store(database) as other:
        book = StoreBook(other, clock)
        assert list((await book.look()).isolations) == [kept]
        await book.release([kept.id], did(clock, "release"))

    assert list((await StoreBook(store, clock).look()).isolations) == []
    assert [row.action.what for row in await StoreBook(store, clock).actions(10, 2**62)] == ["release", "isolate"]


async def test_news_are_read_with_their_subject_which_is_sealed(store: Store, clock: FakeClock) -> None:
    """A person's number is in no column of the store."""
    book = StoreBook(store, clock)
    number = await book.publish(News("purge", clock.now(), "register", "record", "079000000001"), did(clock, "purge"))

    [news] = (await book.look()).news
    assert (news.id, news.what, news.connector, news.name, news.subject) == (
        number,
        "purge",
        "register",
        "record",
        "079000000001",
    )
    assert "079000000001" not in str(await tell(store, "select * from operator_news"))


async def test_old_news_are_forgotten(store: Store, clock: FakeClock) -> None:
    """After a minute nobody reads them, and the next deed deletes what is older than ten."""
    book = StoreBook(store, clock)
    await book.publish(News("close_breaker", clock.now(), *NAMES), did(clock, "close-breaker"))
    await tell(store, "update operator_news set at = at - interval '11 minutes' returning id")
    assert list((await book.look()).news) == []

    last = await book.publish(News("close_breaker", clock.now(), *NAMES), did(clock, "close-breaker"))
    assert await tell(store, "select id from operator_news") == [(last,)]


async def test_without_the_store_a_deed_is_refused_and_what_is_known_stays(database: str, clock: FakeClock) -> None:
    """A deed that could not be recorded is not done; an isolation that runs goes on."""
    async with postgres.store(database) as store:
        book = StoreBook(store, clock)
        kept = await book.isolate(isolation(clock), did(clock, "isolate"))
        assert list((await book.look()).isolations) == [kept]

    with pytest.raises(Overloaded) as refused:
        await book.isolate(isolation(clock), did(clock, "isolate"))
    assert refused.value.reason == "store"
    with pytest.raises(Overloaded):
        await book.actions(10, 2**62)
    assert list((await book.look()).isolations) == [kept]


async def test_store_that_stops_to_answer_holds_up_nobody(database: str, clock: FakeClock) -> None:
    """In the middle of a deed, of a look or of the record: the deed is refused, the look tells what was known."""
    host = psycopg.conninfo.conninfo_to_dict(database)
    async with wired(str(host["host"]), int(str(host["port"]))) as wire:
        over_wire = psycopg.conninfo.make_conninfo(database, port=wire.number)
        async with postgres.store(over_wire) as store:
            book = StoreBook(store, clock)
            kept = await book.isolate(isolation(clock), did(clock, "isolate"))
            known = await book.look()
            wire.turn("held")
            under_way = [
                asyncio.ensure_future(one)
                for one in (
                    book.release([kept.id], did(clock, "release")),
                    book.look(),
                    book.actions(10, 2**62),
                )
            ]
            await asyncio.sleep(0.1)  # they are at the server, or on their way
            assert not any(one.done() for one in under_way)
            await clock.advance(DEED_S)
            wire.turn("cut")  # which the client waits for, to ask the server to forget the statement
            deed, look, record = await asyncio.gather(*under_way, return_exceptions=True)

    assert look is known
    for refused in (deed, record):
        assert isinstance(refused, Overloaded)
        assert isinstance(refused.__cause__, TimeoutError)
