"""The SOAP adapter on the wire: what it sends, what it gives, what becomes of a connection."""

from __future__ import annotations

import asyncio
import hashlib
import socket
from pathlib import Path

import pytest
from aiohttp import web

from gateway.adapters.errors import BundleError
from gateway.adapters.soap.adapter import SoapAdapter
from gateway.adapters.soap.answer import SOAP_11, SOAP_12
from gateway.core.message import Reply, Rest, Soap, SoapFault
from gateway.core.problems import Failing, Internal, InvalidRequest, Refused
from gateway.core.settings import UpstreamSettings
from tests.gateway.adapters.soap.soap_server import (
    DETAIL,
    GOOD,
    NS,
    WSDL,
    Script,
    adapter,
    detail,
    envelope,
    refused,
    sent,
    serving,
)


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


async def test_the_message_is_known_to_the_byte() -> None:
    """What a ministry logs of us can be compared with what we say that we sent."""
    script = Script()

    await sent(script)

    assert script.asked[0][1] == (
        b"<?xml version='1.0' encoding='utf-8'?>\n"
        b'<soap-env:Envelope xmlns:soap-env="http://schemas.xmlsoap.org/soap/envelope/"><soap-env:Body>'
        b'<ns0:ChiTietVanBan xmlns:ns0="urn:vn:gov:moj:csdlqg-vbpl:ws:1"><ns0:Id>96172</ns0:Id></ns0:ChiTietVanBan>'
        b"</soap-env:Body></soap-env:Envelope>"
    )


async def test_messages_and_token_requests_share_the_connections() -> None:
    """One upstream has one pool: a question goes out on the connection over which the token came."""
    connections = set()

    async def answer(request: web.Request) -> web.StreamResponse:
        """Notes over which connection the request came."""
        assert request.transport is not None
        connections.add(request.transport.get_extra_info("peername"))
        if "SOAPAction" in request.headers:
            return web.Response(body=GOOD.encode(), content_type="text/xml")
        return web.json_response({"access_token": "t"})

    async with serving(Script(act=answer)) as url, adapter(url) as soap:
        await soap.send(Rest(name="token", path=url, absolute=True, form={"grant_type": "client_credentials"}))
        await soap.send(DETAIL)
        await soap.send(DETAIL)

    assert len(connections) == 1


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


@pytest.mark.parametrize(
    ("code", "found", "wider"),
    [
        ("s:Server", "Server", ()),
        ("Client.KHONG_TIM_THAY", "KHONG_TIM_THAY", ("Client",)),
        ("s:Server.vb:LOI.KHONG_TIM_THAY", "KHONG_TIM_THAY", ("LOI", "Server")),
        (" s:Client. KHONG_TIM_THAY ", "KHONG_TIM_THAY", ("Client",)),
        ("s:Server.", "Server", ()),
    ],
)
async def test_a_dot_refines_a_code(code: str, found: str, wider: tuple[str, ...]) -> None:
    """SOAP 1.1 section 4.4.1: from left to right; tables look for the most specific first."""
    fault = f"<s:Fault><faultcode>{code}</faultcode><faultstring>x</faultstring></s:Fault>"

    reply = await sent(Script(envelope(fault).encode(), 500))

    assert reply.body == SoapFault(found, "x", wider=wider)


async def test_a_fault_may_come_in_the_other_version() -> None:
    """A newer stack answers an old client in its own envelope; an answer may not."""
    fault = (
        "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>KHONG_TIM_THAY</s:Value></s:Subcode></s:Code>"
        '<s:Reason><s:Text xml:lang="vi">x</s:Text></s:Reason></s:Fault>'
    )
    kind = {"Content-Type": "application/soap+xml; charset=utf-8"}

    reply = await sent(Script(envelope(fault).replace(SOAP_11, SOAP_12).encode(), 500, kind))
    answer = await sent(Script(GOOD.replace(SOAP_11, SOAP_12).encode(), headers=kind))

    assert reply.body == SoapFault("KHONG_TIM_THAY", "x", wider=("Sender",))
    assert answer.defect is not None


async def test_an_unused_port_is_unreachable_and_nothing_was_sent() -> None:
    """A write may be tried again."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    async with adapter(f"http://127.0.0.1:{port}/ws") as soap:
        with pytest.raises(Failing) as caught:
            await soap.send(DETAIL)

    assert (caught.value.reason, caught.value.may_have_arrived) == ("unreachable", False)


async def test_a_name_that_does_not_resolve_is_unreachable_and_nothing_was_sent() -> None:
    """The reserved top-level domain of RFC 2606."""
    async with adapter("http://ministry.invalid/ws") as soap:
        with pytest.raises(Failing) as caught:
            await soap.send(DETAIL)

    assert (caught.value.reason, caught.value.may_have_arrived) == ("unreachable", False)


async def test_a_connection_closed_before_the_answer_may_have_done_its_work() -> None:
    """It is not taken for a connection that could not be made, for the message had left."""

    async def close(request: web.Request) -> web.StreamResponse:
        """No answer."""
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    error = await refused(Script(act=close), Failing)

    assert (error.reason, error.may_have_arrived) == ("unreachable", True)


async def test_an_answer_that_breaks_off_is_cut_off() -> None:
    """Half of what Content-Length promised."""

    async def half(request: web.Request) -> web.StreamResponse:
        """Less than was promised."""
        response = web.StreamResponse(headers={"Content-Type": "text/xml", "Content-Length": "5000"})
        await response.prepare(request)
        await response.write(GOOD.encode())
        assert request.transport is not None
        request.transport.close()
        return response

    error = await refused(Script(act=half), Failing)

    assert (error.reason, error.may_have_arrived) == ("cut_off", True)


async def test_whoever_cancels_waits_no_longer() -> None:
    """A call that hangs ends with its caller, and its connection with it."""
    arrived, gone = asyncio.Event(), asyncio.Event()

    async def hang(_: web.Request) -> web.StreamResponse:
        """Never an answer."""
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

    assert (caught.value.reason, caught.value.may_have_arrived) == ("tls_untrusted", False)


async def test_a_private_address_needs_permission() -> None:
    """Without ``allow_private`` the upstream can't be on this machine."""
    async with adapter("http://127.0.0.1:9/ws", allow_private=False) as soap:
        with pytest.raises(Refused) as caught:
            await soap.send(DETAIL)

    assert (caught.value.reason, caught.value.may_have_arrived) == ("private_address", False)


@pytest.mark.parametrize(
    "arguments", [{}, {"Nope": "1"}, {"Id": {"a": "b"}}], ids=["missing", "unknown", "wrong shape"]
)
async def test_arguments_that_do_not_fit_the_contract_are_our_bug(arguments: dict[str, object]) -> None:
    """Nothing is sent."""
    script = Script()
    async with serving(script) as url, adapter(url) as soap:
        with pytest.raises(Internal) as caught:
            await soap.send(Soap(name="ChiTietVanBan", arguments=arguments))

    assert not caught.value.may_have_arrived
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


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """The same contract bound to SOAP 1.2, approved."""
    text = WSDL.read_text("utf-8").replace(
        "http://schemas.xmlsoap.org/wsdl/soap/", "http://schemas.xmlsoap.org/wsdl/soap12/"
    )
    files = {"ws.wsdl": text.encode(), "ws.xsd": (WSDL.parent / "ws.xsd").read_bytes()}
    lines = [f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items()]
    for name, content in {**files, "bundle.sha256": "".join(lines).encode()}.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path / "ws.wsdl"


async def ask_newer(wsdl: Path, script: Script) -> Reply:
    """The reply of a SOAP 1.2 service."""
    async with serving(script) as url:
        soap = SoapAdapter(UpstreamSettings(url=url, allow_private=True), wsdl)
        await soap.open()
        try:
            return await soap.send(DETAIL)
        finally:
            await soap.close()


async def test_soap_12_has_its_own_envelope_and_media_type(newer: Path) -> None:
    """The action stands in the media type, and an envelope of 1.1 is none."""
    script = Script(GOOD.replace(SOAP_11, SOAP_12).encode(), headers={"Content-Type": "application/soap+xml"})

    reply = await ask_newer(newer, script)
    wrong = await ask_newer(newer, Script())

    headers, body = script.asked[0]
    assert headers["Content-Type"] == f'application/soap+xml; charset=utf-8; action="{NS}/ChiTietVanBan"'
    assert "SOAPAction" not in headers
    assert SOAP_12.encode() in body
    assert isinstance(reply.body, dict)
    assert wrong.defect is not None


async def test_a_fault_of_soap_12_is_known_by_its_innermost_subcode(newer: Path) -> None:
    """Sender and Receiver say little."""
    fault = (
        "<s:Fault><s:Code><s:Value>s:Receiver</s:Value><s:Subcode><s:Value>vb:LOI</s:Value><s:Subcode>"
        "<s:Value>vb:KHONG_TIM_THAY</s:Value></s:Subcode></s:Subcode></s:Code>"
        '<s:Reason><s:Text xml:lang="vi">Không thấy</s:Text></s:Reason>'
        "<s:Detail><vb:ChiTietLoi><vb:MaLoi>1</vb:MaLoi></vb:ChiTietLoi></s:Detail></s:Fault>"
    )
    script = Script(envelope(fault).replace(SOAP_11, SOAP_12).encode(), 500)

    reply = await ask_newer(newer, script)

    assert reply.body == SoapFault("KHONG_TIM_THAY", "Không thấy", {"MaLoi": "1"}, wider=("LOI", "Receiver"))
