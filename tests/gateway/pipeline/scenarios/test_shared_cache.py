"""Scenarios 38 and 39 on a real Redis: away, frozen, read-only, full, speaking nonsense, come back empty."""

from __future__ import annotations

import asyncio
from typing import Final

import pytest

from gateway.core.call import CacheWish
from gateway.core.events import SharedCacheMoved
from gateway.pipeline.cache.cache_key import KeyMaker
from tests.gateway.pipeline.harness import name_of
from tests.gateway.pipeline.redis_server import RedisServer, until
from tests.gateway.pipeline.scripted import After, answers, fails
from tests.gateway.pipeline.shared import Members, together

pytestmark = pytest.mark.redis

FAILURES: Final = 3
OPEN_S: Final = 5.0
TIMEOUT_S: Final = 0.05
NO_CACHE: Final = CacheWish(no_cache=True)


async def test_gateways_share_what_one_of_them_has_asked(members: Members) -> None:
    """A cold gateway finds what another has stored, with the age that it has there, and asks nobody."""
    one, other = members(answers("một")), members()
    await together(one, other)
    await one.world.ask()
    await together(one)
    await one.world.clock.advance(20)

    found = await other.world.ask()
    again = await other.world.ask()

    assert (name_of(found), found.freshness, round(found.age)) == ("một", "cached", 20)
    assert (one.asked, other.asked) == (1, 0)
    assert other.used()["hit"] == 1
    assert again.value == found.value


async def test_five_hundred_cold_questions_ask_redis_once(members: Members) -> None:
    """Equal questions share the look into the second level too."""
    one = members(After(1.0, answers()))
    await together(one)
    tasks = [one.world.start() for _ in range(500)]
    await until(lambda: one.asked == 1)
    await one.world.clock.advance(1.0)
    await asyncio.gather(*tasks)

    assert (one.asked, one.used()["miss"]) == (1, 1)


async def test_one_renewal_serves_all_gateways(members: Members) -> None:
    """Each gateway renews behind its callers' backs, and only the first of them asks the source."""
    law = {"swr_s": 600.0}
    one, other = members(answers("cũ"), answers("mới"), operation=law), members(operation=law)
    await together(one, other)
    await one.world.ask()
    await together(one)
    await other.world.ask()
    await one.world.clock.advance(100)

    stale = await one.world.ask()
    await until(lambda: one.asked == 2)
    await together(one)
    stale_too = await other.world.ask()
    await until(lambda: other.used()["hit"] == 2)
    await other.world.clock.advance(0)
    renewed = await other.world.ask()

    assert (name_of(stale), name_of(stale_too), name_of(renewed)) == ("cũ", "cũ", "mới")
    assert (one.asked, other.asked) == (2, 0)


async def test_a_cold_gateway_stands_in_with_what_another_has_stored(members: Members) -> None:
    """The source is down and this gateway has just started: an old answer of another's stands in."""
    law = {"stale_s": 3600.0}
    one, other = members(answers("cũ"), operation=law), members(always=fails(), operation=law)
    await together(one, other)
    await one.world.ask()
    await together(one)
    await one.world.clock.advance(100)

    found = await other.world.ask()

    assert (name_of(found), found.freshness, other.asked) == ("cũ", "stale", 1)


async def test_scenario_38_redis_refused(members: Members, own_redis: RedisServer) -> None:
    """Redis stops: L1 serves, three tries open its breaker, none fails; on its return what waits is replayed."""
    one = members()
    await together(one)
    await one.world.ask("warm")
    await together(one)
    own_redis.stop()

    found = [await one.world.ask(code) for code in ("warm", "a", "b", "c", "d", "e")]

    assert [answer.freshness for answer in found] == ["cached", *["live"] * 5]
    assert (one.asked, one.used()["failed"], one.store.ready) == (6, FAILURES, False)
    own_redis.start()
    other = members()
    await one.world.clock.advance(OPEN_S)
    await together(one, other)
    replayed = [await other.world.ask(code) for code in "abcde"]
    assert ([answer.freshness for answer in replayed], other.asked) == (["cached"] * 5, 0)
    assert [event.up for event in one.shared_events if isinstance(event, SharedCacheMoved)] == [True, False, True]


async def test_scenario_38_redis_black_holed(members: Members, own_redis: RedisServer) -> None:
    """Redis answers nothing: three questions wait a tenth of a second each, and after them no question waits at all."""
    one = members()
    await together(one)
    await one.world.ask("warm")
    own_redis.freeze()

    for code in "abc":
        task = one.world.start(code)
        await until(lambda: len(one.store._reads) == 1)
        await one.world.clock.advance(TIMEOUT_S)
        assert task.done()
    after = [await one.world.ask(code) for code in ("warm", "d", "e")]

    assert [answer.freshness for answer in after] == ["cached", "live", "live"]
    assert (one.asked, one.used()["failed"], one.store.ready) == (6, FAILURES, False)
    own_redis.thaw()
    await one.world.clock.advance(OPEN_S)
    await together(one)
    assert (one.store.ready, one.store.waiting) == (True, 0)


async def test_scenario_38_a_hundred_questions_at_once_wait_for_a_black_hole_once(
    members: Members, own_redis: RedisServer
) -> None:
    """However many ask while it freezes, all are answered after one tenth of a second, and then none waits."""
    one = members()
    await together(one)
    own_redis.freeze()
    tasks = [one.world.start(str(number)) for number in range(100)]
    await until(lambda: len(one.store._reads) == 100)

    await one.world.clock.advance(TIMEOUT_S)

    assert all(task.done() and not task.exception() for task in tasks)
    assert (one.asked, one.store.ready) == (100, False)
    assert (await one.world.ask("one more")).freshness == "live"


async def test_scenario_38_redis_read_only(members: Members, own_redis: RedisServer) -> None:
    """A replica takes no writes: what is there is still read, what is new waits, and is told when that is over."""
    one, other = members(), members()
    await together(one, other)
    await one.world.ask("before")
    await together(one)
    own_redis.tell("REPLICAOF", "127.0.0.1", "1")

    await one.world.ask("meanwhile")
    await together(one)

    assert (one.store.ready, one.store.waiting) == (True, 1)
    assert (await other.world.ask("before")).freshness == "cached"
    own_redis.tell("REPLICAOF", "NO", "ONE")
    await together(one)
    assert one.store.waiting == 1
    await one.world.clock.advance(OPEN_S)
    await together(one)
    assert (one.store.waiting, (await other.world.ask("meanwhile")).freshness) == (0, "cached")
    assert (one.asked, other.asked) == (2, 0)


async def test_scenario_38_redis_full(members: Members, own_redis: RedisServer) -> None:
    """A Redis without memory refuses writes: they wait, bounded; answers and reads go on."""
    one = members()
    await together(one)
    own_redis.tell("CONFIG", "SET", "maxmemory", "1")

    found = [await one.world.ask(code) for code in "abc"]
    await together(one)
    refused = one.used()["failed"]
    own_redis.tell("CONFIG", "SET", "maxmemory", "0")
    await one.world.clock.advance(OPEN_S)
    await together(one)

    assert [answer.freshness for answer in found] == ["live"] * 3
    assert (one.asked, refused, one.store.ready, one.store.waiting) == (3, 1, True, 0)
    assert one.used()["written"] == 3


async def test_scenario_38_something_that_is_no_redis(members: Members) -> None:
    """What listens at the address speaks another protocol: it is passed over after three tries, and answers go on."""

    async def nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Speaks HTTP to whoever connects."""
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n<html>\r\n")
        writer.close()

    server = await asyncio.start_server(nonsense, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        one = members(url=f"redis://127.0.0.1:{port}/0")
        for _ in range(FAILURES):
            await together(one)
        found = await one.world.ask()

    assert (found.freshness, one.store.ready, one.used()["failed"], one.asked) == ("live", False, FAILURES, 1)


async def test_scenario_38_replay_lets_the_newest_win(members: Members, own_redis: RedisServer) -> None:
    """A gateway that was cut off replays its older answer after another has stored a newer one: the newer stays."""
    cut_off, other, third = members(answers("cũ")), members(answers("mới")), members()
    await together(cut_off, other, third)
    own_redis.tell("CONFIG", "SET", "maxmemory", "1")
    await cut_off.world.ask()
    await together(cut_off)
    own_redis.tell("CONFIG", "SET", "maxmemory", "0")
    await other.world.clock.advance(1)
    await other.world.ask(cache=NO_CACHE)
    await together(other)
    await cut_off.world.clock.advance(OPEN_S)
    await together(cut_off)

    found = await third.world.ask()

    assert (name_of(found), third.asked) == ("mới", 0)
    assert cut_off.used()["outdated"] == 1


async def test_scenario_38_what_was_purged_meanwhile_is_not_resurrected(
    members: Members, own_redis: RedisServer
) -> None:
    """A write that waits is given up when its subject is purged before it can be told."""
    one, other = members(answers("cũ")), members(answers("mới"))
    await together(one, other)
    own_redis.tell("CONFIG", "SET", "maxmemory", "1")
    await one.world.ask()
    one.world.caching.purge.subject("register", "a")
    own_redis.tell("CONFIG", "SET", "maxmemory", "0")
    await together(one, other)

    assert name_of(await other.world.ask()) == "mới"
    assert one.used()["written"] == 0


async def test_scenario_39_a_purge_during_an_outage_reaches_the_others_when_it_is_over(
    members: Members, own_redis: RedisServer
) -> None:
    """While Redis is frozen one gateway purges a subject. When it is back, the other serves its copy no more, nor the
    copy that Redis still has; other subjects stay.
    """
    one = members(answers("cũ"), answers(), answers("mới"))
    other = members(always=answers("mới"))
    await together(one, other)
    for code in "ab":
        await one.world.ask(code)
    await together(one)
    for code in "ab":
        await other.world.ask(code)
    own_redis.freeze()
    one.world.caching.purge.subject("register", "a")
    for gateway in (one, other):
        for _ in range(FAILURES):
            turn = asyncio.create_task(gateway.store.turn())
            await asyncio.sleep(0)
            await one.world.clock.advance(TIMEOUT_S)
            await turn
    during = name_of(await other.world.ask("a"))
    own_redis.thaw()
    await one.world.clock.advance(OPEN_S)
    await together(one, other)

    after, kept = await other.world.ask("a"), await other.world.ask("b")

    assert (during, name_of(after), kept.freshness) == ("cũ", "mới", "cached")
    assert (one.asked, other.asked) == (2, 1)
    assert name_of(await one.world.ask("a")) == "mới"


async def test_scenario_39_who_can_not_know_what_it_missed_forgets_everything(
    members: Members, own_redis: RedisServer
) -> None:
    """Redis came back empty: purges told meanwhile are lost with it, so every gateway asks anew."""
    one, other = members(answers("cũ")), members(answers("cũ"), answers("mới"))
    await together(one, other)
    one.world.caching.purge.subject("register", "x")
    await together(one, other)
    await other.world.ask()
    own_redis.tell("FLUSHALL")
    await together(other)

    assert name_of(await other.world.ask()) == "mới"
    assert other.asked == 2


async def test_scenario_39_a_new_gateway_hears_of_purges_from_before_its_start(members: Members) -> None:
    """What was purged is not served from Redis to a gateway that was not there when it was."""
    one = members(answers("cũ"))
    await together(one)
    await one.world.ask()
    await together(one)
    one.world.caching.purge.connector("register")
    await together(one)
    late = members(answers("mới"))
    await together(late)

    assert name_of(await late.world.ask()) == "mới"
    assert late.asked == 1


async def test_the_background_task_does_its_turns_and_ends(members: Members) -> None:
    """Opened, a gateway finds Redis by itself, writes behind the callers' backs, and closes with nothing left over."""
    one, other = members(), members()
    await one.world.caching.open()
    await until(lambda: one.store.ready)
    await one.world.ask()
    await until(lambda: one.store.waiting == 0)
    await together(other)

    assert ((await other.world.ask()).freshness, other.asked) == ("cached", 0)
    await one.world.ask("last words")
    await one.world.caching.close()
    assert ((await other.world.ask("last words")).freshness, other.asked) == ("cached", 0)


async def test_what_a_caller_had_renewed_is_renewed_at_all_gateways(members: Members) -> None:
    """A gateway that holds the older answer, and replays it, gives the newer one after its next turn, and asks nobody;
    what it renewed itself is left alone.
    """
    one, other = members(answers("cũ"), answers("mới")), members(answers("riêng"))
    await together(one, other)
    await one.world.ask()
    await together(one)
    assert [name_of(await other.world.ask()) for _ in range(3)] == ["cũ"] * 3
    await one.world.clock.advance(20)

    renewed = await one.world.ask(cache=NO_CACHE)
    await together(one, other)
    found = [await other.world.ask() for _ in range(2)]
    await together(other, one, other)

    assert name_of(renewed) == "mới"
    assert [(name_of(one), round(one.age)) for one in found] == [("mới", 0)] * 2
    assert [name_of(await gateway.world.ask()) for gateway in (one, other)] == ["mới"] * 2
    assert (one.asked, other.asked) == (2, 0)


async def test_renewals_during_an_outage_are_told_after_it(members: Members, own_redis: RedisServer) -> None:
    """Nobody is told while Redis is away; when it is back, what was held before is not given again."""
    one, other = members(answers("cũ"), answers("mới")), members(always=answers("từ nguồn"))
    await together(one, other)
    await one.world.ask()
    await together(one)
    await other.world.ask()
    own_redis.stop()
    await one.world.clock.advance(20)
    await one.world.ask(cache=NO_CACHE)
    await one.store.turn()
    assert name_of(await other.world.ask()) == "cũ"
    own_redis.start()
    for _ in range(FAILURES + 1):
        await one.world.clock.advance(OPEN_S)
        await together(one, other)

    assert name_of(await other.world.ask()) in {"mới", "từ nguồn"}


async def test_an_older_answer_of_the_second_level_is_not_taken_after_a_renewal(members: Members) -> None:
    """The news came before the new answer could be written: the source is asked."""
    one, other = members(answers("cũ")), members(answers("từ nguồn"))
    await together(one, other)
    await one.world.ask()
    await together(one)
    await other.world.ask()
    await one.world.clock.advance(20)
    key = KeyMaker("register", one.world.operations["record"]).of(one.world.call())
    one.store.renewed(key, one.world.clock.now().timestamp())
    await together(one, other)

    assert name_of(await other.world.ask()) == "từ nguồn"
    assert other.asked == 1
