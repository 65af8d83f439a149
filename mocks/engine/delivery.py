"""Sends an answer whole, cut, slowly, as a flood or never. `kinds.py` decides which (pure); this file does the I/O."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache
from typing import ClassVar, Final, assert_never

from aiohttp import web

from mocks.engine.service import Reply

MEGABYTE: Final = 1_048_576
#: Long enough for the first part of a body to reach the peer before the connection breaks.
_SETTLE_S: Final = 0.02
#: SO_LINGER with zero seconds: close() sends RST in place of FIN.
_RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class Whole:
    """The reply unchanged; its `Date` header is `skew_s` seconds wrong."""

    reply: Reply
    skew_s: float = 0.0

    @property
    def status(self) -> int | None:
        return self.reply.status


@dataclass(frozen=True, slots=True)
class Cut:
    """Headers for the whole body, then half of it, then a reset or an orderly close of the connection."""

    reply: Reply
    reset: bool

    @property
    def status(self) -> int | None:
        return self.reply.status


@dataclass(frozen=True, slots=True)
class Slow:
    """The whole body in chunks, at a fixed number of bytes a second."""

    reply: Reply
    bytes_per_second: float

    @property
    def status(self) -> int | None:
        return self.reply.status


@dataclass(frozen=True, slots=True)
class Flood:
    """A long well-formed body: opening, a filler of the given megabytes, closing; gzipped or plain."""

    content_type: str
    opening: bytes
    closing: bytes
    megabytes: int
    gzip: bool
    status: ClassVar[int | None] = 200


@dataclass(frozen=True, slots=True)
class Reset:
    """RST before the first byte of the answer."""

    status: ClassVar[int | None] = None


@dataclass(frozen=True, slots=True)
class Silence:
    """No answer; the connection stays open until faults are cleared or the peer closes it."""

    status: ClassVar[int | None] = None


@dataclass(frozen=True, slots=True)
class Later:
    """The connection is closed without an answer, and the message is worked `seconds` later."""

    seconds: float
    work: Callable[[], Reply]
    status: ClassVar[int | None] = None


Delivery = Whole | Cut | Slow | Flood | Reset | Silence | Later


class Hangs:
    """The requests that `hang` keeps waiting; clearing, reset and shutdown end them."""

    __slots__ = ("_released",)

    def __init__(self) -> None:
        self._released = asyncio.Event()

    async def wait(self) -> None:
        await self._released.wait()

    def release(self) -> None:
        """Ends all requests that wait now; later requests wait again."""
        self._released.set()
        self._released = asyncio.Event()


def response_of(reply: Reply) -> web.Response:
    response = web.Response(status=reply.status, body=reply.body, headers={"Content-Type": reply.content_type})
    for name, value in reply.headers:
        # A header that is given twice would be sent twice; cookies alone may be.
        if name.lower() == "set-cookie":
            response.headers.add(name, value)
        else:
            response.headers[name] = value
    return response


Sleep = Callable[[float], Awaitable[None]]


async def deliver(request: web.BaseRequest, delivery: Delivery, hangs: Hangs, sleep: Sleep) -> web.StreamResponse:
    """Sends the answer in the way of *delivery* and returns the response, finished or aborted."""
    match delivery:
        case Whole(reply, skew_s):
            response = response_of(reply)
            if skew_s:
                response.headers["Date"] = formatdate(time.time() + skew_s, usegmt=True)
            return response
        case Cut(reply, reset):
            return await _cut(request, reply, sleep, reset=reset)
        case Slow(reply, pace):
            return await _stream(request, reply.status, reply.content_type, _paced(reply.body, pace, sleep))
        case Flood(content_type, opening, closing, megabytes, gzip):
            if gzip:
                packed = await asyncio.to_thread(gzipped, opening, closing, megabytes)
                return web.Response(body=packed, headers={"Content-Type": content_type, "Content-Encoding": "gzip"})
            return await _stream(request, 200, content_type, _flood(opening, closing, megabytes))
        case Reset():
            return _broken(request, reset=True)
        case Silence():
            await hangs.wait()
            return _broken(request, reset=False)
        case Later():
            return _broken(request, reset=False)
    assert_never(delivery)


async def _cut(request: web.BaseRequest, reply: Reply, sleep: Sleep, *, reset: bool) -> web.StreamResponse:
    response = web.StreamResponse(status=reply.status, headers={"Content-Type": reply.content_type})
    response.content_length = max(len(reply.body), 2)
    with contextlib.suppress(ConnectionError):
        await response.prepare(request)
        await response.write(reply.body[: max(len(reply.body) // 2, 1)])
        await sleep(_SETTLE_S)
    return _broken(request, reset=reset)


async def _stream(
    request: web.BaseRequest, status: int, content_type: str, chunks: AsyncIterator[bytes]
) -> web.StreamResponse:
    response = web.StreamResponse(status=status, headers={"Content-Type": content_type})
    response.enable_chunked_encoding()
    with contextlib.suppress(ConnectionError):  # the peer closed the connection early
        await response.prepare(request)
        async for chunk in chunks:
            await response.write(chunk)
        await response.write_eof()
    return response


async def _paced(body: bytes, bytes_per_second: float, sleep: Sleep) -> AsyncIterator[bytes]:
    size = max(int(bytes_per_second / 10), 1)
    for start in range(0, len(body), size):
        yield body[start : start + size]
        await sleep(size / bytes_per_second)


async def _flood(opening: bytes, closing: bytes, megabytes: int) -> AsyncIterator[bytes]:
    yield opening
    block = b"0" * (MEGABYTE // 16)
    for _ in range(megabytes * 16):
        yield block
    yield closing


def _broken(request: web.BaseRequest, *, reset: bool) -> web.Response:
    """Closes the connection of the request; aiohttp then finds it closed and writes nothing."""
    transport = request.transport
    if transport is not None:
        if reset:
            peer: socket.socket | None = transport.get_extra_info("socket")
            if peer is not None:
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            transport.abort()
        else:
            transport.close()
    return web.Response()


@lru_cache(maxsize=4)
def gzipped(opening: bytes, closing: bytes, megabytes: int) -> bytes:
    """Returns a gzip stream of opening, the given megabytes of zeros, and closing.

    One megabyte is deflated once and repeated: a full flush ends it on a byte boundary with an empty window.
    """
    block = b"0" * MEGABYTE
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    head = deflate.compress(opening) + deflate.flush(zlib.Z_FULL_FLUSH)
    once = deflate.compress(block) + deflate.flush(zlib.Z_FULL_FLUSH)
    tail = deflate.compress(closing) + deflate.flush(zlib.Z_FINISH)
    check = zlib.crc32(opening)
    for _ in range(megabytes):
        check = zlib.crc32(block, check)
    check = zlib.crc32(closing, check)
    size = len(opening) + megabytes * MEGABYTE + len(closing)
    header = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
    return header + head + once * megabytes + tail + struct.pack("<II", check, size % 2**32)
