"""How a body is packed on the wire: ``Content-Encoding``, and ``multipart/related`` around a single part."""

from __future__ import annotations

import re
import zlib
from email.message import Message
from email.parser import BytesHeaderParser
from functools import lru_cache
from itertools import islice, pairwise
from typing import Final, Protocol

from gateway.core.problems import OffContract

ACCEPT_ENCODING: Final = "gzip, deflate"
_NOT_PACKED: Final = frozenset({"", "identity", "none", "binary", "7bit", "8bit", "utf-8", "utf8"})
"""Words under which a body comes as it is; some servers put its character set or transfer encoding there."""
_PLAIN_TRANSFER: Final = frozenset({"", "7bit", "8bit", "binary"})
_END_OF_HEAD: Final = re.compile(rb"\r?\n\r?\n")
_LONGEST_HEAD: Final = 16_384
_PARTS: Final = 32
"""Parts in which the root is looked for; it is the first nearly always."""


class Decompressor(Protocol):
    """Unpacks a body chunk by chunk, as :func:`zlib.decompressobj` does."""

    @property
    def unconsumed_tail(self) -> bytes: ...

    @property
    def unused_data(self) -> bytes: ...

    @property
    def eof(self) -> bool: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


def decompressor(encoding: str) -> Decompressor | None:
    """Unpacks what the ``Content-Encoding`` *encoding* says; None for a body that comes as it is.

    Raises:
        OffContract: ``malformed``, for an encoding that was not asked for, and for more than one.
    """
    given = [word for part in encoding.lower().split(",") if (word := part.strip()) not in _NOT_PACKED]
    match given:
        case []:
            return None
        case ["gzip" | "x-gzip"]:
            return zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
        case ["deflate"]:
            return _Deflate()
        case [_]:
            raise OffContract("The answer has a content encoding that was not asked for.", reason="malformed")
        case _:
            raise OffContract("The answer is compressed more than once.", reason="malformed")


class _Deflate:
    """``deflate`` (RFC 9110 section 8.4.1.2): with its zlib wrapper, or without, as some servers send it."""

    def __init__(self) -> None:
        self._first = b""
        self._inner: Decompressor | None = None

    @property
    def unconsumed_tail(self) -> bytes:
        return b"" if self._inner is None else self._inner.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return b"" if self._inner is None else self._inner.unused_data

    @property
    def eof(self) -> bool:
        return self._inner is not None and self._inner.eof

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        if self._inner is None:
            data = self._first + data
            if len(data) < 2:
                self._first = data
                return b""
            # RFC 1950 section 2.2: method 8, and a check that makes both bytes a multiple of 31.
            wrapped = data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0
            self._inner = zlib.decompressobj(wbits=zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)
        return self._inner.decompress(data, max_length)


@lru_cache(maxsize=64)
def content_type(value: str) -> Message:
    """A ``Content-Type`` (RFC 9110 section 8.3), to be asked for its parameters."""
    head = Message()
    head["Content-Type"] = " ".join(value.split())
    return head


def root_part(body: bytes, outer: Message) -> tuple[Message, bytes]:
    """Headers and content of the root part of ``multipart/related`` (RFC 2387); attachments are not read.

    A server that has MTOM switched on wraps an answer without attachments so.

    Raises:
        OffContract: ``malformed``, where there is no such part.
    """
    boundary, start = outer.get_param("boundary"), outer.get_param("start")
    if not isinstance(boundary, str) or not boundary:
        raise _no_part()
    line = re.compile(rb"(?:^|\r?\n)--" + re.escape(boundary.encode("utf-8", "replace")) + rb"(?:--)?[ \t]*(?=\r?\n|$)")
    marks = list(islice(line.finditer(body), _PARTS + 1))
    parts = [_opened(body[mark.end() : next_.start()]) for mark, next_ in pairwise(marks)]
    if not parts:
        raise _no_part()
    found = next((part for part in parts if _name(part[0]["Content-ID"]) == _name(start)), parts[0])
    if str(found[0].get("Content-Transfer-Encoding", "")).strip().lower() not in _PLAIN_TRANSFER:
        raise _no_part()
    return found


def _opened(part: bytes) -> tuple[Message, bytes]:
    """A part's headers and content; *part* begins with the end of its boundary's line."""
    end = _END_OF_HEAD.search(part, 0, _LONGEST_HEAD)
    if end is None:
        raise _no_part()
    return BytesHeaderParser().parsebytes(part[: end.start()].lstrip()), part[end.end() :]


def _name(value: object) -> str:
    return str(value or "").strip().strip("<>")


def _no_part() -> OffContract:
    return OffContract("The answer is multipart, and its root part cannot be read.", reason="malformed")
