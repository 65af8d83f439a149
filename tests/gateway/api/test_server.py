"""Below the door: bytes that are no HTTP get a problem as well, and slow senders are let go."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from gateway.api.request import read_object
from gateway.api.server import HttpServer, Patience
from gateway.core.problems import InvalidRequest
from tests.support.portal import PURPOSE, Portal, wire

pytestmark = pytest.mark.asyncio(loop_scope="module")

CODE: Final = "0300588569"
ENTERPRISE: Final = f"/v1/business-registry/enterprises/{CODE}"
PARTICIPANTS: Final = "/v1/social-insurance/participants/lookup"
JSON: Final = {**PURPOSE, "Content-Type": "application/json"}
CHUNKED: Final = {**JSON, "Transfer-Encoding": "chunked"}


BROKEN: Final = {
    "no HTTP": b"GARBAGE canary-5512\r\n\r\n",
    "TLS on a plain port": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03canary-5512\r\n\r\n",
    "unknown method": b"WEIRD /canary-5512 HTTP/1.1\r\nHost: x\r\n\r\n",
    "NUL in the path": wire("GET", "/v1/\x00canary-5512"),
    "path of 9 kB": wire("GET", "/canary-5512" + "a" * 9_000),
    "header of 9 kB": wire("GET", ENTERPRISE, headers={"X-A": "canary-5512" + "a" * 9_000}),
    "two thousand headers": wire("GET", ENTERPRISE, headers={f"X-canary-5512-{n}": "a" for n in range(2_000)}),
    "key of 9 kB": wire("GET", ENTERPRISE, key="canary-5512" + "a" * 9_000),
    "chunk size that is no number": wire("POST", PARTICIPANTS, headers=CHUNKED, body=b"canary-5512\r\nab\r\n0\r\n\r\n"),
    "chunk shorter than it says": wire("POST", PARTICIPANTS, headers=CHUNKED, body=b"2\r\ncanary-5512\r\n0\r\n\r\n"),
    "two lengths": wire(
        "POST", PARTICIPANTS, headers={**JSON, "Content-Length": "2", "content-length": "3"}, body=b"{}"
    ),
    "length and chunks": wire(
        "POST", PARTICIPANTS, headers={**CHUNKED, "Content-Length": "3"}, body=b"2\r\n{}\r\n0\r\n\r\n"
    ),
    "negative length": wire("POST", PARTICIPANTS, headers={**JSON, "Content-Length": "-3"}, body=b"{}"),
    "length that is no number": wire("POST", PARTICIPANTS, headers={**JSON, "Content-Length": "many"}, body=b"{}"),
}


@pytest.mark.parametrize("sent", BROKEN.values(), ids=BROKEN)
async def test_bytes_that_are_no_request_get_a_problem(
    sent: bytes, shared_portal: Portal, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is no HTTP is refused as a problem that repeats none of it, neither in the answer nor in the log."""
    answered = await shared_portal.raw(sent)
    written = capsys.readouterr()

    assert answered.verdict == (400, "invalid-request")
    assert answered.headers["X-Request-Id"] == answered.json["request_id"]
    assert b"canary" not in answered.body
    assert "canary" not in written.out + written.err


async def test_broken_connection_is_closed(shared_portal: Portal) -> None:
    """After bytes that are no HTTP nothing more is read from that connection."""
    where = urlsplit(shared_portal.gateway.url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    with contextlib.closing(writer):
        writer.write(BROKEN["no HTTP"] + wire("GET", "/v1/connectors"))
        answers = await reader.read()

    assert answers.startswith(b"HTTP/1.0 400")
    assert answers.count(b"HTTP/1.") == 1


async def test_broken_connection_harms_no_other(shared_portal: Portal) -> None:
    """After garbage on one connection the next is served as if nothing had been."""
    await shared_portal.raw(BROKEN["no HTTP"])
    answered = await shared_portal.raw(wire("GET", "/v1/connectors"))

    assert answered.status == 200


async def test_two_requests_in_one_go_are_both_answered(shared_portal: Portal) -> None:
    """Pipelined requests are answered in their order on one connection."""
    where = urlsplit(shared_portal.gateway.url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    with contextlib.closing(writer):
        writer.write(wire("GET", "/v1/nowhere", headers={"X-Request-Id": "one"}))
        writer.write(wire("GET", "/v1/connectors", headers={"X-Request-Id": "two", "Connection": "close"}))
        answers = (await reader.read()).decode()

    assert answers.index("one") < answers.index("two")
    assert answers.startswith("HTTP/1.1 404")
    assert "HTTP/1.1 200" in answers


# ---- slow senders: a server of its own, for its patience is short here


@asynccontextmanager
async def hearing(server: HttpServer) -> AsyncIterator[tuple[str, int]]:
    """Host and port of *server* while the block runs."""
    runner = web.ServerRunner(server)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield runner.addresses[0][:2]
    finally:
        await runner.cleanup()


async def well(_: web.BaseRequest) -> web.StreamResponse:
    """Answers everything."""
    return web.Response(text="well")


async def test_head_that_never_ends_is_let_go() -> None:
    """A connection whose first request does not come is closed without an answer."""
    async with hearing(HttpServer(well, lambda: "id", patience=Patience(head_s=0.02))) as (host, port):
        reader, writer = await asyncio.open_connection(host, port)
        with contextlib.closing(writer):
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
            left = await reader.read()

    assert left == b""


async def test_connection_that_asked_once_is_kept() -> None:
    """The first request's limit no longer counts for a connection that kept it."""
    async with hearing(HttpServer(well, lambda: "id", patience=Patience(head_s=0.02))) as (host, port):
        reader, writer = await asyncio.open_connection(host, port)
        with contextlib.closing(writer):
            for _ in range(2):
                writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                head = await reader.readuntil(b"well")
                await asyncio.sleep(0.03)

    assert head.startswith(b"HTTP/1.1 200")


async def test_body_that_never_ends_is_refused() -> None:
    """A body that does not arrive in time is the caller's mistake, and the connection is not waited for."""

    async def read(request: web.BaseRequest) -> web.StreamResponse:
        with pytest.raises(InvalidRequest, match=r"did not arrive within 0\.02 seconds"):
            await read_object(request, 100, seconds=0.02)
        response = web.Response(text="refused")
        response.force_close()
        return response

    async with hearing(HttpServer(read, lambda: "id", patience=Patience(linger_s=0.0))) as (host, port):
        reader, writer = await asyncio.open_connection(host, port)
        with contextlib.closing(writer):
            writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{")
            answer = await reader.readuntil(b"refused")

    assert answer.startswith(b"HTTP/1.1 200")


async def test_body_behind_expect_is_asked_for_once_it_is_welcome(shared_portal: Portal) -> None:
    """Who asks for leave to send a body gets it (RFC 9110 section 10.1.1), and then the answer."""
    where = urlsplit(shared_portal.gateway.url)
    body = b'{"insurance_number": "1"}'
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    with contextlib.closing(writer):
        writer.write(
            wire("POST", PARTICIPANTS, headers={**JSON, "Expect": "100-continue", "Content-Length": str(len(body))})
        )
        leave = await reader.readuntil(b"\r\n\r\n")
        writer.write(body)
        answer = await reader.readuntil(b"\r\n")

    assert leave == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert answer.startswith(b"HTTP/1.1 400")


async def test_refused_body_is_not_asked_for(shared_portal: Portal) -> None:
    """A body that would be refused gets its refusal in place of leave to send it."""
    answered = await shared_portal.raw(
        wire("POST", PARTICIPANTS, headers={**JSON, "Expect": "100-continue", "Content-Length": "9999999"})
    )

    assert answered.verdict == (413, "payload-too-large")


async def test_handler_that_breaks_is_an_internal_problem() -> None:
    """Where the door itself fails, the caller still gets a problem, without what went wrong."""

    async def broken(_: web.BaseRequest) -> web.StreamResponse:
        raise RuntimeError("canary-5512")

    async with hearing(HttpServer(broken, lambda: "id-1")) as (host, port):
        reader, writer = await asyncio.open_connection(host, port)
        with contextlib.closing(writer):
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            answer = await reader.read()

    assert answer.startswith(b"HTTP/1.1 500")
    assert b'"code":"internal"' in answer
    assert b"canary" not in answer
