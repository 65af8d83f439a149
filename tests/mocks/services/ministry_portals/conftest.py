"""The ministries alone, today, on a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

from mocks.engine.country import Country
from mocks.engine.server import listening
from mocks.services.ministry_portals import open_service
from tests.mocks.services.ministry_portals.support import Ministries


@pytest.fixture
async def ministries() -> AsyncIterator[Ministries]:
    """As they start; a session with the one that wants it."""
    country = await asyncio.to_thread(lambda: Country(services=[open_service]))
    async with listening(country) as url, aiohttp.ClientSession() as session:
        asker = Ministries(url, country, session)
        await asker.log_in()
        yield asker
