"""The adapter of a security server in front of the systems, as code of provinces meets it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from mocks.engine.country import Country
from mocks.engine.server import listening
from mocks.engine.xrd_adapter import AdapterError, read_address
from mocks.engine.xroad import Directory, Provider

PORTAL = "VN:GOV:000.00.00.G22:vpcpdvcprovider"
FORWARD = "/XrdAdapter/RestService/forward"
DIRECTORY = Directory({}, {}, {PORTAL: Provider("public_service_portal")})


@pytest.fixture
async def at() -> AsyncIterator[tuple[str, Country, aiohttp.ClientSession]]:
    """The whole country."""
    country = await asyncio.to_thread(Country)
    async with listening(country) as url, aiohttp.ClientSession() as session:
        yield url, country, session


@pytest.mark.parametrize("name", ["XrdAdapter", "VXPAdapter"])
async def test_message_reaches_the_system_of_its_code(
    name: str, at: tuple[str, Country, aiohttp.ClientSession]
) -> None:
    """Path, body and the rest of the query, under both names of the adapter; its own parameters are taken off."""
    url, country, session = at
    query = {"dstcode": PORTAL, "a": "1 2"}
    async with session.post(
        f"{url}/{name}/RestService/forward/mapi/login", params=query, json={"username": "x"}
    ) as told:
        direct = await session.post(f"{url}/public-service-portal/mapi/login", json={"username": "x"})
        assert (told.status, await told.read()) == (direct.status, await direct.read())
    (first, _) = country.journal.entries(system="public_service_portal")
    assert first.path == "/public-service-portal/mapi/login"


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"dstcode": "VN:GOV:khong:co"},
        {"dstcode": PORTAL, "providerurl": "ftp://x"},
    ],
)
async def test_adapter_refuses_without_saying_whose_fault(
    query: dict[str, str], at: tuple[str, Country, aiohttp.ClientSession]
) -> None:
    """HTTP 500 with an error_code [S]; the journal names the rule, and no system was asked."""
    url, _, session = at
    async with session.post(f"{url}{FORWARD}/mapi/login", params=query, json={}) as told:
        assert told.status == 500
        assert (await told.json())["error_code"] == "-1"
        assert not [name for name in told.headers if name.startswith("X-Road")]
    async with session.get(f"{url}/__mock/journal") as answer:
        [entry] = (await answer.json())["entries"]
    assert entry["system"] == "xrdadapter"
    assert entry["breaches"]


async def test_every_code_of_the_directory_is_a_system(at: tuple[str, Country, aiohttp.ClientSession]) -> None:
    """Nothing is promised that is not there."""
    _, country, _ = at

    assert PORTAL in country.directory.codes
    assert {provider.system for provider in country.directory.codes.values()} <= set(country.services)


def test_path_of_providerurl_goes_first() -> None:
    """[S]; and the parameters of the adapter do not go on."""
    url = URL(
        f"http://ss{FORWARD}/a%2Fb/c?x=1%202&dstcode={PORTAL}&providerurl=https://dvc.example/base/&y=", encoded=True
    )
    found = read_address(url, DIRECTORY)

    assert (found.path, found.query) == ("/base/a%2Fb/c", "x=1%202&y=")


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_address_is_read_or_refused(path: str, provider: str) -> None:
    """Never anything but an AdapterError."""
    url = (
        URL(f"http://ss{FORWARD}/")
        .joinpath(path.replace("/", "") or "x")
        .with_query({"dstcode": PORTAL, "providerurl": provider})
    )
    with contextlib.suppress(AdapterError):
        assert read_address(url, DIRECTORY).path.startswith("/")
