"""Scenarios 17 and 18: what the cache holds is given to no one without a right, and told to no log."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Annotated, Final

import aiohttp
import pytest
from aiohttp import web

from gateway.api.auth import KeyGrant, Keyring
from gateway.api.dispatch import Dispatcher
from gateway.api.operations import OperationHandler
from gateway.api.replay import HitReplay
from gateway.api.request_ids import RequestStamps
from gateway.api.routes import Routes
from gateway.core.call import Purpose
from gateway.core.canonical import PERSONAL, Canonical
from gateway.core.connector import Connector, Offer
from gateway.core.operation import Operation
from gateway.observe.metrics import Metrics
from gateway.pipeline.cache.cache_key import CacheKey, KeyedHash, KeyMaker
from tests.gateway.pipeline.harness import World

Worlds = Callable[..., World]

SECRET: Final = "lgsp_a_key_of_a_test"
CITIZEN: Final = "079087000001"


def grant(*scopes: str) -> KeyGrant:
    """The rights of the one key."""
    return KeyGrant("portal", hashlib.sha256(SECRET.encode()).digest(), scopes)


@asynccontextmanager
async def door_of(world: World, keys: Keyring) -> AsyncIterator[str]:
    """The world's read behind a real door; gives its address."""
    operation = world.operations["record"]
    connector = Connector(name="register", title="Sổ đăng ký", operations=(operation,), dialects=())
    hits = world.caching.hits
    offer = Offer(connector=connector, operation=operation, upstream="ws", run=world.rings["record"], hits=hits)
    routes, replay = Routes(), HitReplay(keys, world.clock)
    routes.add("GET", offer.path, OperationHandler.of(offer, keys, world.clock, replay))
    runner = web.ServerRunner(web.Server(Dispatcher(routes, world.clock, RequestStamps(world.clock), replay)))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}/v1/register/records"
    finally:
        await runner.cleanup()


async def test_scenario_17_a_revoked_right_is_403_at_once_though_the_answer_is_cached(worlds: Worlds) -> None:
    """The next request after the right is gone is refused, though its answer lies in the cache."""
    world = worlds(operation={"fresh_s": 3600.0})
    keys = Keyring([grant("register.record")], ["register.record"])
    headers = {"Authorization": f"Bearer {SECRET}"}
    async with door_of(world, keys) as url, aiohttp.ClientSession(headers=headers) as session:

        async def status() -> int:
            """What the door says."""
            async with session.get(f"{url}/a") as answer:
                return answer.status

        before = [await status() for _ in range(4)]
        keys.replace([grant("register.other")])
        revoked = await status()
        keys.replace([])
        unknown = await status()

    assert (before, revoked, unknown) == ([200] * 4, 403, 401)
    assert world.upstream.count == 1


class CitizenQuery(Canonical):
    """Which citizen."""

    citizen_id: Annotated[str, PERSONAL]


class Citizen(Canonical):
    """A citizen."""

    citizen_id: str


CITIZENS: Final = Operation(
    name="citizen", query=CitizenQuery, answer=Citizen, path="citizens/lookup", method="POST", summary="A citizen"
)


async def test_scenario_18_a_citizen_number_in_a_key_is_shown_as_a_keyed_hash_only(worlds: Worlds) -> None:
    """Whoever prints a key, names it in a store or counts it, shows nothing of what was asked."""
    world = worlds(operation={"fresh_s": 60.0})
    call = world.call(caller="portal", purpose=Purpose("000.00.04.H58-261124-0001", "canbo.test"))
    key = KeyMaker("register", CITIZENS).of(
        type(call)(
            connector="register",
            operation=CITIZENS,
            query=CitizenQuery(citizen_id=CITIZEN),
            caller=call.caller,
            request_id="r1",
            expires_at=call.expires_at,
            trace=call.trace,
            purpose=call.purpose,
        )
    )
    one, other = KeyedHash(b"1" * 32), KeyedHash(b"2" * 32)
    names = [one.of("entry", key), other.of("entry", key)]

    assert CITIZEN.encode() in key
    assert isinstance(key, CacheKey)
    for told in (repr(key), str(key), f"{key}", f"{key!r}", repr(one), *(name.hex() for name in names)):
        assert CITIZEN not in told
    assert names[0] != names[1]
    assert world.upstream.count == 0


async def test_scenario_18_logs_and_metrics_of_a_lookup_never_name_its_subject(
    worlds: Worlds, capfd: pytest.CaptureFixture[str]
) -> None:
    """Hit, miss, stale and failed renewal of a person's record: no event, metric or log line has the number."""
    world = worlds(operation={"fresh_s": 60.0, "swr_s": 600.0, "stale_s": 600.0, "personal": True})
    purpose = Purpose("000.00.04.H58-261124-0001", "canbo.test")
    await world.ask(CITIZEN, purpose=purpose)
    await world.ask(CITIZEN, purpose=purpose)
    await world.clock.advance(100)
    await world.ask_within(0.0, CITIZEN, purpose=purpose)
    world.caching.purge.subject("register", CITIZEN)
    metrics = Metrics("test", "test")
    metrics.receive(world.events)
    told = [repr(world.events), (await asyncio.to_thread(metrics.exposition, ""))[0].decode(), *capfd.readouterr()]

    assert world.upstream.count == 2
    assert not [text for text in told if CITIZEN in text]
