"""The SOAP adapter against real servers that answer as scripted."""

from __future__ import annotations

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx
import pytest
import respx
from aiohttp import web
from multidict import CIMultiDictProxy

from gateway.adapters.errors import BundleError
from gateway.adapters.soap import SoapAdapter
from gateway.core.problems import Failing, GatewayError, Internal, InvalidRequest, OffContract, Refused
from gateway.core.upstream import AnswerLimits, Reply, Rest, Soap, SoapFault, UpstreamSettings
from tests.support.laptop import ROOT

WSDL: Final = ROOT / "contracts" / "legal_documents" / "ws.wsdl"
NS: Final = "urn:vn:gov:moj:csdlqg-vbpl:ws:1"
DETAIL: Final = Soap(name="ChiTietVanBan", arguments={"Id": "96172"})


def envelope(inner: str, *, head: str = "", prolog: str = '<?xml version="1.0" encoding="utf-8"?>') -> str:
    """A SOAP 1.1 envelope around *inner*."""
    return (
        f'{prolog}<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:vb="{NS}">{head}'
        f"<s:Body>{inner}</s:Body></s:Envelope>"
    )


def detail(inner: str = "<vb:Id>96172</vb:Id>") -> str:
    """The response element of ``ChiTietVanBan``."""
    return f"<vb:ChiTietVanBanResponse><vb:VanBan>{inner}</vb:VanBan></vb:ChiTietVanBanResponse>"


GOOD: Final = envelope(detail())


@dataclass
class Script:
    """What the server answers next, and what it was asked."""

    body: bytes = GOOD.encode()
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "text/xml; charset=utf-8"})
    act: Callable[[web.Request], Awaitable[web.StreamResponse]] | None = None
    asked: list[tuple[CIMultiDictProxy[str], bytes]] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """One answer."""
        self.asked.append((request.headers, await request.read()))
        if self.act is not None:
            return await self.act(request)
        return web.Response(body=self.body, status=self.status, headers=self.headers)


@asynccontextmanager
async def serving(script: Script) -> AsyncIterator[str]:
    """A server on a free port that answers as *script* says."""
    server = web.ServerRunner(web.Server(script.answer, handler_cancellation=True))
    await server.setup()
    site = web.TCPSite(server, "127.0.0.1", 0)
    await site.start()
    host, port = server.addresses[0][:2]
    try:
        yield f"http://{host}:{port}/ws"
    finally:
        await server.cleanup()


@asynccontextmanager
async def adapter(url: str, **settings: object) -> AsyncIterator[SoapAdapter]:
    """An opened adapter."""
    found = SoapAdapter(UpstreamSettings.model_validate({"url": url, "allow_private": True, **settings}), WSDL)
    await found.open()
    try:
        yield found
    finally:
        await found.close()


async def sent(script: Script, exchange: Soap = DETAIL, **settings: object) -> Reply:
    """The reply to *exchange* of a server that answers as *script* says."""
    async with serving(script) as url, adapter(url, **settings) as soap:
        return await soap.send(exchange)


async def refused(script: Script, kind: type[GatewayError] = OffContract, **settings: object) -> GatewayError:
    """The error that the answer of *script* becomes, raised or as the reply's defect."""
    try:
        reply = await sent(script, **settings)
    except kind as error:
        return error
    assert isinstance(reply.defect, kind), reply
    return reply.defect


async def test_an_answer_is_a_plain_mapping_of_the_body_element() -> None:
    """Values are text, absent ones None, lists lists; nothing of lxml or zeep goes on."""
    inner = "<vb:Id>96172</vb:Id><vb:SoKyHieu>61/2018/NĐ-CP</vb:SoKyHieu><vb:LinhVuc>a</vb:LinhVuc>"

    reply = await sent(Script(envelope(detail(inner)).encode()))

    assert reply.status == 200
    assert isinstance(reply.body, dict)
    document = reply.body["VanBan"]
    assert (document["Id"], document["SoKyHieu"], document["TrichYeu"]) == ("96172", "61/2018/NĐ-CP", None)
    assert (document["LinhVuc"], document["NguoiKy"]) == (["a"], [])
    assert reply.headers["content-type"].startswith("text/xml")


async def test_the_message_is_what_the_contract_says() -> None:
    """Element, SOAPAction, media type and key are on the wire as the WSDL and the settings want them."""
    script = Script()

    await sent(
        script,
        Soap(name="ChiTietVanBan", arguments={"Id": "96172"}, headers={"Authorization": "Bearer t"}),
        api_key="k",
    )

    headers, body = script.asked[0]
    assert headers["SOAPAction"] == f'"{NS}/ChiTietVanBan"'
    assert headers["Content-Type"] == "text/xml; charset=utf-8"
    assert (headers["X-API-KEY"], headers["Authorization"]) == ("k", "Bearer t")
    assert headers["Accept-Encoding"] == "gzip, deflate"
    assert b"<ns0:Id>96172</ns0:Id>" in body
    assert b"Zeep" not in headers["User-Agent"].encode()


async def test_httpx_can_be_watched_byte_for_byte() -> None:
    """A respx router behind the carrier sees the exact message, without a socket."""
    router = respx.Router(assert_all_called=True)
    route = router.post("http://ministry.example/ws").respond(200, text=GOOD, content_type="text/xml")
    settings = UpstreamSettings(url="http://ministry.example/ws")
    soap = SoapAdapter(settings, WSDL, carrier=httpx.MockTransport(router.async_handler))
    await soap.open()

    reply = await soap.send(DETAIL)
    await soap.close()

    assert reply.body == {
        "VanBan": {
            **dict.fromkeys(reply.body["VanBan"]),
            "Id": "96172",
            "NguoiKy": [],
            "LinhVuc": [],
            "VanBanLienQuan": [],
        }
    }  # type: ignore[index]
    assert route.calls.last.request.content.startswith(b"<?xml version='1.0' encoding='utf-8'?>")


@pytest.mark.parametrize("status", [200, 500])
async def test_a_fault_is_a_fault_whatever_the_status(status: int) -> None:
    """The code comes without its prefix, and the leaves of the detail by name."""
    fault = (
        "<s:Fault><faultcode>vb:KHONG_TIM_THAY</faultcode><faultstring>Không thấy</faultstring>"
        "<detail><vb:ChiTietLoi><vb:MaLoi>KHONG_TIM_THAY</vb:MaLoi></vb:ChiTietLoi></detail></s:Fault>"
    )

    reply = await sent(Script(envelope(fault).encode(), status))

    assert reply.body == SoapFault("KHONG_TIM_THAY", "Không thấy", {"MaLoi": "KHONG_TIM_THAY"})
    assert reply.status == status


async def test_a_fault_without_a_code_is_malformed() -> None:
    """Nobody could say what it means."""
    error = await refused(Script(envelope("<s:Fault><faultstring>x</faultstring></s:Fault>").encode(), 500))

    assert error.reason == "malformed"


@pytest.mark.parametrize(
    "body",
    [
        envelope(""),
        envelope(detail() + detail()),
        envelope(f'<vb:NoiDungVanBanResponse xmlns:vb="{NS}"/>'),
        envelope('<ChiTietVanBanResponse xmlns="urn:another"/>'),
        envelope(detail(), head="<s:Body/>"),
        GOOD.replace("schemas.xmlsoap.org/soap/envelope", "www.w3.org/2003/05/soap-envelope"),
        "<answer/>",
        GOOD[:-20],
        "not XML at all",
        "",
        "   \n",
    ],
    ids=[
        "empty Body", "two elements", "another operation's", "another namespace", "two Bodies", "another envelope",
        "no envelope", "cut", "text", "empty", "blank",
    ],
)  # fmt: skip
async def test_what_is_no_answer_to_the_operation_is_malformed(body: str) -> None:
    """zeep would take a foreign element, and stumble over an empty Body with an IndexError."""
    error = await refused(Script(body.encode()))

    assert error.reason == "malformed"


async def test_markup_inside_a_value_is_malformed() -> None:
    """An attachment reference (MTOM) stands where a value should: nothing is fetched for it."""
    include = '<xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="http://127.0.0.1:1/x"/>'

    error = await refused(Script(envelope(detail(f"<vb:Id>{include}</vb:Id>")).encode()))

    assert error.reason == "malformed"


async def test_an_element_that_stands_twice_is_malformed() -> None:
    """Two ids are two records, and nobody says which."""
    error = await refused(Script(envelope(detail("<vb:Id>1</vb:Id><vb:Id>96172</vb:Id>")).encode()))

    assert error.reason == "malformed"


@pytest.mark.parametrize("media_type", ["multipart/related; boundary=x", "application/json", "image/png"])
async def test_other_media_types_are_malformed(media_type: str) -> None:
    """Multipart above all, which zeep takes apart."""
    error = await refused(Script(headers={"Content-Type": media_type}))

    assert error.reason == "malformed"


@pytest.mark.parametrize("media_type", ["text/html", "application/soap+xml", "text/xml; charset=UTF-8", "text/plain"])
async def test_habits_in_media_types_are_forgiven(media_type: str) -> None:
    """An envelope is read as one where a sloppy server calls it text/html."""
    reply = await sent(Script(headers={"Content-Type": media_type}))

    assert reply.defect is None


@pytest.mark.parametrize("status", [200, 503])
async def test_a_page_for_people_is_maintenance(status: int) -> None:
    """Whatever its status and media type."""
    script = Script(b"<!DOCTYPE html>\n<html><body>B\xe1\xba\xa3o tr\xc3\xac</body></html>", status)

    error = await refused(script, Failing)

    assert error.reason == "maintenance"


@pytest.mark.parametrize("status", [401, 404, 429, 500, 504])
async def test_the_status_decides_where_the_body_says_nothing(status: int) -> None:
    """The reply keeps it, with the defect beside it."""
    reply = await sent(Script(b"Internal Server Error", status, {"Content-Type": "text/plain", "Retry-After": "7"}))

    assert (reply.status, reply.headers["retry-after"]) == (status, "7")
    assert isinstance(reply.defect, OffContract)


async def test_a_redirect_is_not_followed() -> None:
    """The reply says 302, and nobody asks where it points."""
    script = Script(b"", 302, {"Location": "http://127.0.0.1:1/", "Content-Type": "text/xml"})

    reply = await sent(script)

    assert reply.status == 302
    assert len(script.asked) == 1


async def test_no_cookie_is_kept() -> None:
    """One caller's session is never sent with another's question."""
    script = Script(headers={"Content-Type": "text/xml", "Set-Cookie": "session=secret"})
    async with serving(script) as url, adapter(url) as soap:
        await soap.send(DETAIL)
        await soap.send(DETAIL)

    assert "Cookie" not in script.asked[1][0]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (envelope(detail(), prolog='<!DOCTYPE x [<!ENTITY a "b">]>'), "forbidden_xml"),
        (envelope(detail(), prolog='<?xml version="1.0"?><!-- --><!DOCTYPE x SYSTEM "http://h/">'), "forbidden_xml"),
        (envelope(detail("<vb:x/>" * 300)), "response_too_large"),
        (envelope(detail("<x>" * 70 + "</x>" * 70)), "response_too_large"),
        (envelope(detail("<x>" * 290 + "</x>" * 290)), "response_too_large"),
    ],
    ids=["internal DOCTYPE", "external DOCTYPE", "elements", "depth", "libxml2's depth"],
)  # fmt: skip
async def test_hostile_xml_is_refused_before_it_is_read(body: str, reason: str) -> None:
    """Whatever the status of the answer."""
    elements = 280 if "<vb:x/>" in body else 10_000
    for status in (200, 500):
        error = await refused(Script(body.encode(), status), limits=AnswerLimits(elements=elements))

        assert error.reason == reason


async def test_an_answer_over_the_byte_limit_is_cut() -> None:
    """Announced or not."""
    body = envelope(detail() + " " * 2_000).encode()

    async def unannounced(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/xml"})
        response.enable_chunked_encoding()
        await response.prepare(request)
        await response.write(body)
        return response

    for script in (Script(body), Script(act=unannounced)):
        assert (await refused(script, limits=AnswerLimits(body_bytes=1_000))).reason == "response_too_large"


async def test_a_bomb_is_cut_by_its_ratio() -> None:
    """Four megabytes of blanks in four kilobytes."""
    packed = gzip.compress(envelope(" " * 4_000_000 + detail()).encode())
    script = Script(packed, headers={"Content-Type": "text/xml", "Content-Encoding": "gzip"})

    assert (await refused(script)).reason == "response_too_large"


async def test_compression_is_undone() -> None:
    """As asked for in Accept-Encoding."""
    script = Script(gzip.compress(GOOD.encode()), headers={"Content-Type": "text/xml", "Content-Encoding": "gzip"})

    assert (await sent(script)).defect is None


async def test_nothing_that_an_answer_refers_to_is_fetched() -> None:
    """Schema locations and XInclude are words like any other."""
    inner = (
        '<vb:Id xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:x {url}">96172</vb:Id>'
        '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{url}"/>'
    )
    script = Script()
    async with serving(script) as url, adapter(url) as soap:
        script.body = envelope(detail(inner.replace("{url}", url))).encode()
        reply = await soap.send(DETAIL)

    assert len(script.asked) == 1
    assert reply.body["VanBan"]["Id"] == "96172"  # type: ignore[index]


async def test_an_unused_port_is_unreachable_and_nothing_was_sent() -> None:
    """A write may be tried again."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    async with adapter(f"http://127.0.0.1:{port}/ws") as soap:
        with pytest.raises(Failing) as caught:
            await soap.send(DETAIL)

    assert (caught.value.reason, caught.value.sent) == ("unreachable", False)


async def test_a_name_that_does_not_resolve_is_unreachable_and_nothing_was_sent() -> None:
    """The reserved top-level domain of RFC 2606."""
    async with adapter("http://ministry.invalid/ws") as soap:
        with pytest.raises(Failing) as caught:
            await soap.send(DETAIL)

    assert (caught.value.reason, caught.value.sent) == ("unreachable", False)


async def test_a_connection_closed_before_the_answer_may_have_done_its_work() -> None:
    """The transport below calls it a connect timeout; it is none, for the message had left."""

    async def close(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    error = await refused(Script(act=close), Failing)

    assert (error.reason, error.sent) == ("unreachable", True)


async def test_an_answer_that_breaks_off_is_cut_off() -> None:
    """Half of what Content-Length promised."""

    async def half(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/xml", "Content-Length": "5000"})
        await response.prepare(request)
        await response.write(GOOD.encode())
        assert request.transport is not None
        request.transport.close()
        return response

    error = await refused(Script(act=half), Failing)

    assert (error.reason, error.sent) == ("cut_off", True)


async def test_whoever_cancels_waits_no_longer() -> None:
    """A call that hangs ends with its caller, and its connection with it."""
    arrived, gone = asyncio.Event(), asyncio.Event()

    async def hang(_: web.Request) -> web.StreamResponse:
        arrived.set()
        try:
            await asyncio.Event().wait()
        finally:
            gone.set()
        return web.Response()

    async with serving(Script(act=hang)) as url, adapter(url) as soap:
        call = asyncio.create_task(soap.send(DETAIL))
        await arrived.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await gone.wait()


async def test_plain_http_where_tls_is_spoken_is_refused_without_blame() -> None:
    """A TLS handshake that fails: nothing was sent."""
    async with serving(Script()) as url, adapter(url.replace("http://", "https://")) as soap:
        with pytest.raises(Refused) as caught:
            await soap.send(DETAIL)

    assert (caught.value.reason, caught.value.sent) == ("tls_untrusted", False)


async def test_a_private_address_needs_permission() -> None:
    """Without ``allow_private`` the upstream can't be on this machine."""
    async with adapter("http://127.0.0.1:9/ws", allow_private=False) as soap:
        with pytest.raises(Refused) as caught:
            await soap.send(DETAIL)

    assert (caught.value.reason, caught.value.sent) == ("private_address", False)


@pytest.mark.parametrize(
    "arguments", [{}, {"Nope": "1"}, {"Id": {"a": "b"}}], ids=["missing", "unknown", "wrong shape"]
)
async def test_arguments_that_do_not_fit_the_contract_are_our_bug(arguments: dict[str, object]) -> None:
    """Nothing is sent."""
    script = Script()
    async with serving(script) as url, adapter(url) as soap:
        with pytest.raises(Internal) as caught:
            await soap.send(Soap(name="ChiTietVanBan", arguments=arguments))

    assert not caught.value.sent
    assert script.asked == []


async def test_a_character_that_xml_cannot_carry_is_the_callers_fault() -> None:
    """U+FFFF passes every other check of a text."""
    async with serving(Script()) as url, adapter(url) as soap:
        with pytest.raises(InvalidRequest) as caught:
            await soap.send(Soap(name="TimKiemVanBan", arguments={"TuKhoa": "a\uffff", "Trang": 1, "SoBanGhi": 20}))

    assert caught.value.errors


async def test_the_roads_token_is_asked_as_plain_http() -> None:
    """A Rest exchange goes out as it would by the REST adapter."""
    script = Script(b'{"access_token": "t"}', headers={"Content-Type": "application/json"})
    async with serving(script) as url, adapter(url) as soap:
        reply = await soap.send(Rest(name="token", path=url, absolute=True, form={"grant_type": "client_credentials"}))

    assert reply.body == {"access_token": "t"}


async def test_a_contract_that_is_not_the_approved_one_leaves_nothing_open(tmp_path: Path) -> None:
    """open() raises, and what it had opened is closed again: an unclosed session would fail this test."""
    soap = SoapAdapter(UpstreamSettings(url="http://ministry.example/ws"), tmp_path / "none.wsdl")

    with pytest.raises(BundleError, match="can't be read"):
        await soap.open()
