"""A minimal HTTP/1.1 client, so that it uses less time than the server it measures."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, raw head and body."""

    status: int
    head: bytes
    body: bytes

    def header(self, name: str) -> str | None:
        found = re.search(rb"\r\n" + name.encode() + rb": *([^\r]*)", self.head, re.IGNORECASE)
        return found[1].decode("latin-1") if found else None


class Connection(asyncio.Protocol):
    """One keep-alive connection, one request at a time."""

    def __init__(self, host: str) -> None:
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._waiter: asyncio.Future[Answer] | None = None
        self._host = host

    @classmethod
    async def open(cls, host: str, port: int) -> Connection:
        _, made = await asyncio.get_running_loop().create_connection(lambda: cls(f"{host}:{port}"), host, port)
        return made

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Returns the answer to GET; raises :class:`ConnectionError` when the server closes before it is complete."""
        if self._transport is None or self._transport.is_closing():
            raise ConnectionResetError("the connection is closed")
        lines = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
        self._waiter = asyncio.get_running_loop().create_future()
        self._transport.write(f"GET {path} HTTP/1.1\r\nHost: {self._host}\r\n{lines}\r\n".encode())
        return await self._waiter

    async def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Returns the answer to POST of JSON; raises as :meth:`get`."""
        if self._transport is None or self._transport.is_closing():
            raise ConnectionResetError("the connection is closed")
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"POST {path} HTTP/1.1\r\nHost: {self._host}\r\nContent-Length: {len(body)}\r\n{lines}\r\n"
        self._waiter = asyncio.get_running_loop().create_future()
        self._transport.write(head.encode() + body)
        return await self._waiter

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's transport is not a subclass

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        found = _LENGTH.search(self._buffer, 0, end)
        length = int(found[1]) if found else 0
        if len(self._buffer) < end + 4 + length:
            return
        head, body = self._buffer[:end], self._buffer[end + 4 : end + 4 + length]
        self._buffer = self._buffer[end + 4 + length :]
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(Answer(int(head[9:12]), head, body))

    def connection_lost(self, error: Exception | None) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(error or ConnectionResetError("closed before the answer was complete"))
