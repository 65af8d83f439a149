"""The port of SOAP 1.2: versions, content types, mandatory headers, the schema, and what foreign clients read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from mocks.engine.country import Country
from mocks.engine.server import listening
from mocks.engine.soap import ENVELOPE_11
from mocks.services.criminal_records import open_service
from tests.mocks.engine.wss import CONTENT_TYPE, Told, envelope, send, token

NAMESPACE = "urn:vn:gov:moj:lltp:ws:1"


@dataclass(slots=True)
class Port:
    """Criminal records, by SOAP."""

    url: str
    country: Country
    session: aiohttp.ClientSession

    def token(self) -> str:
        """A fresh one that stands."""
        world = self.country.world
        return token(*(world.credential("criminal_records", f"ws_{name}") for name in ("username", "password")))

    async def ask(
        self, body: str, *, header: str = "", content_type: str = CONTENT_TYPE, namespace: str | None = None
    ) -> Told:
        """Under a token that stands."""
        kept = {} if namespace is None else {"namespace": namespace}
        message = envelope(body, header + self.token(), **kept)
        return await send(self.session, f"{self.url}/criminal-records/ws", message, content_type)

    async def entry(self) -> dict[str, Any]:
        """The latest of the journal."""
        async with self.session.get(f"{self.url}/__mock/journal?limit=1") as answer:
            found: dict[str, Any] = (await answer.json())["entries"][-1]
            return found

    async def fault(self, kind: str, **more: object) -> None:
        """Puts one fault on all operations."""
        entry = {"system": "criminal_records", "operation": "ws.traDanhMuc", "fault": {"kind": kind, **more}}
        async with self.session.put(f"{self.url}/__mock/faults", json={"faults": [entry]}) as answer:
            assert answer.status == 200, await answer.text()


def catalogue(kind: str = "2", namespace: str = NAMESPACE) -> str:
    """A question for a catalogue."""
    return f'<l:traDanhMuc xmlns:l="{namespace}"><l:infoType>{kind}</l:infoType></l:traDanhMuc>'


@pytest.fixture
async def port() -> AsyncIterator[Port]:
    """As it starts."""
    country = await asyncio.to_thread(lambda: Country(services=[open_service]))
    async with listening(country) as url, aiohttp.ClientSession() as session:
        yield Port(url, country, session)


async def test_lists_are_repeated_elements(port: Port) -> None:
    """Each row with its fields, in the namespace of the schema."""
    told = await port.ask(catalogue())

    rows = told.root.findall(f".//{{{NAMESPACE}}}LISTCONTENT")
    assert (rows[0].findtext("{*}ID"), rows[0].findtext("{*}NAME")) == ("3106", "Việt Nam")
    assert len(rows) == 4


async def test_an_envelope_of_soap_11_is_a_version_mismatch(port: Port) -> None:
    """Said in the envelope that the caller understands."""
    told = await port.ask(catalogue(), namespace=ENVELOPE_11, content_type="text/xml")

    assert (told.status, told.codes) == (500, ("soap:VersionMismatch",))
    assert (await port.entry())["breaches"] == ["/Envelope: not of SOAP 1.2"]


async def test_an_envelope_of_no_version_is_a_version_mismatch(port: Port) -> None:
    """In SOAP 1.2."""
    assert (await port.ask(catalogue(), namespace="urn:x")).codes == ("soap:VersionMismatch",)


async def test_another_content_type_is_415(port: Port) -> None:
    """Without a Fault, as servlet containers answer."""
    told = await port.ask(catalogue(), content_type="text/xml; charset=utf-8")

    assert (told.status, told.body) == (415, b"")


async def test_a_mandatory_header_that_nobody_knows_is_not_passed_over(port: Port) -> None:
    """MustUnderstand; the same block is ignored where it is not mandatory."""
    block = '<x:Khac xmlns:x="urn:x" {}>1</x:Khac>'

    assert (await port.ask(catalogue(), header=block.format('s:mustUnderstand="true"'))).codes == (
        "soap:MustUnderstand",
    )
    assert (await port.ask(catalogue(), header=block.format(""))).text("STATUS") == "1"


@pytest.mark.parametrize(
    ("action", "stands"), [(f"{NAMESPACE}/traDanhMuc", True), (f"{NAMESPACE}/traHoSo", False), ("", True)]
)
async def test_an_action_must_be_that_of_the_element(port: Port, action: str, *, stands: bool) -> None:
    """It may be left out."""
    told = await port.ask(catalogue(), content_type=f'{CONTENT_TYPE}; action="{action}"')

    assert told.codes == (() if stands else ("soap:Sender",))


@pytest.mark.parametrize(
    "body",
    [
        catalogue(namespace="urn:other"),
        catalogue().replace("</l:traDanhMuc>", "<l:them>1</l:them></l:traDanhMuc>"),
        catalogue().replace("</l:traDanhMuc>", "<l:infoType>2</l:infoType></l:traDanhMuc>"),
    ],
)
async def test_a_message_off_the_schema_cannot_be_unmarshalled(port: Port, body: str) -> None:
    """Sender, and the journal names the rule and where."""
    told = await port.ask(body)

    assert (told.status, told.codes) == (500, ("soap:Sender",))
    assert told.reason.startswith("Unmarshalling Error")
    assert (await port.entry())["breaches"][0].startswith("traDanhMuc: SCHEMAV_")


async def test_what_is_missing_is_for_the_services_own_rules(port: Port) -> None:
    """As JAXB lets it through: a code of the justice services in HTTP 200."""
    told = await port.ask(catalogue().replace("<l:infoType>2</l:infoType>", ""))

    assert (told.status, told.text("STATUS")) == (200, "302")
    assert (await port.entry())["breaches"] == ["/infoType: required"]


async def test_an_unknown_operation_is_the_senders_fault(port: Port) -> None:
    """With a near miss in the journal."""
    told = await port.ask('<l:traGi xmlns:l="urn:x"/>')

    assert told.codes == ("soap:Sender",)
    (difference,) = (await port.entry())["near_miss"]["differences"]
    assert (difference["at"], difference["got"]) == ("/*/Body/*", "traGi")
    assert difference["expected"].startswith("danhDauHsThanhCong | nhanHoSoDangKy | ")


async def test_faults_fit_the_port(port: Port) -> None:
    """A Fault with a code, a DOCTYPE, a renamed element, a spent quota."""
    await port.fault("soap_fault", code="KHONG_TIM_THAY")
    assert (await port.ask(catalogue())).codes == ("soap:Receiver", "KHONG_TIM_THAY")
    await port.fault("doctype")
    assert b"<!DOCTYPE" in (await port.ask(catalogue())).body
    await port.fault("drift", field="NAME")
    assert (await port.ask(catalogue())).text("NAME_v2") == "Việt Nam"
    await port.fault("quota_spent")
    assert (await port.ask(catalogue())).status == 429


async def test_the_wsdl_names_the_address_it_was_asked_at(port: Port) -> None:
    """So that a foreign client on another machine finds its way back, and its schema lies beside it."""
    async with port.session.get(f"{port.url}/criminal-records/ws?WSDL") as answer:
        wsdl = await answer.text()
    async with port.session.get(f"{port.url}/criminal-records/ws.xsd") as answer:
        assert answer.status == 200

    assert f'location="{port.url}/criminal-records/ws"' in wsdl
    assert 'schemaLocation="ws.xsd"' in wsdl
