"""Files over HTTP: whole, or told to be not whole."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import aiohttp
import pytest
from aiohttp import web

from gateway.api.files import send_file
from gateway.api.routes import Request
from gateway.api.server import HttpServer
from gateway.core.call import Answer
from gateway.core.canonical import Content
from gateway.core.clock import SystemClock
from gateway.core.problems import Failing


async def parts(*chunks: bytes, error: Exception | None = None) -> AsyncIterator[bytes]:
    """A file in these pieces; then *error*, if any."""
    for chunk in chunks:
        yield chunk
    if error is not None:
        raise error


@asynccontextmanager
async def giving(make: Callable[[], AsyncIterator[bytes]]) -> AsyncIterator[str]:
    """A server that answers everything with the file."""

    async def handler(http: web.BaseRequest) -> web.StreamResponse:
        request = Request(http, "req-1", 0.0, "", "", {})
        content = Content("application/pdf", "Phiếu số 1.pdf", make())
        try:
            answer = Answer(value=content, fetched_at=datetime.now(UTC))
            return await send_file(request, answer, content, clock=SystemClock(), until=0)
        except Failing:
            return web.Response(status=503, text="a problem")

    runner = web.ServerRunner(HttpServer(handler, lambda: "id"))
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield "http://{}:{}/".format(*runner.addresses[0][:2])
    finally:
        await runner.cleanup()


async def get(url: str, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    """One request."""
    async with aiohttp.ClientSession() as session, session.request(method, url) as answer:
        return answer.status, dict(answer.headers), await answer.read()


@pytest.mark.parametrize("chunks", [(), (b"%PDF",), (b"%PDF", b"-1.4", b"")])
async def test_file_arrives_whole(chunks: tuple[bytes, ...]) -> None:
    """All pieces in their order, under the file's own name, even where it is empty."""
    async with giving(lambda: parts(*chunks)) as url:
        status, headers, body = await get(url)

    assert (status, body) == (200, b"".join(chunks))
    assert headers["Content-Disposition"] == "attachment; filename*=UTF-8''Phi%E1%BA%BFu%20s%E1%BB%91%201.pdf"


async def test_head_reads_no_further_than_the_first_piece() -> None:
    """HEAD has the headers, and the rest of the file is not asked for."""
    async with giving(lambda: parts(b"%PDF", error=RuntimeError("asked for"))) as url:
        status, _, body = await get(url, "HEAD")

    assert (status, body) == (200, b"")


async def test_failure_before_the_first_bytes_is_a_problem() -> None:
    """As long as nothing has left, what went wrong is told."""
    async with giving(lambda: parts(error=Failing("x", reason="cut_off"))) as url:
        status, _, body = await get(url)

    assert (status, body) == (503, b"a problem")


@pytest.mark.parametrize("error", [Failing("x", reason="cut_off"), ValueError("bug")])
async def test_failure_in_the_middle_cuts_the_connection(error: Exception) -> None:
    """A file that is not whole is never mistaken for one that is, and no second answer follows in it."""
    async with giving(lambda: parts(b"%PDF", error=error)) as url:
        host, port = url.removeprefix("http://").rstrip("/").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        begun = await reader.readuntil(b"4\r\n%PDF\r\n")
        with pytest.raises(ConnectionResetError):
            await reader.read()
        writer.close()
        with pytest.raises(aiohttp.ClientError):
            await get(url)

    assert begun.count(b"HTTP/1.1") == 1
