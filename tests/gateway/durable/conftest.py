"""A store of its own for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from gateway.durable.store import Store
from tests.support import postgres


@pytest.fixture(scope="session")
def _postgres() -> None:
    if (reason := postgres.why_not()) is not None:
        pytest.skip(reason)


@pytest.fixture
async def database(_postgres: None) -> AsyncIterator[str]:
    """The address of an empty database on a real PostgreSQL."""
    async with postgres.database() as url:
        yield url


@pytest.fixture
async def store(database: str) -> AsyncIterator[Store]:
    """A store in it."""
    async with postgres.store(database) as opened:
        yield opened
