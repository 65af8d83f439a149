"""The loop that keeps what is pushed: what goes wrong with one message stays with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from gateway.core.problems import Internal, Overloaded
from gateway.durable import inbox_tables
from gateway.durable.inbox import Inbox
from gateway.durable.inbox_tables import MessageToKeep
from gateway.durable.store import Store
from gateway.testing.clock import FakeClock
from tests.support import postgres


def message(code: str) -> MessageToKeep:
    """A message without files."""
    return MessageToKeep(
        system="portal",
        kind="dossier",
        code=code,
        body_hash=code.encode(),
        caller="portal",
        request_id="r",
        body=b"sealed",
        answer=f"answer {code}",
        files=(),
    )


@pytest.fixture
async def store(database: str) -> AsyncIterator[Store]:
    """An open store."""
    async with postgres.store(database) as found:
        yield found


@pytest.fixture
async def inbox(store: Store, clock: FakeClock) -> AsyncIterator[Inbox]:
    """An inbox that keeps."""
    found = Inbox(store, clock, clock, lambda: None)
    await found.open()
    yield found
    await found.close()


async def test_one_that_the_database_refuses_stops_no_other(inbox: Inbox) -> None:
    """It is told as a bug of ours; those beside it and after it are kept."""
    bad = message("B\x00")
    results = await asyncio.gather(
        inbox.keep(message("A")), inbox.keep(bad), inbox.keep(message("C")), return_exceptions=True
    )
    after = await inbox.keep(message("D"))

    assert [type(one) for one in results] == [type(after), Internal, type(after)]
    assert (after.answer, after.repeated) == ("answer D", False)


class BrokenOnce(FakeClock):
    """A clock with a bug that shows once."""

    broken = False

    def now(self) -> datetime:
        """The instant, but not the first time."""
        if not self.broken:
            self.broken = True
            raise RuntimeError("a bug")
        return super().now()


async def test_a_bug_at_one_message_does_not_end_the_loop(store: Store, clock: FakeClock) -> None:
    """Its sender is told of it, and the next message is kept."""
    inbox = Inbox(store, clock, BrokenOnce(), lambda: None)
    await inbox.open()
    with pytest.raises(Internal):
        await asyncio.wait_for(inbox.keep(message("A")), 5)
    found = await asyncio.wait_for(inbox.keep(message("A")), 5)
    await inbox.close()

    assert (found.answer, found.repeated) == ("answer A", False)


async def test_numbers_rise_in_the_sequence_of_the_commits(inbox: Inbox, store: Store) -> None:
    """While another gateway has a number and has not committed, nothing gets a higher one: who has read up to a number
    has missed none before it.
    """
    async with store.connection() as other:
        await inbox_tables.lock(other)
        await inbox_tables.add(other, [message("A")], datetime.now(UTC))
        keeping = asyncio.create_task(inbox.keep(message("B")))
        while not keeping.done() and not await waits_for_a_lock(store):  # noqa: ASYNC110  # the database is asked
            await asyncio.sleep(0.01)
        committed_first = keeping.done()
        await other.commit()
    await keeping
    rows = await postgres.tell(store, "select id, code from inbox order by id")

    assert not committed_first
    assert rows == [(1, "A"), (2, "B")]


async def waits_for_a_lock(store: Store) -> bool:
    """Whether a transaction waits for the inbox's lock."""
    [(number,)] = await postgres.tell(
        store,
        "select count(*) from pg_locks where locktype = 'advisory' and not granted and database ="
        " (select oid from pg_database where datname = current_database())",
    )
    return number == 1


async def test_a_gateway_that_leaves_takes_no_more(store: Store, clock: FakeClock) -> None:
    """What came before is committed; what comes after is told to come again."""
    inbox = Inbox(store, clock, clock, lambda: None)
    await inbox.open()
    first = asyncio.create_task(inbox.keep(message("A")))
    await asyncio.sleep(0)
    await inbox.close()

    assert (await first).answer == "answer A"
    with pytest.raises(Overloaded):
        await inbox.keep(message("B"))
