"""Sends a file: its media type, its name (RFC 6266), no envelope."""

from __future__ import annotations

import asyncio
import hashlib
import socket
import struct
from collections.abc import Mapping
from contextlib import suppress
from typing import Final
from urllib.parse import quote

import structlog
from aiohttp import hdrs, web

from gateway.api.ranges import part_of
from gateway.api.response import rate_headers
from gateway.api.routes import Request
from gateway.core.call import Answer
from gateway.core.canonical import Content
from gateway.core.clock import Clock

_RESET: Final = struct.pack("ii", 1, 0)
"""SO_LINGER with no seconds: the connection ends by a reset, and what was not sent yet is dropped."""
_LARGE: Final = 256 * 1024
"""Bytes from which on a file is hashed in a thread."""
log = structlog.get_logger("gateway.operations")


async def send_file(
    request: Request, answer: Answer, content: Content, *, clock: Clock, until: float
) -> web.StreamResponse:
    """The response that holds *content*.

    A failure before the first bytes is a problem document as usual. After them the connection is reset, because that is
    the only way to tell the client that the file is not complete: where its length is not known, a client of HTTP/1.0
    takes the plain end of a connection for the end of the file.

    Args:
        request: The request.
        answer: The answer of the ring.
        content: Its value.
        clock: The gateway's.
        until: Monotonic seconds at which a file that still comes from its source is given up, also where its caller
            does not take it.
    """
    headers = {
        "Content-Type": content.media_type,
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(content.filename, safe='')}",
        "X-Request-Id": request.request_id,
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
        "Cache-Status": "lgsp; fwd=bypass",
        "Age": str(int(answer.age)),
        **rate_headers(request.trace),
    }
    if content.body is not None:
        return await _send_kept(request, content, content.body, headers)
    response = web.StreamResponse(headers=headers)
    if content.length is not None:
        response.content_length = content.length
    try:
        async with clock.timeout_at(None if content.on_its_way is None else until):
            await _send(request, response, content)
    finally:
        if content.on_its_way is not None:
            await content.on_its_way.aclose()
    return response


async def _send_kept(request: Request, content: Content, body: bytes, headers: Mapping[str, str]) -> web.StreamResponse:
    """A file that is here whole, or the part of it that the request asks for."""
    digest = hashlib.sha256(body) if len(body) < _LARGE else await asyncio.to_thread(hashlib.sha256, body)
    etag = f'"{digest.hexdigest()}"'
    part = part_of(request.http.method, request.http.headers, etag, len(body))
    response = web.Response(status=part.status, headers={**headers, "ETag": etag, "Accept-Ranges": "bytes"})
    if part.status == 304:
        del response.headers["Content-Type"]
        return response
    if part.status == 206:
        response.headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{len(body)}"
    response.body = body[part.start : part.stop]
    response.headers["Content-Type"] = content.media_type
    if content.given is not None and part.stop == len(body) and request.http.method != hdrs.METH_HEAD:
        await content.given()
    return response


async def _send(request: Request, response: web.StreamResponse, content: Content) -> None:
    chunks = aiter(content.chunks)
    first = await anext(chunks, b"")
    await response.prepare(request.http)
    try:
        if request.http.method != hdrs.METH_HEAD:
            await response.write(first)
            async for chunk in chunks:
                await response.write(chunk)
        await response.write_eof()
    except asyncio.CancelledError:
        # The caller has gone, or took the file too slowly.
        _reset(request.http.transport)
        raise
    except Exception as error:
        log.warning("file broke off", request_id=request.request_id, error=type(error).__name__)
        _reset(request.http.transport)
        raise ConnectionResetError("the file broke off") from error


def _reset(transport: asyncio.Transport | None) -> None:
    if transport is None:
        return
    connection = transport.get_extra_info("socket")
    if connection is not None:
        with suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    transport.abort()
