"""A Redis for the scenarios, one of each test's own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gateway.pipeline.redis_server import RedisServer


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A running Redis that the test may ill-treat; skipped where there is no ``redis-server``."""
    if shutil.which("redis-server") is None:
        pytest.skip("no redis-server on PATH; install it (Debian: redis-server)")
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.stop()
