"""Scenarios 8 to 12: what is shown past its life, for how long, and in whose place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

import pytest

from gateway.core.call import CacheWish
from gateway.core.events import CacheAsked, Refreshed, ServedStale
from gateway.core.problems import (
    Forbidden,
    GatewayError,
    OffContract,
    Overloaded,
    Refused,
    TimedOut,
    Unavailable,
    Withheld,
)
from gateway.pipeline.cache.step import REST_S
from tests.gateway.pipeline.harness import name_of
from tests.gateway.pipeline.scenarios.keeping import Worlds, kept, no_record, shown
from tests.gateway.pipeline.scripted import HANG, After, Deed, answers, fails, status


async def test_scenario_08_stale_while_revalidate_answers_at_once_and_refreshes_once(worlds: Worlds) -> None:
    """Past its life but inside ``swr_s``, 50 callers get the old answer at once, and exactly one renewal runs."""
    world = kept(worlds, answers("cũ"), After(1.0, answers("mới")), swr_s=30.0)
    await world.ask()
    await world.clock.advance(72)

    tasks = [world.start() for _ in range(50)]
    await world.clock.advance(0.0)
    found = [task.result() for task in tasks]

    assert {shown(answer) for answer in found} == {("stale", "lgsp; hit; ttl=-12")}
    assert {name_of(answer) for answer in found} == {"cũ"}
    assert {answer.age for answer in found} == {72.0}
    assert world.upstream.count == 2
    await world.clock.advance(1.0)
    assert name_of(await world.ask()) == "mới"
    assert world.upstream.count == 2
    assert [event.outcome for event in world.of(Refreshed)] == ["ok"]
    assert Counter(event.reason for event in world.of(ServedStale)) == {"revalidating": 50}


async def test_scenario_09_a_failed_refresh_keeps_the_entry_and_rests(worlds: Worlds) -> None:
    """The renewal fails: the entry stays, its age grows, no other is begun for 30 seconds, and it is counted."""
    world = kept(worlds, answers("cũ"), always=fails(), swr_s=300.0)
    await world.ask()
    await world.clock.advance(70)
    await world.ask_within(0.0)

    ages = []
    for _ in range(5):
        await world.clock.advance(REST_S / 6)
        ages.append((await world.ask()).age)
    rested = world.upstream.count
    await world.clock.advance(REST_S / 5)
    again = await world.ask_within(0.0)

    assert ages == [75.0, 80.0, 85.0, 90.0, 95.0]
    assert rested == 2
    assert (name_of(again), world.upstream.count) == ("cũ", 3)
    assert [event.outcome for event in world.of(Refreshed)] == ["unreachable", "unreachable"]


STANDS_IN: Final[Mapping[str, tuple[Deed, str]]] = {
    "status 500": (status(500), "lgsp; fwd=stale; fwd-status=500"),
    "reset": (fails(), "lgsp; fwd=stale; detail=unreachable"),
    "timeout": (TimedOut(reason="attempt"), "lgsp; fwd=stale; detail=attempt"),
    "breaker open": (Withheld(reason="breaker_open", retry_after=20), "lgsp; fwd=stale; detail=breaker_open"),
    "off contract": (OffContract(reason="malformed"), "lgsp; fwd=stale; detail=malformed"),
    "overloaded": (Overloaded(), "lgsp; fwd=stale; detail=overloaded"),
}


@pytest.mark.parametrize("what", STANDS_IN)
async def test_scenario_10_stale_if_error_stands_in_and_says_so(worlds: Worlds, what: str) -> None:
    """An expired entry stands in for a source that is down, slow, overloaded or off its contract, and says why."""
    deed, header = STANDS_IN[what]
    world = kept(worlds, answers("cũ"), deed, stale_s=3600.0)
    await world.ask()
    await world.clock.advance(100)

    answer = await world.ask()

    assert shown(answer) == ("stale", header)
    assert (name_of(answer), answer.age, world.upstream.count) == ("cũ", 100.0, 2)
    assert [event.result for event in world.of(CacheAsked)] == ["miss", "stale"]


@pytest.mark.parametrize(
    ("deed", "raised"),
    [
        (Refused(reason="credentials"), Refused),
        (Forbidden(), Forbidden),
        (status(403), Refused),
    ],
    ids=["refused", "a caller's fault", "403"],
)
async def test_scenario_10_stale_never_stands_in_for_a_refusal(
    worlds: Worlds, deed: Deed, raised: type[GatewayError]
) -> None:
    """Who is refused, or asks wrongly, gets that error and no old answer."""
    world = kept(worlds, answers("cũ"), deed, stale_s=3600.0)
    await world.ask()
    await world.clock.advance(100)

    assert isinstance(await world.error(), raised)
    assert world.upstream.count == 2


async def test_scenario_10_stale_never_stands_in_for_no_such_record(worlds: Worlds) -> None:
    """A register that says 404 has answered: the old record is not shown again."""
    world = kept(worlds, answers("cũ"), status(404), more={"classify": no_record}, stale_s=3600.0)
    await world.ask()
    await world.clock.advance(100)

    answer = await world.ask()

    assert (answer.value, answer.freshness, world.upstream.count) == (None, "live", 2)


async def test_scenario_10_stale_ends_with_its_law(worlds: Worlds) -> None:
    """Past ``stale_s`` nothing stands in any more."""
    world = kept(worlds, answers("cũ"), always=fails(), stale_s=100.0)
    await world.ask()
    await world.clock.advance(60 + 99)
    last = await world.ask()
    await world.clock.advance(1)

    assert last.freshness == "stale"
    assert isinstance(await world.error(), Unavailable)
    assert world.upstream.count == 3


async def test_scenario_11_a_slow_source_is_answered_for_and_its_late_answer_kept(worlds: Worlds) -> None:
    """After the soft timeout the old answer is given; the question goes on, and its answer is there for the next."""
    world = kept(worlds, answers("cũ"), After(2.0, answers("mới")), stale_s=3600.0, soft_timeout_s=0.3)
    await world.ask()
    await world.clock.advance(100)

    tasks = [world.start() for _ in range(10)]
    await world.clock.advance(0.29)
    early = [task.done() for task in tasks]
    await world.clock.advance(0.01)
    found = [task.result() for task in tasks]
    await world.clock.advance(2.0)

    assert not any(early)
    assert {shown(answer) for answer in found} == {("stale", "lgsp; fwd=stale; detail=soft_timeout")}
    assert name_of(await world.ask()) == "mới"
    assert world.upstream.count == 2


async def test_scenario_11_a_source_within_the_soft_timeout_is_waited_for(worlds: Worlds) -> None:
    """A quick source gives the live answer, and a quick failure is stood in for with its own reason."""
    world = kept(worlds, answers("cũ"), After(0.2, answers("mới")), fails(), stale_s=3600.0, soft_timeout_s=0.3)
    await world.ask()
    await world.clock.advance(100)
    live = await world.ask_within(0.2)
    await world.clock.advance(100)
    failed = await world.ask()

    assert (name_of(live), live.freshness) == ("mới", "live")
    assert shown(failed) == ("stale", "lgsp; fwd=stale; detail=unreachable")
    assert world.upstream.count == 3


@pytest.mark.parametrize("fresh_s", [0.0, 60.0], ids=["never kept", "kept for a minute by configuration"])
async def test_scenario_12_what_is_never_stale_is_an_error_when_the_source_is_down(
    worlds: Worlds, fresh_s: float
) -> None:
    """An operation marked never-stale (criminal records) gives an error, never an old record, whatever else is said."""
    law = {"never_stale": True, "stale_s": 3600.0, "swr_s": 600.0, "soft_timeout_s": 0.1}
    world = kept(worlds, answers("cũ"), always=fails(), fresh_s=fresh_s, **law)
    await world.ask()
    await world.clock.advance(100)

    for wish in (CacheWish(), CacheWish(max_stale=float("inf"))):
        assert isinstance(await world.error(cache=wish), Unavailable)
    assert world.upstream.count == 3


async def test_stale_is_not_served_once_it_was_purged_while_the_source_was_asked(worlds: Worlds) -> None:
    """A purge during the question takes away what would have stood in."""
    world = kept(worlds, answers("cũ"), After(1.0, fails()), stale_s=3600.0)
    await world.ask()
    await world.clock.advance(100)
    task = world.start()
    await world.clock.advance(0.5)
    world.caching.purge.everything()
    await world.clock.advance(0.5)

    with pytest.raises(Unavailable):
        await task
    assert world.upstream.count == 2


async def test_a_source_that_never_answers_is_stood_in_for_at_the_deadline(worlds: Worlds) -> None:
    """The deadline leaves the cache time to serve stale."""
    world = kept(worlds, answers("cũ"), HANG, stale_s=3600.0)
    await world.ask()
    await world.clock.advance(100)

    answer = await world.ask_within(0.5, timeout=0.5)

    assert shown(answer) == ("stale", "lgsp; fwd=stale; detail=deadline")
    assert world.upstream.count == 2
