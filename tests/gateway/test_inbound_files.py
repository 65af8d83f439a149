"""The way to the files of pushed messages: through the ring of the upstream whose dialect gives them."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Final

import pytest

from gateway.adapters.in_flight import InFlight
from gateway.core.canonical import Content, Wire
from gateway.core.clock import SystemClock
from gateway.core.connector import Binding
from gateway.core.events import silence
from gateway.core.inbound import FETCH_FILE, FileAddress
from gateway.core.message import Rest
from gateway.core.problems import Failing
from gateway.core.upstream import Upstream
from gateway.durable.inbox_files import FileWay
from gateway.inbound import file_ways
from gateway.pipeline.upstream.daily_quota import MemoryDays
from gateway.registry import plan
from gateway.upstreams import CONTRACTS, WayMaker
from tests.support.laptop import PLAIN, laptop_settings
from tests.support.national import National

SYSTEM: Final = "public_service_portal"
NO_SUCH_FILE: Final = 12


class Session(Wire):
    """The portal's answer to a login."""

    session: str


class File(Wire):
    """A file in Base64."""

    TenTepDinhKem: str
    Base64: str


class Given(Wire):
    """The portal's answer to ``getfile``."""

    error_code: int
    result: File | None = None


def giving(username: str, password: str) -> Binding:
    """How a dialect of the portal gives files: a login, then the file; one code says that there is none."""

    async def get_file(query: FileAddress, up: Upstream[Any]) -> Content | None:
        account = {"username": username, "password": password}
        login = await up.ask(Rest(name="login", path="auth", json=account), Session)
        assert login is not None
        asked = {"madonvi": "000.00.04.H58", "service": "getfile", "DuongDan": query.address}
        given = await up.ask(Rest(name="getfile", path="integration", json={"session": login.session, **asked}), Given)
        if given is None or given.error_code == NO_SUCH_FILE or given.result is None:
            return None
        content = base64.b64decode(given.result.Base64)

        async def chunks() -> AsyncIterator[bytes]:
            yield content

        return Content("application/pdf", given.result.TenTepDinhKem, chunks(), body=content)

    return Binding(FETCH_FILE, get_file)


@asynccontextmanager
async def ways(national: National) -> AsyncIterator[dict[str, FileWay]]:
    """The ways of a gateway whose upstream is the mock portal."""
    settings, clock = laptop_settings(national.url, upstreams=PLAIN), SystemClock()
    planned = await asyncio.to_thread(plan, settings)
    [other] = [up for up in planned.upstreams if (up.connector, up.name) == ("legal_documents", "gateway")]
    credential = national.country.world.credential
    dialect = replace(
        other.dialect,
        login=None,
        classify=lambda _exchange, _reply: None,
        inbound_file=giving(credential(SYSTEM, "username"), credential(SYSTEM, "password")),
    )
    url = f"{national.url}/public-service-portal"
    up = replace(
        other,
        connector=SYSTEM,
        dialect=dialect,
        settings=other.settings.model_copy(update={"url": url, "api_key": None}),
    )
    with_portal = replace(planned, upstreams=(up,), operations=())
    opened = await WayMaker(InFlight(), MemoryDays(), clock, silence, silence).open(with_portal, CONTRACTS)
    try:
        yield file_ways(with_portal, opened.rings, clock)
    finally:
        await opened.close()


async def test_a_file_comes_through_the_ring(national: National) -> None:
    """The bytes that the mock portal keeps at the address; None where it has none; and a failure is the source's."""
    make = national.country.services[SYSTEM].pushes["dossier"]
    wish = national.wish(system=SYSTEM, kind="dossier", to="http://127.0.0.1:9/x", files="address")
    address = make(wish).body["TaiLieuNop"][0]["DuongDan"]
    async with ways(national) as found:
        way = found[SYSTEM]
        content = await way.fetch(address, "inbox-1-1-1")
        nothing = await way.fetch("/tep/none", "inbox-1-2-1")
        assert way.room() > 0
        await national.fault(SYSTEM, "status", operation="getfile", status=503)
        with pytest.raises(Failing):
            await way.fetch(address, "inbox-1-1-2")

    assert content is not None
    assert content.startswith(b"%PDF-1.4")
    assert nothing is None


async def test_a_deployment_without_the_portal_has_no_way(national: National) -> None:
    """Then files by an address wait, and are given up after their days."""
    planned = await asyncio.to_thread(plan, laptop_settings(national.url))

    without = replace(planned, upstreams=tuple(up for up in planned.upstreams if up.dialect.inbound_file is None))

    assert file_ways(without, {}, SystemClock()) == {}
