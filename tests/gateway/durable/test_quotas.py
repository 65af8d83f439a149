"""The memory of the day's quotas in a real PostgreSQL, shared by two gateways."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Final

import pytest

from gateway.core.quota_memory import QuotaMemoryAway, RememberedDay
from gateway.durable.quotas import KEPT, StoredQuotas
from gateway.durable.store import Store
from tests.support import postgres
from tests.support.postgres import tell

TODAY: Final = date(2026, 11, 24)
NAME: Final = "register.ws"


async def test_the_count_that_is_furthest_is_remembered(store: Store, database: str) -> None:
    """A gateway that heard less does not put it back, and what others laid aside stays."""
    quotas = StoredQuotas(store)
    await quotas.reached(NAME, TODAY, 10, 3)
    assert await quotas.deposit(NAME, TODAY, 4) == 4
    async with postgres.store(database) as other:
        await StoredQuotas(other).reached(NAME, TODAY, 9, 9)
        await StoredQuotas(other).reached(NAME, TODAY, 10, 4)

    assert await quotas.read(TODAY) == [RememberedDay(NAME, TODAY, 10, 4, 4)]


async def test_what_was_laid_aside_is_given_once(store: Store, database: str) -> None:
    """However many gateways ask at the same moment."""
    quotas = StoredQuotas(store)
    assert await quotas.withdraw(NAME, TODAY, 3) == (0, 0)
    await quotas.deposit(NAME, TODAY, 6)
    assert await quotas.deposit(NAME, TODAY, 4) == 10
    async with postgres.store(database) as other:
        found = await asyncio.gather(
            *(one.withdraw(NAME, TODAY, 3) for one in (quotas, StoredQuotas(other), quotas, StoredQuotas(other)))
        )

    assert sorted(units for units, _ in found) == [1, 3, 3, 3]
    assert min(left for _, left in found) == 0


async def test_days_that_are_over_are_forgotten(store: Store) -> None:
    """Yesterday is not today's, and what was a week ago is deleted."""
    quotas = StoredQuotas(store)
    for days in (0, 1, 8):
        await quotas.reached(NAME, TODAY - timedelta(days=days), days + 1, 0)

    assert [(one.day, one.taken) for one in await quotas.read(TODAY)] == [(TODAY, 1)]
    assert await tell(store, "select min(day) from quota_days") == [(TODAY - timedelta(days=1),)]
    assert timedelta(days=1) < KEPT < timedelta(days=8)


async def test_a_store_that_is_closed_is_away(store: Store) -> None:
    """The ledger goes on without it: it has one error to look for."""
    quotas = StoredQuotas(store)
    await store.close()

    with pytest.raises(QuotaMemoryAway):
        await quotas.read(TODAY)
    with pytest.raises(QuotaMemoryAway):
        await quotas.withdraw(NAME, TODAY, 1)
