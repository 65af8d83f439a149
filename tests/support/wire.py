"""A wire to another server that a test cuts, holds and mends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Literal

Way = Literal["open", "cut", "held"]


class Wire:
    """Passes bytes on to *host* and *port* while it is open; cut, it ends what is there and takes nothing new; held, it
    takes everything and passes nothing on.
    """

    def __init__(self, host: str, port: int) -> None:
        self.number = 0
        self._host = host
        self._port = port
        self._open = asyncio.Event()
        self._open.set()
        self._cut = False
        self._writers: set[asyncio.StreamWriter] = set()

    def turn(self, way: Way) -> None:
        """Makes it so from now on."""
        self._cut = way == "cut"
        if way == "held":
            self._open.clear()
        else:
            self._open.set()
        if self._cut:
            for writer in self._writers:
                writer.transport.abort()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._cut:
            writer.transport.abort()
            return
        self._writers.add(writer)
        with suppress(OSError):
            far_reader, far_writer = await asyncio.open_connection(self._host, self._port)
            self._writers.add(far_writer)
            await asyncio.gather(self._pass(reader, far_writer), self._pass(far_reader, writer))
            self._writers.discard(far_writer)
        self._writers.discard(writer)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65_536):
                await self._open.wait()
                writer.write(data)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def wired(host: str, port: int) -> AsyncIterator[Wire]:
    """A wire on a free port of loopback."""
    wire = Wire(host, port)
    server = await asyncio.start_server(wire._take, "127.0.0.1", 0)
    wire.number = server.sockets[0].getsockname()[1]
    try:
        yield wire
    finally:
        server.close()
        wire.turn("cut")
