"""Prepared responses over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from gateway.api.raw_response import RawResponse, head_of

BODY = b'{"data":1}'
HEAD = head_of(200, {"Content-Type": "application/json", "Content-Length": str(len(BODY))})


async def answer(request: web.BaseRequest) -> web.StreamResponse:
    if request.raw_path == "/304":
        return RawResponse(304, head_of(304, {"ETag": 'W/"1"'}))
    return RawResponse(200, HEAD, BODY)


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """Where a server answers with prepared responses."""
    runner = web.ServerRunner(web.Server(answer, access_log=None))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


async def exchange(port: int, sent: bytes, *, until_closed: bool = True, size: int = 0) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    try:
        return await (reader.read() if until_closed else reader.readexactly(size))
    finally:
        writer.close()
        await writer.wait_closed()


async def test_head_and_body_come_as_given_and_the_connection_stays_open(port: int) -> None:
    """Two requests sent together on one connection get two whole answers, with no header that was not given."""
    whole = HEAD + b"\r\n" + BODY

    got = await exchange(port, b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n" * 2, until_closed=False, size=2 * len(whole))

    assert whole * 2 == got


async def test_a_client_that_wants_the_connection_closed_is_told_so(port: int) -> None:
    """``Connection: close`` is answered in kind and the connection ends."""
    got = await exchange(port, b"GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")

    assert got == HEAD + b"Connection: close\r\n\r\n" + BODY


async def test_an_old_client_that_asks_to_keep_the_connection_is_told_that_it_may(port: int) -> None:
    """HTTP/1.0 keeps a connection only where the answer says so (RFC 9112 section 9.3)."""
    whole = HEAD + b"Connection: keep-alive\r\n\r\n" + BODY
    sent = b"GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"

    assert whole == await exchange(port, sent, until_closed=False, size=len(whole))
    assert await exchange(port, b"GET /a HTTP/1.0\r\n\r\n") == HEAD + b"Connection: close\r\n\r\n" + BODY


async def test_head_gets_the_length_and_no_body(port: int) -> None:
    """HEAD is answered with the headers of GET alone (RFC 9110 section 9.3.2)."""
    got = await exchange(port, b"HEAD /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")

    assert got == HEAD + b"Connection: close\r\n\r\n"


async def test_not_modified_has_no_body_and_no_length(port: int) -> None:
    """A 304 ends with its headers, and the next answer on the connection is read right."""
    got = await exchange(
        port, b"GET /304 HTTP/1.1\r\nHost: x\r\n\r\nGET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    )

    assert got == b'HTTP/1.1 304 Not Modified\r\nETag: W/"1"\r\n\r\n' + HEAD + b"Connection: close\r\n\r\n" + BODY


@pytest.mark.parametrize("value", ["a\r\nSet-Cookie: b", "a\nb", "a\x00b", "đ"])
def test_a_header_value_can_never_end_its_line(value: str) -> None:
    """What would split the response is refused before a byte is made of it."""
    with pytest.raises(ValueError, match="X-Some has characters that a header must not have"):
        head_of(200, {"X-Some": value})
