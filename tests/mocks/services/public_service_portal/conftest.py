"""The national portal alone, on a real socket, and somebody who speaks its tongue."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime

import aiohttp
import pytest

from mocks.engine.clock import HANOI
from mocks.engine.country import Country
from mocks.engine.server import listening
from mocks.services.public_service_portal import open_service
from tests.mocks.services.public_service_portal.support import Portal

MONDAY = datetime(2026, 10, 5, 10, 0, tzinfo=HANOI)


@pytest.fixture
def seconds() -> list[float]:
    """Real seconds since the start, in a list so that a test can move them."""
    return [0.0]


@pytest.fixture
async def portal(seconds: list[float]) -> AsyncIterator[Portal]:
    """The portal as it starts, with a session."""

    def made() -> Country:
        return Country(services=[open_service], wall=lambda: MONDAY, monotonic=lambda: seconds[0])

    country = await asyncio.to_thread(made)
    async with listening(country) as url, aiohttp.ClientSession() as session:
        asker = Portal(url, country, session)
        await asker.log_in()
        yield asker
