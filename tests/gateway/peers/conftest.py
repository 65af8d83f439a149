"""A Redis of a test's own for gateways that count together."""

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
    folder = tmp_path / "redis"
    folder.mkdir()
    server = RedisServer(folder)
    server.start()
    yield server
    server.stop()
