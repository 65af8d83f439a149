"""The order of the rings, as resilience wants it."""

from __future__ import annotations

from gateway.core.steps import steps_of
from gateway.pipeline.operation.rate_limit import RateSettings
from tests.gateway.pipeline.harness import LongestWait, Worlds
from tests.gateway.pipeline.logins import LOGIN
from tests.gateway.pipeline.scripted import ScriptedUpstream, answers, fails


async def test_the_upstream_ring_in_its_order(worlds: Worlds) -> None:
    """A sleeping retry holds no place; nothing is counted that was not asked; a token is inside the attempt's time."""
    world = worlds(policies={"retry": {"attempts": 3}, "quota_per_day": 10}, login=LOGIN)

    assert steps_of(world.ring.run) == [
        "observe refusals",
        "retry",
        "breaker",
        "bulkhead",
        "deadline",
        "daily quota",
        "observe attempts",
        "attempt timeout",
        "token",
    ]


async def test_what_is_not_configured_has_no_place(worlds: Worlds) -> None:
    """One attempt, no quota, no login: three steps fewer."""
    world = worlds(policies={"retry": {"attempts": 1}})

    assert steps_of(world.ring.run) == [
        "observe refusals",
        "breaker",
        "bulkhead",
        "deadline",
        "observe attempts",
        "attempt timeout",
    ]


async def test_the_operation_ring_in_its_order(worlds: Worlds) -> None:
    """A rate holds for hits too; one call for many stands behind the cache; an order is done once."""
    rates = {"rates": {"portal": RateSettings(per_second=1)}}
    world = worlds(operation={"fresh_s": 60.0}, operation_parts=rates)

    assert steps_of(world.rings["record"]) == [
        "observe requests",
        "caller rate limit",
        "cache",
    ]
    assert steps_of(world.rings["order"])[:3] == ["observe requests", "caller rate limit", "idempotency"]


async def test_without_rates_nobody_is_asked_for_one(worlds: Worlds) -> None:
    """A hit then costs nothing of it."""
    world = worlds(operation={"fresh_s": 60.0})

    assert "caller rate limit" not in steps_of(world.rings["record"])


async def test_a_sleeping_retry_holds_no_place(worlds: Worlds) -> None:
    """One place at the source, one exchange asleep between attempts: another goes in between."""
    world = worlds(
        ScriptedUpstream(fails(), answers("giữa chừng"), answers("sau cùng")),
        policies={"retry": {"attempts": 2, "initial_s": 1.0}, "bulkhead": {"limit": 1, "queue": 0}},
        upstream_parts={"dice": LongestWait()},
    )
    sleeper = world.start("a")
    await world.clock.advance(0.5)

    assert (await world.ask("b")).value is not None
    await world.clock.advance(0.5)
    assert (await sleeper).value is not None
    assert world.upstream.count == 3
