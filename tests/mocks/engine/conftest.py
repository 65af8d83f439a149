"""A country that has the toy system alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from mocks.engine.country import Country
from mocks.engine.server import listening
from tests.mocks.engine.toy import Toy, open_toy


@pytest.fixture
def contracts(tmp_path: Path) -> Path:
    """A contracts folder for the toy system."""
    folder = tmp_path / "toy"
    (folder / "credentials").mkdir(parents=True)
    (folder / "credentials" / "access_key").write_text("key\n")
    (folder / "credentials" / "secret_key").write_text("secret\n")
    (folder / "openapi.yaml").write_text("openapi: 3.1.0\ninfo: {title: toy, version: '1'}\npaths: {}\n")
    (folder / "service.wsdl").write_text('<definitions xmlns="http://schemas.xmlsoap.org/wsdl/"/>')
    (folder / "types.xsd").write_text('<schema xmlns="http://www.w3.org/2001/XMLSchema"/>')
    return tmp_path


@pytest.fixture
async def toy(contracts: Path) -> AsyncIterator[Toy]:
    """The toy system, listening, with a token; waits are noted and take no time."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await asyncio.sleep(0)

    country = await asyncio.to_thread(Country, services=[open_toy], contracts=contracts, sleep=sleep)
    async with listening(country) as url, aiohttp.ClientSession(auto_decompress=False) as session:
        found = Toy(url, country, session, slept)
        await found.log_in()
        country.journal.reset()
        yield found
