"""The end of a gateway: readiness first, then the ports, and every last answer says that it is the last."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import aiohttp
import pytest

from gateway.app import Gateway, running
from gateway.core.clock import Clock
from gateway.settings import Settings
from gateway.testing.clock import FakeClock
from tests.support.laptop import PORTS


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
