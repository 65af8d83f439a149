"""The X-Road road in front of the systems, as a stock REST client and a security server's tester meet it."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from mocks.engine.country import Country
from mocks.engine.delivery import MEGABYTE
from mocks.engine.server import listening
from mocks.engine.xroad import Address, RoadError, client_of, passed_on, request_hash

LGSP = "VN/GOV/000.00.00.H58/lgsp"
REGISTRY = "VN/GOV/000.00.00.G08/dkdn/csdldkdn"
DOCUMENTS = "VN/GOV/000.00.00.G15/vbpl/csdlvbqppl"
DETAIL = f"/r1/{REGISTRY}/apiCSDLDKDN/chiTietDoanhNghiep"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back over the road."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def road(self) -> dict[str, str]:
        """X-Road's own headers."""
        return {name: value for name, value in self.headers.items() if name.lower().startswith("x-road-")}


@dataclass(slots=True)
class Traveller:
    """Who asks over the road."""

    url: str
    country: Country
    session: aiohttp.ClientSession

    async def ask(
        self, path: str, *, client: str | None = LGSP, method: str = "GET", data: object = None, **headers: str
    ) -> Answer:
        """One request; underscores in *headers* are hyphens."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if client is not None:
            sent["X-Road-Client"] = client
        url = URL(self.url + path, encoded=True)
        async with self.session.request(method, url, headers=sent, data=data, allow_redirects=False) as answer:
            return Answer(answer.status, answer.headers, await answer.read())

    async def token(self) -> str:
        """The registry's token, got over the road."""
        world = self.country.world
        key, secret = (world.credential("business_registry", name) for name in ("access_key", "secret_key"))
        basic = base64.b64encode(f"{key}:{secret}".encode()).decode()
        form = {"grant_type": "client_credentials"}
        told = await self.ask(f"/r1/{REGISTRY}/token", method="POST", data=form, Authorization=f"Basic {basic}")
        assert told.status == 200, told.body
        token: str = _json(told)["access_token"]
        return f"Bearer {token}"

    async def detail(self, **headers: str) -> Answer:
        """An enterprise that exists."""
        code = self.country.world.population.enterprises[0].code
        return await self.ask(f"{DETAIL}?msdn={code}", Authorization=await self.token(), **headers)

    async def admin(self, method: str, path: str, message: object = None) -> Any:
        """A route of the administration."""
        async with self.session.request(method, f"{self.url}/__mock/{path}", json=message) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def fault(self, kind: str, **more: object) -> None:
        """Strikes the registry's detail call."""
        entry = {"system": "business_registry", "operation": "chiTietDoanhNghiep", "fault": {"kind": kind, **more}}
        await self.admin("PUT", "faults", {"faults": [entry]})


def _json(answer: Answer) -> dict[str, Any]:
    found: dict[str, Any] = aiohttp.payload.json.loads(answer.body)
    return found


@pytest.fixture
async def road() -> AsyncIterator[Traveller]:
    """The whole country."""
    country = await asyncio.to_thread(Country)
    async with listening(country) as url, aiohttp.ClientSession() as session:
        yield Traveller(url, country, session)


async def test_a_stock_rest_call_works(road: Traveller) -> None:
    """Same answer as by the direct way, the provider's own login included, with the road's headers on it."""
    code = road.country.world.population.enterprises[0].code
    bearer = await road.token()

    carried = await road.ask(f"{DETAIL}?msdn={code}", Authorization=bearer)
    async with road.session.get(
        f"{road.url}/business-registry/apiCSDLDKDN/chiTietDoanhNghiep?msdn={code}", headers={"Authorization": bearer}
    ) as direct:
        assert (carried.status, carried.body) == (direct.status, await direct.read())
        assert carried.headers["Content-Type"] == direct.headers["Content-Type"]
    assert set(carried.road) == {
        "X-Road-Client", "X-Road-Service", "X-Road-Id", "X-Road-Request-Id", "X-Road-Request-Hash",
    }  # fmt: skip
    assert carried.road["X-Road-Client"] == LGSP
    assert carried.road["X-Road-Service"] == REGISTRY
    assert UUID(carried.road["X-Road-Id"]) != UUID(carried.road["X-Road-Request-Id"])


async def test_the_callers_id_comes_back(road: Traveller) -> None:
    """X-Road-Id is echoed, user and issue are optional, and every request has an id of its own."""
    first, second = [
        await road.detail(X_Road_Id="don-1", X_Road_UserId="VN0123", X_Road_Issue="H58-1") for _ in range(2)
    ]

    assert first.road["X-Road-Id"] == second.road["X-Road-Id"] == "don-1"
    assert first.road["X-Road-Request-Id"] != second.road["X-Road-Request-Id"]


@pytest.mark.parametrize("body", [b"", b'{"pageNumber": 1}'])
async def test_the_request_hash_can_be_recomputed(road: Traveller, body: bytes) -> None:
    """By the specification alone: SHA512(SHA512(headers) + SHA512(body)), or of the headers where there is no body."""
    path = f"/r1/{DOCUMENTS}/api/qtdc/public/doc/all"
    method = "POST" if body else "GET"
    where = urlsplit(road.url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    sent = [("X-Road-Client", LGSP), ("Accept", "application/json"), ("X-Road-Id", "1")]
    lines = [f"{method} {path}?a=1%20b HTTP/1.1", "Host: ss.example", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in sent] + ["Connection: close", "", ""]
    writer.write("\r\n".join(lines).encode() + body)
    head = (await reader.read()).partition(b"\r\n\r\n")[0].decode()
    writer.close()
    got = dict(line.split(": ", 1) for line in head.split("\r\n")[1:])

    sent.append(("X-Road-Request-Id", got["X-Road-Request-Id"]))
    text = "".join(f"{line}\r\n" for line in (method, f"{path}?a=1%20b", *(f"{n}:{v}" for n, v in sent)))
    expected = hashlib.sha512(text.encode()).digest()
    if body:
        expected = hashlib.sha512(expected + hashlib.sha512(body).digest()).digest()
    assert got["X-Road-Request-Hash"] == base64.b64encode(expected).decode()


@pytest.mark.parametrize(
    ("path", "client", "kind", "status"),
    [
        (DETAIL, None, "Client.BadRequest", 400),
        (DETAIL, "VN/GOV", "Client.BadRequest", 400),
        (DETAIL, "VN/GOV/000.00.00.H58/lgsp/x", "Client.BadRequest", 400),
        (DETAIL, "VN/GOV//lgsp", "Client.BadRequest", 400),
        (DETAIL, "VN/GOV/%FF/lgsp", "Client.BadRequest", 400),
        ("/r1/VN/GOV/000.00.00.G08/dkdn", LGSP, "Client.BadRequest", 400),
        ("/r1/VN/GOV/000.00.00.G08/dkdn/", LGSP, "Client.BadRequest", 400),
        (f"/r1/{REGISTRY}/%2e%2e/__mock/reset", LGSP, "Client.BadRequest", 400),
        (DETAIL, "VN/GOV/000.00.00.H99/lgsp", "Server.ClientProxy.UnknownMember", 500),
        ("/r1/VN/GOV/000.00.00.G99/a/b/c", LGSP, "Server.ClientProxy.UnknownMember", 500),
        ("/r1/VN/GOV/000.00.00.G08/dkdn/khac/c", LGSP, "Server.ServerProxy.UnknownService", 500),
        (f"/r1/{DOCUMENTS}/api", "VN/GOV/000.00.00.H58/dkkd", "Server.ServerProxy.AccessDenied", 500),
    ],
)
async def test_the_roads_own_errors_say_so(
    road: Traveller, path: str, client: str | None, kind: str, status: int
) -> None:
    """X-Road-Error and the body agree, no system was asked, and the journal names the rule."""
    told = await road.ask(path, client=client)

    assert (told.status, told.headers["X-Road-Error"], _json(told)["type"]) == (status, kind, kind)
    assert set(_json(told)) == {"type", "message", "detail"}
    journal = await road.admin("GET", "journal")
    assert [entry["system"] for entry in journal["entries"]] == ["xroad"]
    assert journal["entries"][0]["breaches"]
    assert (await road.admin("GET", "journal?system=xroad"))["total"] == 1


async def test_two_clients_are_none(road: Traveller) -> None:
    """Exactly one X-Road-Client."""
    async with road.session.get(
        road.url + DETAIL, headers=[("X-Road-Client", LGSP), ("X-Road-Client", LGSP)]
    ) as answer:
        assert (answer.status, answer.headers["X-Road-Error"]) == (400, "Client.BadRequest")


async def test_errors_come_as_xml_where_asked(road: Traveller) -> None:
    """By Accept."""
    told = await road.ask(DETAIL, client=None, Accept="text/xml")

    assert told.headers["Content-Type"].startswith("application/xml")
    assert b"<type>Client.BadRequest</type>" in told.body


async def test_a_providers_own_error_is_not_the_roads(road: Traveller) -> None:
    """Whatever it answers is passed on as it is, without X-Road-Error."""
    refused = await road.ask(DETAIL)
    lost = await road.ask(f"/r1/{REGISTRY}/khong/co")
    await road.fault("status", status=503, body={"loi": 1}, headers={"X-Road-Error": "Server.Lie", "X-Khac": "1"})
    failing = await road.detail()

    assert [told.status for told in (refused, lost, failing)] == [401, 404, 503]
    assert failing.headers["X-Khac"] == "1"
    assert all("X-Road-Error" not in told.headers for told in (refused, lost, failing))


@pytest.mark.parametrize("kind", ["reset_before", "reset_mid_body", "truncate"])
async def test_a_provider_that_breaks_off_is_the_roads_error(road: Traveller, kind: str) -> None:
    """The caller of a security server never sees half an answer; and the provider was asked once."""
    bearer = await road.token()
    await road.fault(kind)

    told = await road.ask(f"{DETAIL}?msdn={road.country.world.population.enterprises[0].code}", Authorization=bearer)

    assert (told.status, told.headers["X-Road-Error"]) == (500, "Server.ServerProxy.ServiceFailed")
    journal = await road.admin("GET", "journal?system=business_registry&operation=chiTietDoanhNghiep")
    assert [entry["fault"] for entry in journal["entries"]] == [kind]


async def test_a_silent_provider_is_the_roads_error() -> None:
    """After the road's own patience."""
    country = await asyncio.to_thread(lambda: Country(road_patience_s=0.04))
    async with listening(country) as url, aiohttp.ClientSession() as session:
        road = Traveller(url, country, session)
        await road.fault("hang")
        told = await road.ask(DETAIL)

    assert told.headers["X-Road-Error"] == "Server.ServerProxy.ServiceFailed"


async def test_a_long_answer_is_streamed_whole(road: Traveller) -> None:
    """More than the road holds: neither cut nor kept in memory."""
    await road.fault("huge_body", megabytes=9)

    assert len((await road.detail()).body) > 9 * MEGABYTE


async def test_a_packed_answer_stays_packed(road: Traveller) -> None:
    """The road does not unpack what it carries."""
    await road.fault("gzip_bomb", megabytes=20)
    async with aiohttp.ClientSession(auto_decompress=False) as session:
        told = await Traveller(road.url, road.country, session).detail()

    assert told.headers["Content-Encoding"] == "gzip"
    assert len(told.body) < MEGABYTE


async def test_soap_goes_over_the_road_too(road: Traveller) -> None:
    """Any payload is supported."""
    told = await road.ask(f"/r1/{DOCUMENTS}/ws?wsdl")

    assert told.status == 200
    assert b"definitions" in told.body


@pytest.mark.parametrize(
    "service",
    [DOCUMENTS, "VN/GOV/000.00.00.G15/lltp/phieulltp", "VN/GOV/000.00.00.G18/dvc/motcua"],
)
async def test_a_wsdl_over_the_road_names_the_road(road: Traveller, service: str) -> None:
    """So that a client made from it stays on the road; what the caller says of itself is not believed."""
    told = await road.ask(f"/r1/{service}/ws?wsdl", X_Forwarded_Host="evil.example", X_Forwarded_Uri="/evil")

    (port,) = re.findall(rb'address location="([^"]*)"', told.body)
    assert port.decode() == f"{road.url}/r1/{service}/ws"


async def test_every_service_of_the_directory_is_a_system(road: Traveller) -> None:
    """Nothing is promised that is not there; a system that is connected on another road needs no row."""
    systems = {provider.system for provider in road.country.directory.services.values()}

    assert systems
    assert systems <= set(road.country.services)


async def test_contracts_without_a_road_have_nobody_on_it(tmp_path: Any) -> None:
    """A country of somebody's own services needs none."""
    country = await asyncio.to_thread(lambda: Country(services=[], contracts=tmp_path))

    assert country.directory.clients == {}


@given(st.text(max_size=60))
def test_any_address_is_read_or_refused(path: str) -> None:
    """Never anything but a RoadError, and what is read has five parts."""
    with contextlib.suppress(RoadError):
        assert Address.read(f"/r1/{path}").service.count("/") >= 4


@given(st.lists(st.text(max_size=30), max_size=2))
def test_any_client_is_read_or_refused(given_headers: list[str]) -> None:
    """Exactly one that can be decoded stands."""
    with contextlib.suppress(RoadError):
        assert client_of(given_headers)
        assert len(given_headers) == 1


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_the_hash_binds_headers_and_body(one: bytes, other: bytes) -> None:
    """Different bodies and different headers have different hashes."""
    headers = passed_on([("X-Road-Client", LGSP)], "1")
    hashes = {request_hash("POST", "/r1/a", headers, body) for body in (one, other)}

    assert len(hashes) == len({one, other})
    assert request_hash("POST", "/r1/a", (*headers, ("A", "b")), one) not in hashes
