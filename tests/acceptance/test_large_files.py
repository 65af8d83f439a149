"""A large attachment of a legal document, from its source through ``lgsp serve`` to a caller on a bare socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pytest

from tests.support.odd_server import http
from tests.support.serving import KEY, peak_mib, serving

DETAIL: Final = {"success": True, "data": {"id": "7", "docNum": "1/2026/NĐ-CP", "title": "Nghị định"}}
FILES: Final = {"success": True, "data": [{"fileName": "van-ban.pdf"}]}
MIB: Final = 1024 * 1024
PART: Final = bytes(range(256)) * 256
PDF: Final = b"%PDF-1.7" + PART[8:]
FILE_BYTES: Final = 32 * MIB
Download = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Library:
    """A source with one document, whose file *download* writes; each request of the gateway is its own connection."""

    download: Download
    url: str = ""
    downloads: int = 0
    sent: int = 0
    left: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the gateway has ended the connection of a download."""

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request."""
        try:
            line = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[0]
            if b"/download" in line:
                self.downloads += 1
                await self.download(writer)
            else:
                answer = FILES if b"/files" in line else DETAIL
                writer.write(http(json.dumps(answer).encode(), "Content-Type: application/json"))
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            self.left.set()
        finally:
            writer.transport.abort() if self.left.is_set() else writer.close()

    async def send(self, writer: asyncio.StreamWriter, count: int) -> None:
        """*count* parts of a file, as fast as they are taken."""
        for number in range(count):
            writer.write(PART if number else PDF)
            await writer.drain()
            self.sent += len(PART)


@asynccontextmanager
async def library(download: Callable[[Library, asyncio.StreamWriter], Awaitable[None]]) -> AsyncIterator[Library]:
    """The source on a free port."""
    found = Library(lambda writer: download(found, writer))
    server = await asyncio.start_server(found.talk, "127.0.0.1", 0)
    found.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield found
    finally:
        server.close()


def head(length: int | None) -> bytes:
    """The head of a file's answer."""
    lines = ["HTTP/1.1 200 OK", "Content-Type: application/pdf", "Connection: close"]
    return "\r\n".join([*lines, *([] if length is None else [f"Content-Length: {length}"]), "", ""]).encode()


@asynccontextmanager
async def asked(url: str, version: str = "1.1") -> AsyncIterator[asyncio.StreamReader]:
    """The answer to a request for the file, on a connection of its own, which ends by a reset."""
    where = urlsplit(url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port, limit=MIB)
    path = "/v1/legal-documents/documents/7/content"
    writer.write(f"GET {path} HTTP/{version}\r\nHost: lgsp\r\nAuthorization: Bearer {KEY}\r\n\r\n".encode())
    try:
        yield reader
    finally:
        writer.transport.abort()
        writer.close()


async def head_from(reader: asyncio.StreamReader) -> str:
    """Status line and headers of the answer."""
    return (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")


async def rest_from(reader: asyncio.StreamReader) -> tuple[bytes, bool]:
    """What came until the connection ended, and whether it was reset."""
    found = bytearray()
    try:
        while part := await reader.read(MIB):
            found += part
    except ConnectionResetError:
        return bytes(found), True
    return bytes(found), False


POLICIES: Final = {"limits": {"file_bytes": FILE_BYTES}, "bulkhead": {"limit": 20}}


async def test_a_large_file_arrives_whole_with_its_length(tmp_path: Path) -> None:
    """Under its type, byte for byte, as long as the source said."""

    async def whole(source: Library, writer: asyncio.StreamWriter) -> None:
        writer.write(head(30 * len(PART)))
        await source.send(writer, 30)

    async with library(whole) as source, serving(tmp_path, source.url, POLICIES) as (url, _), asked(url) as reader:
        answer = await head_from(reader)
        body = await reader.readexactly(30 * len(PART))

    assert answer.startswith("HTTP/1.1 200 ")
    assert f"Content-Length: {30 * len(PART)}\r\n" in answer
    assert "Content-Type: application/pdf\r\n" in answer
    assert body == PDF + PART * 29


@pytest.mark.parametrize("version", ["1.1", "1.0"])
@pytest.mark.parametrize("announced", [True, False], ids=["announced", "without a length"])
async def test_a_file_that_is_cut_off_does_not_look_whole(announced: bool, version: str, tmp_path: Path) -> None:
    """The connection is reset: no caller, however old, takes what came for all; the source is not asked again."""

    async def cut(source: Library, writer: asyncio.StreamWriter) -> None:
        if announced:
            writer.write(head(30 * len(PART)))
            await source.send(writer, 20)
        else:
            writer.write(head(None).replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n"))
            for number in range(20):
                writer.write(b"%x\r\n%b\r\n" % (len(PART), PART if number else PDF))

    async with (
        library(cut) as source,
        serving(tmp_path, source.url, POLICIES) as (url, _),
        asked(url, version) as reader,
    ):
        answer = await head_from(reader)
        body, reset = await rest_from(reader)

    assert answer.startswith(f"HTTP/{version} 200 ")
    assert reset
    assert not body.endswith(b"0\r\n\r\n")
    assert len(body) < 30 * len(PART)
    assert ("Content-Length: " in answer) is announced
    assert source.downloads == 1


async def test_a_file_that_turns_out_too_large_is_cut_off(tmp_path: Path) -> None:
    """One that says so beforehand is refused with a problem."""
    length: int | None = None

    async def too_large(source: Library, writer: asyncio.StreamWriter) -> None:
        writer.write(head(length))
        await source.send(writer, FILE_BYTES // len(PART) + 1)

    async with library(too_large) as source, serving(tmp_path, source.url, POLICIES) as (url, _):
        async with asked(url) as reader:
            answer = await head_from(reader)
            body, reset = await rest_from(reader)
        length = FILE_BYTES + len(PART)
        async with asked(url) as reader:
            problem = await head_from(reader)

    assert (answer.split(" ")[1], reset) == ("200", True)
    assert len(body) < FILE_BYTES + MIB
    assert problem.startswith("HTTP/1.1 502 ")


async def test_a_caller_who_hangs_up_ends_the_download(tmp_path: Path) -> None:
    """The source's connection is closed, though it had more to send."""

    async def whole(source: Library, writer: asyncio.StreamWriter) -> None:
        writer.write(head(FILE_BYTES))
        await source.send(writer, FILE_BYTES // len(PART))

    async with library(whole) as source, serving(tmp_path, source.url, POLICIES) as (url, _):
        async with asked(url) as reader:
            await head_from(reader)
            assert not source.left.is_set()
        async with asyncio.timeout(5):
            await source.left.wait()

    assert source.sent < FILE_BYTES


async def test_many_files_at_once_take_little_memory(tmp_path: Path) -> None:
    """Sixteen callers who have read the head and wait, then all: half a gigabyte passes, a few megabytes are held."""

    async def whole(source: Library, writer: asyncio.StreamWriter) -> None:
        writer.write(head(FILE_BYTES))
        await source.send(writer, FILE_BYTES // len(PART))

    async def drain(reader: asyncio.StreamReader) -> int:
        count = 0
        while count < FILE_BYTES:
            count += len(await reader.read(MIB))
        return count

    async with library(whole) as source, serving(tmp_path, source.url, POLICIES) as (url, pid):
        async with asked(url) as reader:
            await head_from(reader)
            await drain(reader)
        rest = peak_mib(pid)
        async with AsyncExitStack() as callers:
            readers = [await callers.enter_async_context(asked(url)) for _ in range(16)]
            answers = await asyncio.gather(*map(head_from, readers))
            for _ in range(4):  # while these pass, a gateway that reads ahead of its callers has read all
                async with asked(url) as other:
                    await head_from(other)
                    await drain(other)
            waiting = source.sent - 5 * FILE_BYTES
            counts = await asyncio.gather(*map(drain, readers))
        peak = peak_mib(pid)

    assert all(answer.startswith("HTTP/1.1 200 ") for answer in answers)
    assert counts == [FILE_BYTES] * 16
    assert waiting < 16 * FILE_BYTES / 2
    assert peak < rest + 40
