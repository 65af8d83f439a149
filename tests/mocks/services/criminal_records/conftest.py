"""The criminal records system alone, on Monday 5 October 2026 at 10:00, on a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime

import aiohttp
import pytest

from mocks.engine.clock import HANOI
from mocks.engine.country import Country
from mocks.engine.server import listening
from mocks.services.criminal_records import open_service
from tests.mocks.services.criminal_records.support import System

MONDAY = datetime(2026, 10, 5, 10, 0, tzinfo=HANOI)


def _country() -> Country:
    """Reads files, so it is made in a thread."""
    return Country(services=[open_service], wall=lambda: MONDAY)


@pytest.fixture
async def system() -> AsyncIterator[System]:
    """The system as it starts."""
    country = await asyncio.to_thread(_country)
    async with listening(country) as url, aiohttp.ClientSession() as session:
        yield System(url, country, session)


@pytest.fixture
async def real_system() -> AsyncIterator[System]:
    """The system today, for clients that bring clocks of their own."""
    country = await asyncio.to_thread(lambda: Country(services=[open_service]))
    async with listening(country) as url, aiohttp.ClientSession() as session:
        yield System(url, country, session)
