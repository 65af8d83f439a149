"""A file that is read from its source as its reader asks for it, within the limits of files."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from typing import Final

import aiohttp
from aiohttp import hdrs
from aiohttp.http_exceptions import HttpProcessingError

from gateway.adapters.errors import our_error
from gateway.adapters.in_flight import Lease
from gateway.adapters.limits import BodyReader
from gateway.adapters.question import AnswerHead
from gateway.core.problems import GatewayError
from gateway.core.settings import AnswerLimits
from gateway.core.transfer import KEPT_BYTES

_CHUNK: Final = 64 * 1024


def encoding_of(response: AnswerHead | aiohttp.ClientResponse) -> str:
    """Its ``Content-Encoding``; the same one twice is one."""
    headers = response.headers
    return ",".join(dict.fromkeys(headers.getall(hdrs.CONTENT_ENCODING))) if hdrs.CONTENT_ENCODING in headers else ""


class UnreadFile:
    """The body of an open answer.

    While nobody reads, the connection is paused: aiohttp keeps at most 128 KiB, and the source can send no more.

    Args:
        response: The answer, whose head has come.
        limits: Those of files.
        lease: Room for the first bytes; it is held as long as the answer is open.

    Raises:
        OffContract: More bytes are announced than a file may have.
    """

    def __init__(self, response: aiohttp.ClientResponse, limits: AnswerLimits, lease: Lease) -> None:
        encoding = encoding_of(response)
        self._reader = BodyReader(limits, encoding, response.content_length)
        self._parts = self._unpacked(response)
        self._lease = lease
        self._open = AsyncExitStack()
        self.at_end = False
        """Whether the last byte was read."""
        self.length = None if encoding else response.content_length
        """Bytes of the whole, where they are known."""

    async def first(self) -> bytes:
        """The first bytes: more than :data:`KEPT_BYTES`, or all."""
        gathered: list[bytes] = []
        while self._reader.size <= KEPT_BYTES and (part := await self._next()):
            self._lease.grow_to(self._reader.size)
            gathered.append(part)
        return b"".join(gathered)

    def keep_open(self, stack: AsyncExitStack) -> None:
        """Takes over the answer and its room; :meth:`close` ends both."""
        self._open = stack

    async def read(self) -> bytes:
        """See :class:`gateway.core.transfer.RestOfFile`."""
        try:
            return await self._next()
        except (GatewayError, aiohttp.ClientError, HttpProcessingError, OSError, ValueError) as error:
            failed = our_error(error, answering=True)
        # Raised out here, the error holds no frame that holds bytes of the file.
        raise failed

    async def close(self) -> None:
        """See :class:`gateway.core.transfer.RestOfFile`."""
        await self._parts.aclose()
        await self._open.aclose()

    async def _next(self) -> bytes:
        part = await anext(self._parts, b"")
        self.at_end = not part
        return part

    async def _unpacked(self, response: aiohttp.ClientResponse) -> AsyncGenerator[bytes, None]:
        async for chunk in response.content.iter_chunked(_CHUNK):
            for part in self._reader.unpack(chunk):
                if part:
                    yield part
        self._reader.end()
