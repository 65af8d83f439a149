"""Scenarios 1, 8, 10, 12 and 38 from end to end: a gateway as on a laptop, the mock country, a real Redis.

Time is the test's own; what the national systems were asked is read from the mock country's journal.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Final
from uuid import uuid4

import aiohttp
import pytest

from gateway.testing.clock import FakeClock
from tests.gateway.pipeline.redis_server import RedisServer
from tests.support.laptop import PLAIN, laptop_settings, serving_portal
from tests.support.national import National
from tests.support.portal import Answered, Portal

ENTERPRISE: Final = "business_registry.enterprise"
APPLICATION: Final = "criminal_records.application"
SECRET: Final = "the secret that two gateways of a test share"
LAW: Final = {
    "business_registry": {"operations": {"enterprise": {"fresh_s": 60, "swr_s": 0, "stale_s": 3600}}},
    "criminal_records": {"operations": {"application": {"fresh_s": 60}}},
}

Serve = Callable[..., AbstractAsyncContextManager[Portal]]


@pytest.fixture
def serve(national: National, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Serve:
    """Starts a gateway beside *national*; *redis* is the address of what it shares with others."""
    monkeypatch.setenv("SHARED_CACHE_KEY", SECRET)

    @asynccontextmanager
    async def start(
        law: Mapping[str, Any] = LAW, *, redis: str | None = None, prefix: str = "lgsp"
    ) -> AsyncIterator[Portal]:
        """A gateway, for as long as it is needed."""
        shared = {"url": redis, "key": "env:SHARED_CACHE_KEY", "prefix": prefix} if redis else None
        settings = laptop_settings(national.url, upstreams=PLAIN, cache={"jitter": 0, "redis": shared})
        connectors = {
            name: block.model_copy(update={"operations": {**block.operations, **operations_of(law, name, settings)}})
            for name, block in settings.connectors.items()
        }
        async with serving_portal(settings.model_copy(update={"connectors": connectors}), clock) as portal:
            yield portal

    return start


def operations_of(law: Mapping[str, Any], name: str, settings: Any) -> dict[str, Any]:
    """The operation settings that *law* changes, validated as configuration."""
    block = type(settings.connectors[name]).model_validate({"upstreams": {"x": {}}, **law.get(name, {})})
    return dict(block.operations)


async def metric(portal: Portal, line: str) -> float:
    """The value of one series of the gateway's metrics; 0 where it is not there yet."""
    async with aiohttp.ClientSession() as session, session.get(f"{portal.gateway.ops_url}/metrics") as answer:
        text = await answer.text()
    return next((float(row.rpartition(" ")[2]) for row in text.splitlines() if row.startswith(line)), 0.0)


async def reached(portal: Portal, line: str) -> None:
    """Returns when the series is above 0."""
    async with asyncio.timeout(10):
        while True:
            if await metric(portal, line):
                return
            await asyncio.sleep(0.005)


async def all_down(national: National, *systems: str) -> None:
    """Every call of *systems* is answered with 503."""
    faults = [{"system": name, "operation": "*", "fault": {"kind": "status", "status": 503}} for name in systems]
    async with national.session.put(f"{national.url}/__mock/faults", json={"faults": faults}) as answer:
        assert answer.status == 200, await answer.text()


def told(answer: Answered) -> tuple[int, str, str]:
    """Status, ``meta.freshness`` and ``Cache-Status``."""
    return answer.status, answer.json["meta"]["freshness"], answer.headers["Cache-Status"]


async def test_scenario_01_a_hundred_cold_questions_are_one_arrival(serve: Serve, national: National) -> None:
    """A hundred portal requests for the same enterprise reach the registry once."""
    sample = (await national.samples(ENTERPRISE))[0]
    await national.fault("business_registry", "latency", seconds=0.05)
    async with serve() as portal:
        found = await asyncio.gather(*(portal.look_up(ENTERPRISE, sample) for _ in range(100)))

    assert {answer.status for answer in found} == {200}
    assert len({answer.body.split(b'"meta"')[0] for answer in found}) == 1
    assert await national.arrivals("business_registry") == ["chiTietDoanhNghiep"]
    assert sum("collapsed" in answer.headers["Cache-Status"] for answer in found) > 0


async def test_scenario_08_stale_while_one_renewal_runs(serve: Serve, national: National, clock: FakeClock) -> None:
    """Past its life an enterprise is shown at once as it was, and the registry is asked once more."""
    law = {"business_registry": {"operations": {"enterprise": {"fresh_s": 60, "swr_s": 600}}}}
    sample = (await national.samples(ENTERPRISE))[0]
    async with serve(law) as portal:
        await portal.look_up(ENTERPRISE, sample)
        await clock.advance(72)
        await national.fault("business_registry", "latency", seconds=0.05)
        stale = await asyncio.gather(*(portal.look_up(ENTERPRISE, sample) for _ in range(10)))
        count = 'lgsp_cache_refreshes_total{connector="business_registry",operation="enterprise",outcome="ok"}'
        await reached(portal, count)
        renewed = await portal.look_up(ENTERPRISE, sample)

    assert {told(answer) for answer in stale} == {(200, "stale", "lgsp; hit; ttl=-12")}
    assert {answer.headers["Age"] for answer in stale} == {"72"}
    assert told(renewed) == (200, "cached", "lgsp; hit; ttl=60")
    assert await national.arrivals("business_registry") == ["chiTietDoanhNghiep"] * 2


async def test_scenario_10_and_12_an_old_enterprise_stands_in_and_an_old_criminal_record_never(
    serve: Serve, national: National, clock: FakeClock
) -> None:
    """Both systems are down, both were asked before: the enterprise is shown as stale, the application is 503."""
    enterprise, application = [(await national.samples(operation))[0] for operation in (ENTERPRISE, APPLICATION)]
    async with serve() as portal:
        for operation, sample in ((ENTERPRISE, enterprise), (APPLICATION, application)):
            assert (await portal.look_up(operation, sample)).status == 200
        await clock.advance(100)
        await all_down(national, "business_registry", "criminal_records")
        stale = await portal.look_up(ENTERPRISE, enterprise)
        down = await portal.look_up(APPLICATION, application)
        impatient = await portal.look_up(APPLICATION, application, {"Cache-Control": "max-stale"})
        reason = 'lgsp_stale_served_total{connector="business_registry",operation="enterprise",reason="upstream_error"}'
        counted = await metric(portal, reason)

    assert told(stale) == (200, "stale", "lgsp; fwd=stale; fwd-status=503")
    assert (stale.headers["Age"], stale.json["meta"]["age_seconds"], counted) == ("100", 100, 1)
    for refused in (down, impatient):
        assert refused.verdict == (503, "upstream-unavailable")
        assert int(refused.headers["Retry-After"]) > 0
    assert await national.arrivals("business_registry") == ["chiTietDoanhNghiep"] * 2


@pytest.mark.redis
async def test_scenario_38_redis_stops_and_no_portal_request_fails(
    serve: Serve, national: National, own_redis: RedisServer, clock: FakeClock
) -> None:
    """Redis goes away under a running gateway: known answers are hits, new ones are live, nothing is 5xx."""
    samples = await national.samples(ENTERPRISE)
    up = "lgsp_shared_cache_up"
    async with serve(redis=own_redis.url) as portal:
        await reached(portal, up)
        first = await portal.look_up(ENTERPRISE, samples[0])
        own_redis.stop()
        found = [await portal.look_up(ENTERPRISE, sample) for sample in samples[:5]]
        down = await metric(portal, up)

    assert told(first)[1] == "live"
    assert [told(answer)[:2] for answer in found] == [(200, "cached"), *[(200, "live")] * 4]
    assert down == 0
    assert await national.arrivals("business_registry") == ["chiTietDoanhNghiep"] * 5


@pytest.mark.redis
async def test_two_gateways_ask_once(serve: Serve, national: National, redis_url: str) -> None:
    """What one gateway has asked, the other answers from the Redis that they share, with the age that it has."""
    sample = (await national.samples(ENTERPRISE))[0]
    prefix = f"test-{uuid4().hex[:12]}"
    written = 'lgsp_shared_cache_total{result="written"}'
    async with serve(redis=redis_url, prefix=prefix) as one, serve(redis=redis_url, prefix=prefix) as other:
        for portal in (one, other):
            await reached(portal, "lgsp_shared_cache_up")
        live = await one.look_up(ENTERPRISE, sample)
        await reached(one, written)
        shared = await other.look_up(ENTERPRISE, sample)

    assert (told(live)[1], told(shared)[1]) == ("live", "cached")
    assert live.json["data"] == shared.json["data"]
    assert live.headers["ETag"] == shared.headers["ETag"]
    assert await national.arrivals("business_registry") == ["chiTietDoanhNghiep"]
