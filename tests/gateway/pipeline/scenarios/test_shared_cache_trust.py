"""Scenarios 18, 40 and 41 on a real Redis: poisoned entries, clocks that jump, secrets."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.core.call import Purpose
from gateway.pipeline.cache.invalidation import SKEW_S
from tests.gateway.pipeline.harness import name_of
from tests.gateway.pipeline.redis_server import RedisServer
from tests.gateway.pipeline.scripted import answers
from tests.gateway.pipeline.shared import Members, together

pytestmark = pytest.mark.redis


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
    (name,) = own_redis.tell("KEYS", "lgsp:2:e:*")
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
    source = next(other for other in own_redis.tell("KEYS", "lgsp:2:e:*") if other != name)
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
    own_redis.tell("SET", "lgsp:2:purges", "x")

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

    left = own_redis.tell("XRANGE", "lgsp:2:purges", "-", "+")
    held = b"".join(
        name + (own_redis.tell("GET", name) if b":e:" in name else repr(left).encode())
        for name in own_redis.tell("KEYS", "*")
    )

    assert b"lgsp:2:e:" in held
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
