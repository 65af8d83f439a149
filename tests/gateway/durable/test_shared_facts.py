"""Facts that gateways tell each other through the store."""

from __future__ import annotations

import asyncio

import pytest
from psycopg import AsyncConnection

from gateway.core.facts import FactsAway
from gateway.durable.shared_facts import LIMIT_S, StoreFacts
from gateway.durable.store import Store
from gateway.testing.clock import FakeClock
from tests.support import postgres
from tests.support.postgres import tell


async def test_the_newest_of_a_name_holds_and_kinds_are_apart(store: Store, clock: FakeClock) -> None:
    """What one process tells, another one reads; what is dropped is gone."""
    one, other = StoreFacts(store, clock), StoreFacts(store, clock)
    await one.put("breakers", {"a": b"1", "b": b"2"})
    await other.put("breakers", {"a": b"3"})
    await other.put("more", {"a": b"4"})

    assert await one.all("breakers") == {"a": b"3", "b": b"2"}
    assert (await one.find("more", "a"), await one.find("more", "b")) == (b"4", None)
    await one.drop("breakers", ["a", "no such"])
    assert await other.all("breakers") == {"b": b"2"}


async def test_what_nobody_tells_any_more_does_not_stay(store: Store, clock: FakeClock) -> None:
    """Processes that were killed leave no rows for ever, though nobody could open what they said."""
    facts = StoreFacts(store, clock)
    await facts.put("breakers", {"killed": b"1"})
    await tell(store, "update facts set told_at = told_at - interval '2 hours'")
    await facts.put("breakers", {"a": b"2"})

    assert await tell(store, "select name from facts") == [("a",)]


async def test_a_store_that_does_not_answer_is_away(database: str, clock: FakeClock) -> None:
    """Nobody waits for it longer than the limit, and nothing is written later."""
    async with postgres.store(database, statement_timeout_s=600) as store:
        facts = StoreFacts(store, clock)
        await facts.put("breakers", {"a": b"1"})
        async with await AsyncConnection.connect(database) as holding:
            await holding.execute("lock table facts in access exclusive mode")
            asked = [asyncio.create_task(work) for work in (facts.all("breakers"), facts.put("breakers", {"a": b"2"}))]
            await clock.advance(LIMIT_S)
            for one in asked:
                with pytest.raises(FactsAway):
                    await one

        assert await facts.all("breakers") == {"a": b"1"}


async def test_a_closed_store_is_away(store: Store, clock: FakeClock) -> None:
    """As one that can't be reached."""
    await store.close()
    with pytest.raises(FactsAway):
        await StoreFacts(store, clock).find("breakers", "a")
