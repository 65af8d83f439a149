"""Scenarios 38 to 41 on a real Redis: away, frozen, read-only, full, speaking nonsense, holding garbage."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any, Final

import pytest

from gateway.core.call import CacheWish, Purpose
from gateway.core.clock import FakeClock
from gateway.core.events import SharedCacheMoved
from gateway.pipeline.cache.invalidation import SKEW_S
from tests.gateway.pipeline.harness import name_of
from tests.gateway.pipeline.redis_server import RedisServer, until
from tests.gateway.pipeline.scripted import After, answers, fails
from tests.gateway.pipeline.shared import Member, make_member

pytestmark = pytest.mark.redis
Members = Callable[..., Member]

FAILURES: Final = 3
OPEN_S: Final = 5.0
TIMEOUT_S: Final = 0.1
NO_CACHE: Final = CacheWish(no_cache=True)


@pytest.fixture
async def members(own_redis: RedisServer, clock: FakeClock) -> AsyncIterator[Members]:
    """Gateways on the test's own Redis."""
    async with AsyncExitStack() as stack:

        def make(*deeds: Any, url: str | None = None, **more: Any) -> Member:
            """A gateway that is closed with the test."""
            made = make_member(url or own_redis.url, clock, *deeds, **more)
            stack.push_async_callback(made.close)
            return made

        yield make


async def together(*gateways: Member) -> None:
    """One turn of each gateway's background task, in this order."""
    for gateway in gateways:
        await gateway.store.turn()


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


@pytest.mark.parametrize("jump", [-3_600.0, 86_400.0])
async def test_scenario_40_jumps_of_the_wall_clock_do_not_move_what_this_process_holds(
    members: Members, jump: float
) -> None:
    """An hour back, a day ahead: an entry's life, its age and the look at Redis go on by the monotonic clock."""
    one = members()
    await together(one)
    await one.world.ask()
    clock = one.world.clock
    clock.jump_wall(jump)
    await clock.advance(59)
    hit = await one.world.ask()
    await clock.advance(1)
    await one.world.ask()

    assert (hit.freshness, hit.age, one.asked) == ("cached", 59.0, 2)


async def test_scenario_40_a_future_dated_entry_in_redis_is_dropped(members: Members) -> None:
    """A gateway whose clock was a day ahead has stored an entry: others don't trust it, delete it and ask."""
    ahead, other = members(answers("mai")), members(answers("nay"))
    await together(ahead, other)
    clock = ahead.world.clock
    clock.jump_wall(86_400)
    await ahead.world.ask()
    await together(ahead)
    clock.jump_wall(-86_400)
    found = await other.world.ask()
    await together(other)
    third = members()
    await together(third)

    assert (name_of(found), other.asked, other.used()["poisoned"]) == ("nay", 1, 1)
    assert (name_of(await third.world.ask()), third.asked) == ("nay", 0)


async def test_scenario_40_a_purge_from_the_future_forbids_nothing_for_long(members: Members) -> None:
    """A gateway whose clock is a day ahead purges: others forget what they have, and keep what they ask afterwards."""
    ahead, other, third = members(), members(answers("mới")), members()
    await together(ahead, other, third)
    clock = ahead.world.clock
    clock.jump_wall(86_400)
    ahead.world.caching.purge.everything()
    await together(ahead)
    clock.jump_wall(-86_400)
    await together(other, third)
    await clock.advance(2 * SKEW_S + 1)
    await other.world.ask()
    await together(other)

    assert name_of(await third.world.ask()) == "mới"
    assert (other.asked, third.asked) == (1, 0)


def the_entry(own_redis: RedisServer) -> bytes:
    """The name of the only entry in Redis."""
    (name,) = own_redis.tell("KEYS", "lgsp:1:e:*")
    assert isinstance(name, bytes)
    return name


def garbage(own_redis: RedisServer, name: bytes) -> None:
    """Bytes of nobody."""
    own_redis.tell("SET", name, b"\x80\x04\x95garbage" * 10)


def truncated(own_redis: RedisServer, name: bytes) -> None:
    """An entry without its end."""
    own_redis.tell("SET", name, own_redis.tell("GET", name)[:-7])


def another_version(own_redis: RedisServer, name: bytes) -> None:
    """An entry of a version that is not known yet."""
    own_redis.tell("SETRANGE", name, 4, b"\x63")


def of_another_key(own_redis: RedisServer, name: bytes) -> None:
    """A whole entry, copied from under another's name."""
    source = next(other for other in own_redis.tell("KEYS", "lgsp:1:e:*") if other != name)
    own_redis.tell("SET", name, own_redis.tell("GET", source))


@pytest.mark.parametrize("spoil", [garbage, truncated, another_version, of_another_key])
async def test_scenario_41_a_poisoned_entry_is_a_miss_deleted_and_counted(
    members: Members, own_redis: RedisServer, spoil: Callable[[RedisServer, bytes], None]
) -> None:
    """Bytes that can't be trusted are never shown: the source is asked, the bytes go, and the operator sees a count."""
    one, other = members(), members(answers("thật"))
    await together(one, other)
    await one.world.ask("a")
    await together(one)
    name = the_entry(own_redis)
    await one.world.ask("b")
    await together(one)
    spoil(own_redis, name)

    found = await other.world.ask("a")
    poisoned = own_redis.tell("GET", name)
    await together(other)

    assert (name_of(found), other.asked, other.used()["poisoned"]) == ("thật", 1, 1)
    assert own_redis.tell("GET", name) not in {None, poisoned}


async def test_scenario_41_what_is_no_string_does_not_stop_the_cache(members: Members, own_redis: RedisServer) -> None:
    """Lists where entries and text where the purges should be: replaced, and everything goes on."""
    one, other = members(), members()
    await together(one, other)
    await one.world.ask("a")
    await together(one)
    name = the_entry(own_redis)
    own_redis.tell("DEL", name)
    own_redis.tell("LPUSH", name, "x")
    own_redis.tell("SET", "lgsp:1:purges", "x")

    await other.world.ask("a")
    for _ in range(3):
        await together(other)

    assert other.asked == 1
    assert (own_redis.tell("TYPE", name), other.store.ready, other.store.waiting) == (b"string", True, 0)


async def test_scenario_18_redis_holds_no_citizen_number(members: Members, own_redis: RedisServer) -> None:
    """Names and values of everything that a lookup about a person leaves in Redis: no number, no name, no caller."""
    citizen = "079087000001"
    one = members(always=answers("Nguyễn Văn A"), operation={"personal": True})
    await together(one)
    await one.world.ask(citizen, purpose=Purpose("000.00.04.H58-261124-0001", "canbo.test"))
    one.world.caching.purge.subject("register", citizen)
    await one.world.ask(citizen, purpose=Purpose("000.00.04.H58-261124-0001", "canbo.test"))
    await together(one)

    left = own_redis.tell("XRANGE", "lgsp:1:purges", "-", "+")
    held = b"".join(
        name + (own_redis.tell("GET", name) if b":e:" in name else repr(left).encode())
        for name in own_redis.tell("KEYS", "*")
    )

    assert b"lgsp:1:e:" in held
    for secret in (citizen, "Nguyễn", "portal", "canbo.test", "register"):
        assert secret.encode() not in held
    assert one.asked == 2


async def test_a_secret_is_rotated_without_losing_entries_or_purges(members: Members) -> None:
    """Gateways with the old secret, both, and the new one work side by side while the change is rolled out."""
    old_key, new_key = "o" * 32, "n" * 32
    old = members(answers("cũ"), answers("mới"), key=old_key)
    both = members(key=new_key, previous_keys=[old_key])
    await together(old, both)
    await old.world.ask("a")
    await together(old)
    found = await both.world.ask("a")
    both.world.caching.purge.subject("register", "a")
    await together(both, old)

    assert (name_of(found), both.asked) == ("cũ", 0)
    assert name_of(await old.world.ask("a")) == "mới"
    new = members(key=new_key)
    await both.world.ask("b")
    await together(both, new)
    assert ((await new.world.ask("b")).freshness, new.asked) == ("cached", 0)


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
