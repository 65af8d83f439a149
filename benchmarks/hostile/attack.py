"""One attack: what it sends, and how the source behaves meanwhile. To add one is to declare one."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from benchmarks.subjects import HEADERS

PATIENCE_S: Final = 30.0
PURPOSE: Final = {"X-Dossier-Id": "000.00.04.H58-261124-0001", "X-User-Id": "canbo.bench"}
JSON: Final = {**HEADERS, **PURPOSE, "Content-Type": "application/json"}

Answerer = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]
"""Writes the source's answer to a request, given its head; what it leaves open is closed after it."""


@dataclass(slots=True)
class Target:
    """The attacked gateway, and what came back so far: statuses, and words for what is no answer."""

    host: str
    port: int
    seen: Counter[str] = field(default_factory=Counter)

    async def send(self, data: bytes, *, pieces: int = 1 << 20, stay: float = 0.0) -> None:
        """Sends *data* on a connection of its own, notes the answer's status, and hangs up after *stay* seconds."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                reader, writer = await asyncio.open_connection(self.host, self.port)
                try:
                    first = asyncio.create_task(reader.readline())
                    for start in range(0, len(data), pieces):
                        writer.write(data[start : start + pieces])
                        await writer.drain()
                    if stay:
                        await asyncio.sleep(stay)
                    line = b"" if stay and not first.done() else await first
                    first.cancel()
                    self.seen[line[9:12].decode() or "no answer"] += 1
                finally:
                    writer.close()
        except (ConnectionError, asyncio.IncompleteReadError):
            self.seen["hung up"] += 1
        except TimeoutError:
            self.seen["timeout"] += 1

    async def at_once(self, number: int, data: bytes, **more: float) -> None:
        """*data* on so many connections at once."""
        await asyncio.gather(*(self.send(data, stay=more.get("stay", 0.0)) for _ in range(number)))


@dataclass(frozen=True, slots=True)
class Attack:
    """An attack by callers, by a source, or by both."""

    name: str
    what: str
    """Its size, for the table."""
    run: Callable[[Target], Awaitable[None]]
    source: Answerer | None = None
    """How the source behaves meanwhile; None where nobody asks it."""


def request(
    path: str, body: bytes = b"", headers: Mapping[str, str] = JSON, *, method: str = "POST", length: int | None = None
) -> bytes:
    """The bytes of one request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: gateway", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines.append(f"Content-Length: {len(body) if length is None else length}")
    return "\r\n".join([*lines, "", ""]).encode() + body
