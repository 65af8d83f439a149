"""A Redis for the scenarios, one of each test's own, and gateways that share it."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from gateway.testing.clock import FakeClock
from tests.gateway.pipeline.redis_server import RedisServer
from tests.gateway.pipeline.shared import Member, Members, make_member


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A running Redis that the test may ill-treat; skipped where there is no ``redis-server``."""
    if shutil.which("redis-server") is None:
        pytest.skip("no redis-server on PATH; install it (Debian: redis-server)")
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.stop()


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
