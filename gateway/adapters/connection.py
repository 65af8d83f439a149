"""A connection to an upstream that can't hold up the event loop: interim answers and small chunks have a number.

Both cost far more to parse than to send: aiohttp takes a quarter of a second for each 256 KiB of them.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Callable
from typing import Any, Final

from aiohttp import StreamReader, hdrs
from aiohttp.client_proto import ResponseHandler
from aiohttp.http import HttpProcessingError, RawResponseMessage

MOST_INTERIM: Final = 32
"""Interim answers (1xx, RFC 9110 section 15.2) before the final one."""
MOST_SMALL_CHUNKS: Final = 2_000
"""Chunks of less than 256 bytes (RFC 9112 section 7.1) in one answer."""
_FIRST_BYTES: Final = 4096
_STATUS_LINE: Final = b"HTTP/1."
_SMALL_CHUNK: Final = re.compile(rb"\r\n[0-9A-Fa-f]{1,2}\r\n")


class GuardedConnection(ResponseHandler):
    """aiohttp's client connection, which is aborted where an answer passes one of those numbers."""

    def __init__(self, loop: asyncio.AbstractEventLoop, certificate: Callable[[float], None] = lambda _: None) -> None:
        """Takes *certificate*, which is told when the certificate of the other side ends (seconds since 1970)."""
        super().__init__(loop)
        self._certificate = certificate
        self._answering = False
        self._chunked = False
        self._heads = 0
        self._small_chunks = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        shown = transport.get_extra_info("peercert")
        if shown:
            self._certificate(ssl.cert_time_to_seconds(shown["notAfter"]))

    def set_response_params(self, **params: Any) -> None:
        self._answering = self._chunked = False
        self._heads = self._small_chunks = 0
        super().set_response_params(**params)

    def data_received(self, data: bytes) -> None:
        if not self._answering:
            self._heads += data.count(_STATUS_LINE)
        if self._chunked or (not self._answering and len(data) > _FIRST_BYTES):
            self._small_chunks += len(_SMALL_CHUNK.findall(data))
        if self._heads > MOST_INTERIM + 1 or self._small_chunks > MOST_SMALL_CHUNKS:
            self.set_exception(HttpProcessingError(message="an answer without end"))
            if self.transport is not None:
                self.transport.abort()
            return
        super().data_received(data)

    def feed_data(self, data: tuple[RawResponseMessage, StreamReader], size: int = 0) -> None:
        message = data[0]
        self._answering = not 100 <= message.code < 200
        self._chunked = message.headers.get(hdrs.TRANSFER_ENCODING, "").lower().endswith("chunked")
        super().feed_data(data, size)
