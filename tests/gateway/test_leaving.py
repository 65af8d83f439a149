"""The end of a gateway: readiness first, then the ports, and every last answer says that it is the last."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import aiohttp
import orjson
import pytest

from gateway.app import Gateway, running
from gateway.core.clock import Clock
from gateway.settings import Settings
from gateway.testing.clock import FakeClock
from tests.acceptance.test_applications import CODE, PATH, body_of, purpose
from tests.support.laptop import PORTS, laptop_settings
from tests.support.national import National
from tests.support.portal import KEY
from tests.support.postgres import address


async def started(stack: AsyncExitStack, clock: Clock, seconds: float) -> Gateway:
    """A gateway that waits so long before its ports close."""
    settings = Settings.model_validate({**PORTS, "drain": {"lame_duck_s": seconds}})
    return await stack.enter_async_context(running(settings, clock=clock))


async def test_everything_is_answered_while_balancers_look_elsewhere(clock: FakeClock) -> None:
    """Not ready at once; old and new connections are answered, each for the last time; then nobody listens."""
    stack = AsyncExitStack()
    gateway = await started(stack, clock, 5)
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{gateway.url}/docs") as before:
            assert (before.status, before.headers.get("Connection")) == (200, None)
        ending = asyncio.create_task(stack.aclose())
        await clock.advance(4.9)
        async with session.get(f"{gateway.ops_url}/readyz") as ready:
            assert (ready.status, (await ready.json())["checks"]["leaving"]) == (503, "leaving")
        async with session.get(f"{gateway.ops_url}/livez") as alive:
            assert alive.status == 200
        for path in ("/docs", "/openapi.json", "/v1/nowhere"):
            async with session.get(gateway.url + path) as last:
                assert (last.status, last.headers["Connection"]) == (404 if "nowhere" in path else 200, "close")
        assert not ending.done()
        await clock.advance(0.1)
        await ending
        with pytest.raises(aiohttp.ClientConnectorError):
            await session.get(f"{gateway.url}/docs")


async def test_without_lame_duck_time_it_ends_at_once(clock: FakeClock) -> None:
    """As on a laptop, where nobody waits for a load balancer."""
    stack = AsyncExitStack()
    await started(stack, clock, 0)

    await stack.aclose()


async def test_an_order_that_came_in_is_accepted_though_the_ports_are_closed(national: National, database: str) -> None:
    """Its body is still on its way when nobody can connect any more: it is kept, and its caller gets 202."""
    code = CODE.format(1)
    body = orjson.dumps(await body_of(national, code))
    head = [f"POST {PATH} HTTP/1.1", "Host: gateway", f"Authorization: Bearer {KEY}", f"Idempotency-Key: {code}"]
    head += [f"{name}: {value}" for name, value in purpose(code).items()]
    head += ["Content-Type: application/json", f"Content-Length: {len(body)}", "", ""]
    stack = AsyncExitStack()
    settings = laptop_settings(national.url, store={"url": address(database)})
    gateway = await stack.enter_async_context(running(settings))
    port = int(gateway.url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write("\r\n".join(head).encode() + body[:100])
    await writer.drain()
    await taken(gateway)
    ending = asyncio.create_task(stack.aclose())
    async with asyncio.timeout(20):
        while True:
            try:
                _, another = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                break
            another.close()
    writer.write(body[100:])
    async with asyncio.timeout(10):
        answer = await reader.read()
    writer.close()
    await ending

    assert answer.startswith(b"HTTP/1.1 202 "), answer
    assert b"\r\nConnection: close\r\n" in answer


async def taken(gateway: Gateway) -> None:
    """Returns once the gateway has taken the connection."""
    async with aiohttp.ClientSession() as session, asyncio.timeout(10):
        while True:
            async with session.get(f"{gateway.ops_url}/metrics") as metrics:
                if 'lgsp_connections{port="public"} 1.0' in await metrics.text():
                    return
