"""The levels of the lanes, as the metrics tell them, over a real PostgreSQL."""

from __future__ import annotations

from gateway.durable import lane_levels
from gateway.durable.store import Store
from gateway.testing.clock import FakeClock
from tests.support.toy_orders import Toy, open_office


async def test_orders_are_counted_by_age_until_the_system_has_them(store: Store, clock: FakeClock) -> None:
    """Each order that was accepted and has not arrived counts, by the age of its dossier's oldest; held ones too."""
    toy = Toy(mood="down")
    office = await open_office(store, toy, clock)
    await office.order("A", 1)
    await office.take_step("A", 10)
    clock.jump_wall(7200)
    await office.take_step("B", 10)
    await office.order("C", 1)
    toy.mood = "well"

    async with store.connection() as connection:
        before = await lane_levels.count(connection, frozenset({"toy"}), frozenset(), clock.now())
    await office.work(6)
    async with store.connection() as connection:
        after = await lane_levels.count(connection, frozenset({"toy"}), frozenset(), clock.now())

    ages = {"minute": 2.0, "hour": 0.0, "day": 2.0, "older": 0.0}
    assert {age: before.unconfirmed["toy", age] for age in lane_levels.AGES} == ages
    assert {age: after.unconfirmed["toy", age] for age in lane_levels.AGES} == {**dict.fromkeys(ages, 0.0), "minute": 1}
    assert (before.lanes["toy", "held"], before.lanes["toy", "waiting"]) == (1.0, 2.0)
    await office.close()
