"""The harness itself: what it counts is what the rings did."""

from __future__ import annotations

from collections.abc import Callable

from tests.gateway.pipeline.harness import HANG, After, ScriptedUpstream, World, answers, fails, name_of


async def test_scripted_deeds_come_in_order_and_are_counted(worlds: Callable[..., World]) -> None:
    """The first deed answers the first exchange, and every exchange stands in the journal."""
    world = worlds(ScriptedUpstream(answers("first"), fails()))

    answer = await world.ask()
    error = await world.error()

    assert name_of(answer) == "first"
    assert error.reason == "unreachable"
    assert [arrival.ended for arrival in world.upstream.journal] == ["answered", "raised"]


async def test_time_passes_only_when_told(worlds: Callable[..., World]) -> None:
    """A slow answer comes when the clock has gone so far, and one that never comes ends by the deadline."""
    world = worlds(ScriptedUpstream(After(3, answers("slow")), HANG))

    assert name_of(await world.ask_within(3)) == "slow"
    assert (await world.error(within=10)).code == "upstream-timeout"
    assert world.upstream.count == 2
