"""Keeps an HTTP answer open for Server-Sent Events (the HTML standard, section 9.2); a client that does not read is cut
off.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from aiohttp import hdrs, web

from gateway.api.routes import Request
from gateway.core.clock import Clock

MEDIA_TYPE: Final = "text/event-stream"
HEARTBEAT_S: Final = 15.0
HEARTBEAT: Final = b": still here\n\n"
WRITE_S: Final = 10.0
"""Seconds in which a client takes what it is sent; one that does not is cut off."""
SEND_BUFFER: Final = 32 * 1024
"""Bytes that the system keeps for a client that does not read."""
BEGINS: Final = b"retry: 3000\n\n"
"""Milliseconds after which a browser comes back."""


@dataclass(frozen=True, slots=True)
class EventStream:
    """One open answer."""

    response: web.StreamResponse
    clock: Clock
    transport: asyncio.BaseTransport | None
    only_head: bool

    @classmethod
    async def begin(cls, request: Request, clock: Clock, headers: Mapping[str, str] | None = None) -> Self:
        """Sends the head of the answer."""
        response = web.StreamResponse(headers={
            "Content-Type": MEDIA_TYPE,
            "X-Request-Id": request.request_id,
            "X-Content-Type-Options": "nosniff",
            "X-Accel-Buffering": "no",
            "Cache-Control": "private, no-store",
            **(headers or {}),
        })  # fmt: skip
        if (transport := request.http.transport) is not None:
            own = transport.get_extra_info("socket")
            if own is not None:
                own.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
            transport.set_write_buffer_limits(high=SEND_BUFFER)
        response.force_close()
        await response.prepare(request.http)
        return cls(response, clock, transport, request.http.method == hdrs.METH_HEAD)

    async def write(self, data: bytes) -> None:
        """Sends *data*; raises :class:`TimeoutError` where the client does not take it."""
        async with self.clock.timeout_at(self.clock.monotonic() + WRITE_S):
            await self.response.write(data)

    def cut_off(self) -> None:
        """Closes the connection of a client that does not read."""
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()
