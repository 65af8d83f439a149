"""Gateways of the scenarios, which share the test's own Redis."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from gateway.testing.clock import FakeClock
from tests.gateway.pipeline.redis_server import RedisServer
from tests.gateway.pipeline.shared import Member, Members, make_member


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
