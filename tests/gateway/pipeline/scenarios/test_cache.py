"""Scenarios 13 to 16: what is kept, for whom and how long, and what a caller may wish."""

from __future__ import annotations

import random
from collections import Counter
from typing import Final

from gateway.core.call import CacheWish, Purpose
from gateway.core.events import ServedStale
from gateway.core.problems import (
    NotCached,
    OffContract,
    Unavailable,
)
from gateway.pipeline.cache.answer_cache import AnswerCache
from gateway.testing.clock import FakeClock
from tests.gateway.pipeline.harness import name_of
from tests.gateway.pipeline.scenarios.keeping import Worlds, kept, no_record, shown
from tests.gateway.pipeline.scripted import HANG, After, ScriptedUpstream, answers, fails, status

NO_CACHE: Final = CacheWish(no_cache=True)
ONLY_IF_CACHED: Final = CacheWish(only_if_cached=True)
PURPOSE: Final = Purpose("000.00.04.H58-261124-0001", "canbo.test")


async def test_scenario_13_no_such_record_is_kept_a_minute_and_a_write_forgets_it(worlds: Worlds) -> None:
    """A 404 of the register is not asked for again within 60 s, and after an order about the same subject it is."""
    world = kept(
        worlds, status(404), answers(), status(404), status(404), answers("đã cấp"),
        more={"classify": no_record}, fresh_s=3600.0,
    )  # fmt: skip
    first = await world.ask("a")
    await world.clock.advance(59)
    again = await world.ask("a")
    before = world.upstream.count
    await world.ask("a", operation="order", idempotency_key="k1")
    after_write = await world.ask("a")
    await world.clock.advance(60)
    expired = await world.ask("a")

    assert (first.value, again.value, before) == (None, None, 1)
    assert (after_write.value, expired.value, world.upstream.count) == (None, None, 4)


async def test_scenario_13_a_purge_forgets_no_such_record(worlds: Worlds) -> None:
    """After a creation event the operator (or the outbox) purges the subject, and the next caller asks the source."""
    world = kept(worlds, status(404), answers("mới lập"), more={"classify": no_record}, fresh_s=3600.0)
    await world.ask("a")
    world.caching.purge.subject("register", "a")

    assert name_of(await world.ask("a")) == "mới lập"
    assert world.upstream.count == 2


async def test_scenario_14_an_answer_off_its_contract_is_502_and_never_kept(worlds: Worlds) -> None:
    """200 with a body that can't be read or breaks the schema: 502, and the next caller asks again."""
    world = kept(worlds, status(200, {"code": "a"}), status(200, "<html>"), answers("đúng"))

    errors = [await world.error(), await world.error()]

    assert [(type(error), error.status) for error in errors] == [(OffContract, 502)] * 2
    assert len(world.caching.memory) == 0
    assert name_of(await world.ask()) == "đúng"
    assert world.upstream.count == 3


async def test_scenario_15_lives_are_jittered_so_that_no_second_holds_a_herd(worlds: Worlds) -> None:
    """10,000 answers of one second with a life of 300 s end over 30 s, no second holds 5 % of them; a seed repeats."""

    async def ends(seed: int, asked: int) -> list[float]:
        """When each of so many answers ends."""
        clock = FakeClock()
        world = worlds(
            ScriptedUpstream(clock=clock),
            operation={"fresh_s": 300.0},
            caching=AnswerCache(clock=clock, dice=random.Random(seed)),
        )
        found = []
        for number in range(asked):
            answer = await world.ask(str(number))
            assert answer.cache is not None
            found.append(clock.monotonic() + answer.cache.ttl)
            if number % 1000 == 999:
                await clock.advance(0.1)
        assert world.upstream.count == asked
        return found

    first, same, other = await ends(1, 10_000), await ends(1, 500), await ends(2, 500)

    by_second = Counter(int(end) for end in first)
    assert max(by_second.values()) < 500
    assert min(first) >= 1000 + 270
    assert max(first) <= 1001 + 300
    assert first[:500] == same
    assert first[:500] != other


async def test_scenario_16_tenants_with_different_rights_have_entries_of_their_own(worlds: Worlds) -> None:
    """A and B ask about the same person: each asks the source, and each later hits its own entry."""
    world = kept(worlds, personal=True)
    for tenant in ("A", "B", "A", "B"):
        await world.ask(caller=tenant, purpose=PURPOSE)

    assert world.upstream.count == 2
    assert len(world.caching.memory) == 2


async def test_scenario_16_what_was_cut_for_one_view_is_never_shown_to_another(worlds: Worlds) -> None:
    """Who may see personal fields and who may not share no entry, though both ask the same."""
    world = kept(worlds)
    await world.ask(view="full")
    public = await world.ask(view="public")

    assert public.freshness == "live"
    assert world.upstream.count == 2


async def test_only_if_cached_never_asks(worlds: Worlds) -> None:
    """``only-if-cached`` is answered from what is fresh, or 504 ``not-cached``, and the source hears nothing."""
    world = kept(worlds, swr_s=600.0, stale_s=600.0)
    absent = await world.error(cache=ONLY_IF_CACHED)
    await world.ask()
    hit = await world.ask(cache=ONLY_IF_CACHED)
    await world.clock.advance(61)
    old = await world.error(cache=ONLY_IF_CACHED)
    stale = await world.ask(cache=CacheWish(only_if_cached=True, max_stale=10.0))

    assert isinstance(absent, NotCached)
    assert isinstance(old, NotCached)
    assert shown(hit) == ("cached", "lgsp; hit; ttl=60")
    assert shown(stale) == ("stale", "lgsp; hit; ttl=-1")
    assert world.upstream.count == 1


async def test_no_cache_is_never_answered_stale(worlds: Worlds) -> None:
    """``no-cache`` asks the source, and gets its error where it fails, whatever is kept."""
    world = kept(worlds, answers("cũ"), fails(), stale_s=3600.0)
    await world.ask()

    assert isinstance(await world.error(cache=NO_CACHE), Unavailable)
    assert world.upstream.count == 2


async def test_max_age_asks_the_source_and_lets_the_old_stand_in(worlds: Worlds) -> None:
    """Older than ``max-age`` is asked for anew; where the source is down, RFC 5861 gives what there is, and says so."""
    world = kept(worlds, answers("cũ"), fails(), stale_s=3600.0)
    await world.ask()
    await world.clock.advance(30)
    young = await world.ask(cache=CacheWish(max_age=30.0))
    old = await world.ask(cache=CacheWish(max_age=29.0))

    assert shown(young) == ("cached", "lgsp; hit; ttl=30")
    assert shown(old) == ("stale", "lgsp; fwd=stale; detail=unreachable")
    assert world.upstream.count == 2


async def test_max_stale_is_honoured_inside_the_law_only(worlds: Worlds) -> None:
    """``max-stale`` spares the source as far as the operation lets answers be stale at all."""
    patient = CacheWish(max_stale=float("inf"))
    lawful = kept(worlds, stale_s=100.0)
    strict = kept(worlds)
    for world in (lawful, strict):
        await world.ask()
        await world.clock.advance(61)
        await world.ask(cache=patient)

    assert (lawful.upstream.count, strict.upstream.count) == (1, 2)


async def test_a_hot_entry_is_renewed_before_it_ends(worlds: Worlds) -> None:
    """In the last tenth of its life, an entry that is asked often is renewed by one call, and nobody waits for it."""
    world = kept(worlds, answers("cũ"), After(1.0, answers("mới")), fresh_s=100.0)
    for _ in range(20):
        await world.ask()
    await world.clock.advance(89)
    await world.ask()
    calm = world.upstream.count
    await world.clock.advance(2)
    eager = [await world.ask() for _ in range(20)]
    await world.clock.advance(1)

    assert calm == 1
    assert {shown(answer) for answer in eager} == {("cached", "lgsp; hit; ttl=9")}
    assert name_of(await world.ask()) == "mới"
    assert world.upstream.count == 2


async def test_a_cold_entry_is_left_to_end(worlds: Worlds) -> None:
    """An entry that hardly anybody asks for costs the source nothing before its end."""
    world = kept(worlds, fresh_s=100.0)
    await world.ask()
    await world.clock.advance(95)
    await world.ask_within(0.0)

    assert world.upstream.count == 1


async def test_near_the_end_of_its_quota_the_source_is_spared(worlds: Worlds) -> None:
    """While the day's quota is nearly spent, what may stand in does, and the source is asked for the rest only."""
    spent: list[bool] = []
    more = {"operation_parts": {"scarce": lambda: bool(spent)}}
    world = kept(worlds, stale_s=600.0, more=more)
    await world.ask("a")
    await world.clock.advance(61)
    spent.append(True)
    spared = await world.ask("a")
    await world.ask("b")

    assert shown(spared) == ("stale", "lgsp; hit; ttl=-1")
    assert world.upstream.count == 2
    assert [event.reason for event in world.of(ServedStale)] == ["quota_low"]


async def test_a_purge_reaches_what_is_under_way(worlds: Worlds) -> None:
    """An answer that was asked for before a purge is given to who waits, and not kept for the next."""
    world = kept(worlds, After(1.0, answers("trước")), answers("sau"))
    waiting = world.start()
    await world.clock.advance(0.5)
    world.caching.purge.operation("register", "record")
    await world.clock.advance(0.5)

    assert name_of(await waiting) == "trước"
    assert name_of(await world.ask()) == "sau"
    assert world.upstream.count == 2


async def test_a_question_after_a_write_joins_no_call_from_before_it(worlds: Worlds) -> None:
    """Who has written reads what was written, though an older question about the same subject is still under way."""
    world = kept(worlds, After(1.0, answers("trước")), answers(), answers("sau"))
    older = world.start("a")
    await world.clock.advance(0.5)
    await world.ask("a", operation="order", idempotency_key="k1")
    newer = await world.ask("a")
    await world.clock.advance(0.5)

    assert (name_of(newer), name_of(await older)) == ("sau", "trước")
    assert world.upstream.count == 3


async def test_renewals_end_with_the_gateway(worlds: Worlds) -> None:
    """A renewal under way is cancelled when the gateway closes, and nothing is left running."""
    world = kept(worlds, answers("cũ"), HANG, swr_s=600.0)
    await world.ask()
    await world.clock.advance(61)
    await world.ask_within(0.0)
    await world.caching.close()

    assert (len(world.caching.renewals), len(world.caching.flights), world.upstream.in_flight) == (0, 0, 0)
    assert world.upstream.count == 2
