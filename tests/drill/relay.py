"""A TLS port before the mock country, whose certificate can be changed."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from tests.proof.processes import free_port
from tests.support.certificates import Authority

LONG_DAYS: Final = 90
SHORT_DAYS: Final = 5
_AT_ONCE: Final = 65_536


@dataclass
class TlsRelay:
    """Passes on what arrives to *target*, a port of this machine."""

    folder: Path
    target: int
    port: int = field(default_factory=free_port)
    authority: Authority = field(default_factory=Authority.make)
    server: asyncio.Server | None = None
    open: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"https://127.0.0.1:{self.port}"

    @property
    def ca_file(self) -> str:
        """The authority that vouches for it."""
        return str(self.folder / "authority.pem")

    @classmethod
    async def start(cls, folder: Path, target: int) -> Self:
        """A relay with a certificate that holds long."""
        made = cls(folder, target)
        made.authority.bundle(folder)
        await made.show(LONG_DAYS)
        return made

    async def show(self, days: int) -> None:
        """Shows a certificate that ends in so many days, from the next connection on; those that are open end."""
        await self.stop()
        context: ssl.SSLContext = self.authority.server(self.folder, days=(-1, days))
        self.server = await asyncio.start_server(self._pass_on, "127.0.0.1", self.port, ssl=context)

    async def stop(self) -> None:
        """Closes all."""
        if self.server is not None:
            self.server.close()
            for writer in list(self.open):
                writer.close()
            await self.server.wait_closed()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open.add(writer)
        with suppress(OSError):
            theirs, ours = await asyncio.open_connection("127.0.0.1", self.target)
            await asyncio.gather(_copied(reader, ours), _copied(theirs, writer))
        self.open.discard(writer)


async def _copied(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(_AT_ONCE):
            writer.write(data)
            await writer.drain()
    writer.close()
