"""Answers that nobody should trust, from real servers."""

from __future__ import annotations

import gzip

import pytest
from aiohttp import web

from gateway.core.problems import Failing, OffContract
from gateway.core.settings import AnswerLimits
from tests.gateway.adapters.soap.soap_server import (
    DETAIL,
    GOOD,
    NS,
    Script,
    adapter,
    detail,
    envelope,
    refused,
    sent,
    serving,
)


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


async def test_an_answer_alone_in_multipart_is_read() -> None:
    """A server has MTOM switched on; its one part is the envelope."""
    head = b'Content-Type: application/xop+xml; charset=utf-8; type="text/xml"\r\nContent-ID: <r>\r\n\r\n'
    said = 'multipart/related; type="application/xop+xml"; start="<r>"; boundary="b"'

    reply = await sent(Script(b"--b\r\n" + head + GOOD.encode() + b"\r\n--b--\r\n", headers={"Content-Type": said}))

    assert reply.body["VanBan"]["Id"] == "96172"  # type: ignore[index]


async def test_a_part_of_another_media_type_is_malformed() -> None:
    """The root of a message is an envelope."""
    body = b"--b\r\nContent-Type: image/png\r\n\r\n" + GOOD.encode() + b"\r\n--b--"

    assert (
        await refused(Script(body, headers={"Content-Type": "multipart/related; boundary=b"}))
    ).reason == "malformed"


@pytest.mark.parametrize("media_type", ["text/html", "application/soap+xml", "text/xml; charset=UTF-8", "text/plain"])
async def test_habits_in_media_types_are_forgiven(media_type: str) -> None:
    """An envelope is read as one where a sloppy server calls it text/html."""
    reply = await sent(Script(headers={"Content-Type": media_type}))

    assert reply.defect is None


@pytest.mark.parametrize("status", [200, 503])
async def test_a_page_for_people_is_a_defect(status: int) -> None:
    """The status outweighs it."""
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
        """Without a length."""
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
