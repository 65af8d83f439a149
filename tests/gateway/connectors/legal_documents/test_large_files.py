"""A large file on its way from the public system through a running gateway, on good days and bad ones."""

from __future__ import annotations

import asyncio
import gzip
import random
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
import pytest
from aiohttp import web

from tests.support.laptop import laptop_settings, serving_portal
from tests.support.portal import KEY, Portal

PATH: Final = "/v1/legal-documents/documents/96172/content"
MIB: Final = 1024 * 1024
PDF: Final = b"%PDF-1.7\n" + random.Random(19).randbytes(3 * MIB)
"""Three MiB."""
Download = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@dataclass
class Source:
    """The public system with one document that has no text, and one file; *asked* counts its downloads."""

    download: Download
    asked: int = 0
    sent: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, http: web.BaseRequest) -> web.StreamResponse:
        """Answers."""
        if http.path.endswith("/download"):
            self.asked += 1
            return await self.download(http)
        data: object = {"id": "96172", "docNum": "61/2018/NĐ-CP"}
        if http.path.endswith("/files"):
            data = [{"fileName": "van-ban.pdf"}]
        return web.json_response({"success": True, "data": data})


@asynccontextmanager
async def serving(source: Source, **upstream: Any) -> AsyncIterator[Portal]:
    """A gateway that asks *source*."""
    runner = web.ServerRunner(web.Server(source, handler_cancellation=True))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = "http://{}:{}".format(*runner.addresses[0][:2])
    block = {
        "upstreams": {"gateway": {"url": url, "retry": {"attempts": 2}, **upstream}},
        "operations": {"content": {"upstream": "gateway"}},
    }
    try:
        settings = laptop_settings(url, connectors={"legal_documents": block})
        async with serving_portal(settings) as portal, asyncio.timeout(20):
            yield portal
    finally:
        await runner.cleanup()


async def part_of(
    http: web.BaseRequest, *parts: bytes, length: int | None = None, **headers: str
) -> web.StreamResponse:
    """An answer of these parts, not ended yet; without *length* it is chunked."""
    response = web.StreamResponse(headers={name.replace("_", "-"): value for name, value in headers.items()})
    response.content_length = length
    await response.prepare(http)
    for part in parts:
        await response.write(part)
    return response


def whole(body: bytes = PDF, *, length: bool = True, **headers: str) -> Download:
    """Sends *body* whole."""

    async def download(http: web.BaseRequest) -> web.StreamResponse:
        response = await part_of(http, body, length=len(body) if length else None, **headers)
        await response.write_eof()
        return response

    return download


def cut(body: bytes, length: int | None) -> Download:
    """Sends *body*, and resets the connection."""

    async def download(http: web.BaseRequest) -> web.StreamResponse:
        response = await part_of(http, body, length=length)
        assert http.transport is not None
        http.transport.close()
        return response

    return download


def asked(portal: Portal) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
    """The answer to a request for the file, its body unread."""
    return portal.session.get(portal.gateway.url + PATH, headers={"Authorization": f"Bearer {KEY}"})


@pytest.mark.parametrize(
    ("download", "length"),
    [
        (whole(), str(len(PDF))),
        (whole(length=False), None),
        (whole(gzip.compress(PDF), Content_Encoding="gzip"), None),
        (whole(PDF[:1000]), "1000"),
        (whole(PDF[:1000], length=False), "1000"),
    ],
    ids=["length", "no length", "gzip", "small", "small, no length"],
)
async def test_a_file_comes_byte_for_byte(download: Download, length: str | None) -> None:
    """With its length where that is known, and with its type and name."""
    async with serving(Source(download)) as portal:
        answer = await portal.ask("GET", PATH)

    assert (answer.status, answer.media_type) == (200, "application/pdf")
    assert answer.body == PDF[: len(answer.body)]
    assert len(answer.body) == (1000 if length == "1000" else len(PDF))
    assert answer.headers.get("Content-Length") == length


async def test_the_first_bytes_arrive_before_the_last_have_left_the_source() -> None:
    """The file is not gathered: the source waits for its caller to have the beginning."""
    begun = asyncio.Event()

    async def download(http: web.BaseRequest) -> web.StreamResponse:
        response = await part_of(http, PDF[: 2 * MIB], length=len(PDF))
        await begun.wait()
        await response.write(PDF[2 * MIB :])
        return response

    async with serving(Source(download)) as portal, asked(portal) as answer:
        first = await answer.content.readexactly(MIB)
        begun.set()
        rest = await answer.content.read()

    assert first + rest == PDF


@pytest.mark.parametrize("length", [len(PDF), None], ids=["length", "no length"])
async def test_a_file_that_is_cut_off_never_looks_whole(length: int | None) -> None:
    """The caller's transfer is broken as well; the source is asked once, and its failure is counted."""
    source = Source(cut(PDF[: 2 * MIB], length))
    async with serving(source) as portal:
        with pytest.raises(aiohttp.ClientError):
            await portal.ask("GET", PATH)
        async with portal.session.get(f"{portal.gateway.ops_url}/metrics") as answer:
            lines = (await answer.text()).splitlines()

    assert source.asked == 1
    for outcome in ("cut_off", "upstream-unavailable"):
        assert [line for line in lines if f'"{outcome}"' in line and line.endswith(" 1.0")], lines


async def test_a_cut_off_file_of_unknown_length_is_a_reset_to_an_old_client() -> None:
    """A client of HTTP/1.0 reads until the connection ends: only a reset tells it that the file is not whole."""
    async with serving(Source(cut(PDF[: 2 * MIB], None))) as portal:
        host, port = urlsplit(portal.gateway.url).hostname, urlsplit(portal.gateway.url).port
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(f"GET {PATH} HTTP/1.0\r\nAuthorization: Bearer {KEY}\r\n\r\n".encode())
        assert b" 200 " in await reader.readline()
        with pytest.raises(ConnectionResetError):
            await reader.read()
        writer.close()


async def test_a_cut_before_the_first_bytes_have_gone_on_is_tried_again() -> None:
    """Then the caller sees one whole file."""
    downloads = [cut(PDF[:MIB], len(PDF)), whole()]

    async def next_one(http: web.BaseRequest) -> web.StreamResponse:
        return await downloads.pop(0)(http)

    source = Source(next_one)
    async with serving(source) as portal:
        answer = await portal.ask("GET", PATH)

    assert (answer.status, source.asked) == (200, 2)
    assert answer.body == PDF


async def test_an_announced_length_above_the_limit_is_refused_before_a_byte() -> None:
    """As a problem document."""
    async with serving(Source(whole()), limits={"file_bytes": 2 * MIB}) as portal:
        answer = await portal.ask("GET", PATH)

    assert (answer.verdict, answer.json["reason"]) == ((502, "upstream-invalid-response"), "response_too_large")


@pytest.mark.parametrize(
    "download",
    [whole(length=False), whole(gzip.compress(PDF[:9] + PDF[9:1_300_000].hex().encode()), Content_Encoding="gzip")],
    ids=["plain", "gzip"],
)
async def test_a_file_that_turns_out_too_large_is_broken_off(download: Download) -> None:
    """Its head has gone; what came is not taken for the whole."""
    async with serving(Source(download), limits={"file_bytes": 2 * MIB}) as portal:
        with pytest.raises(aiohttp.ClientError):
            await portal.ask("GET", PATH)


async def test_a_file_of_another_type_is_refused_by_its_first_bytes() -> None:
    """Although it is large and comes with success; the source's connection is closed."""
    gone = asyncio.Event()

    async def download(http: web.BaseRequest) -> web.StreamResponse:
        try:
            response = await part_of(http, b"x" * 2 * MIB)
            await asyncio.get_running_loop().create_future()
        finally:
            gone.set()
        return response

    async with serving(Source(download)) as portal:
        answer = await portal.ask("GET", PATH)
        await gone.wait()

    assert answer.verdict == (502, "upstream-invalid-response")


async def test_a_page_for_people_in_place_of_a_file_is_maintenance() -> None:
    """Also a large one."""
    async with serving(Source(whole(b"<html><body>" + b"bao tri " * 300_000))) as portal:
        answer = await portal.ask("GET", PATH)

    assert (answer.verdict, answer.json["reason"]) == ((503, "upstream-unavailable"), "maintenance")


async def _hangs_up(portal: Portal) -> socket.socket | None:
    """Reads the first bytes of the file, and goes."""
    async with asked(portal) as answer:
        await answer.content.readexactly(1000)
        answer.close()
    return None


async def _takes_nothing_more(portal: Portal) -> socket.socket:
    """Reads the first bytes of the file, and then no more, until the gateway gives it up."""
    address = urlsplit(portal.gateway.url)
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(raw, (address.hostname, address.port))
    head = f"GET {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\nX-Request-Timeout: 1\r\n\r\n"
    await loop.sock_sendall(raw, head.encode())
    assert await loop.sock_recv(raw, 100)
    return raw


@pytest.mark.parametrize("caller", [_hangs_up, _takes_nothing_more])
async def test_a_caller_that_goes_or_takes_nothing_ends_the_sources_connection(
    caller: Callable[[Portal], Awaitable[socket.socket | None]],
) -> None:
    """Its place at the source is free for others, at the latest at the request's deadline; until then no more is read
    than the buffers of two connections take.
    """
    gone = asyncio.Event()
    sent = 0

    async def download(http: web.BaseRequest) -> web.StreamResponse:
        nonlocal sent
        response = await part_of(http, PDF[:9])
        try:
            while True:
                await response.write(b"x" * MIB)
                sent += 1
        finally:
            gone.set()

    async with serving(Source(download), limits={"file_bytes": 1024 * MIB}) as portal:
        held = await caller(portal)
        await gone.wait()
        if held is not None:
            held.close()

    assert sent < 64


async def test_a_source_that_falls_silent_within_a_file_is_given_up() -> None:
    """After the time of an attempt."""

    async def download(http: web.BaseRequest) -> web.StreamResponse:
        response = await part_of(http, PDF[: 2 * MIB], length=len(PDF))
        await asyncio.get_running_loop().create_future()
        return response

    async with serving(Source(download), attempt_timeout_s=0.5) as portal:
        with pytest.raises(aiohttp.ClientError):
            await portal.ask("GET", PATH)
