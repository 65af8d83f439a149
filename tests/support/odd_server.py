"""A server that answers with exactly the bytes that a test says, and keeps what it was asked."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Script = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class OddServer:
    """Where it is, and what it heard: the whole of each request."""

    url: str = ""
    heard: list[bytes] = field(default_factory=list)


def http(body: bytes, *headers: str, status: str = "200 OK", length: int | None = -1) -> bytes:
    """An HTTP answer; *length* -1 says the true one, None says none."""
    lines = [f"HTTP/1.1 {status}", "Connection: close", *headers]
    if length is not None:
        lines.append(f"Content-Length: {len(body) if length == -1 else length}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def saying(*parts: bytes, reset: bool = False) -> Script:
    """Writes *parts* one by one and closes; with *reset*, by RST."""

    async def script(writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0)
        if reset:
            await asyncio.sleep(0.01)  # so that what was written arrives before the reset
            writer.transport.abort()

    return script


async def silence(writer: asyncio.StreamWriter) -> None:
    """Never answers."""
    await writer.wait_closed()


@asynccontextmanager
async def odd_server(
    script: Script, *, tls: ssl.SSLContext | None = None, hears: bool = True
) -> AsyncIterator[OddServer]:
    """A server on a free port that runs *script* for each request; for each connection where it does not hear."""
    odd = OddServer()
    tasks: set[asyncio.Task[None]] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if hears:
                odd.heard.append(await _request(reader))
            await script(writer)
            writer.close()
            await writer.wait_closed()
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            pass
        finally:
            writer.transport.abort()

    def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(talk(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    odd.url = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    try:
        yield odd
    finally:
        server.close()
        await asyncio.sleep(0)  # a connection that has just come gets its task
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # aborted transports say their farewell


async def _request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    return head + await reader.readexactly(length)
