"""A store of its own for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from gateway.durable.store import Store
from tests.support import postgres


@pytest.fixture
async def store(database: str) -> AsyncIterator[Store]:
    """A store in *database*."""
    async with postgres.store(database) as opened:
        yield opened
