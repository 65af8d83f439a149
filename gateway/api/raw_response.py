"""Responses whose head is bytes already.

aiohttp's own response gathers headers in a multidict, completes them and serialises them: most of the cost of a small
answer. Here the handlers format the head themselves, and head and body are sent in one write.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from aiohttp import HttpVersion11, hdrs, web
from aiohttp.abc import AbstractStreamWriter

_CLOSE: Final = b"Connection: close\r\n\r\n"
_KEEP: Final = b"Connection: keep-alive\r\n\r\n"
_NOTHING_MORE: Final = b"\r\n"


def status_line(status: int) -> str:
    """The first line of an answer, with its line end (RFC 9112 section 4)."""
    return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n"


def head_of(status: int, headers: Mapping[str, str]) -> bytes:
    """Status line and *headers* as bytes.

    Raises:
        ValueError: When a value holds a control character or no ASCII: it would end its line.
    """
    for name, value in headers.items():
        if not (value.isascii() and value.isprintable()):
            raise ValueError(f"{name} has characters that a header must not have")
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"{status_line(status)}{lines}".encode("ascii")


class RawResponse(web.StreamResponse):
    """A response with only the methods that aiohttp's server calls: it has no header mapping and can't be changed.

    Args:
        status: The status in *head*.
        head: Status line and header lines with their line ends, ``Content-Length`` and ``Date`` among them,
            ``Connection`` left out. The code that formats it must make sure that no value contains a line end.
        body: The body; a HEAD request gets only its length.
    """

    def __init__(self, status: int, head: bytes, body: bytes = b"") -> None:
        # The base's __init__ would make the mappings that this class is there to avoid.
        self._status = status
        self._head = head
        self._content = body
        self._keep_alive = True
        self._writer: AbstractStreamWriter | None = None
        self._ending = _NOTHING_MORE

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Completes the bytes for *request*; they are written by :meth:`write_eof`."""
        self._writer = request.writer
        if not request.keep_alive:
            self._keep_alive = False
            self._ending = _CLOSE
        elif request.version < HttpVersion11:
            self._ending = _KEEP
        if request.method == hdrs.METH_HEAD:
            self._content = b""
        return self._writer

    async def write_eof(self, data: bytes = b"") -> None:
        """Sends it all; waits where the client reads slowly."""
        assert self._writer is not None, "prepare() first"
        await self._writer.write_eof(b"".join((self._head, self._ending, self._content, data)))
        self._eof_sent = True
