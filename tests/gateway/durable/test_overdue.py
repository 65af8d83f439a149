"""A case past the time limit of the law is told of, once."""

from __future__ import annotations

import asyncio
from typing import Final

from gateway.durable.care import StoreCare
from gateway.durable.store import Store
from gateway.testing.clock import FakeClock
from tests.support.postgres import tell
from tests.support.toy_orders import Toy, open_office

SET: Final = "update cases set due_at = %s, ended_at = case key when 'C' then now() end returning 1"


async def test_a_late_case_is_told_of_once(store: Store, clock: FakeClock) -> None:
    """By whichever gateway sees it first, in the history and to those who listen; one that has ended is never late."""
    told: list[int] = []
    office = await open_office(store, Toy(), clock)
    for key in "ABC":
        await office.order(key)
    await tell(
        store, "update cases set due_at = %s, ended_at = case key when 'C' then now() end returning 1", clock.now()
    )
    cares = [StoreCare(store, clock, clock, moved=lambda: told.append(1)) for _ in range(2)]

    for care in cares:
        await care.mark_overdue()
    assert await tell(store, "select key from events where kind = 'overdue'") == []

    clock.jump_wall(1)
    await asyncio.gather(*(care.mark_overdue() for care in cares))
    for care in cares:
        await care.mark_overdue()

    assert await tell(store, "select key from events where kind = 'overdue' order by key") == [("A",), ("B",)]
    assert told == [1]
    await office.close()
