"""Limits of an answer, whatever the protocol: bytes, decompressed bytes and ratio, nesting, number of values.

A limit that is passed is the upstream's breach: :class:`OffContract`, reason ``response_too_large``.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import Final

from gateway.adapters.encoding import decompressor
from gateway.core.problems import OffContract
from gateway.core.settings import AnswerLimits

_RATIO_FLOOR: Final = 1024 * 1024
_STEP: Final = 256 * 1024
_SMALL: Final = 64 * 1024
_LONGEST_PROLOG: Final = 4096
_TEXTS: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
"""JSON strings. One that is not closed goes on to the end, so that each byte is looked at once."""
_ESCAPED_TAG: Final = re.compile(rb"\\u003[cC]")
_NOT_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))


def too_large(what: str) -> OffContract:
    """The error of a passed limit."""
    return OffContract(f"The answer was cut: {what}.", reason="response_too_large")


class BodyReader:
    """Unpacks a body chunk by chunk and stops at the first limit, before memory is spent; gathers it, where it is fed.

    Args:
        limits: The upstream's.
        encoding: The answer's ``Content-Encoding``.
        declared: Its ``Content-Length``, if any; a longer one than the limit is refused before the first byte.
    """

    def __init__(self, limits: AnswerLimits, encoding: str = "", declared: int | None = None) -> None:
        self._limits = limits
        self._parts: list[bytes] = []
        self._received = 0
        self._size = 0
        self._inflate = decompressor(encoding)
        if declared is not None and declared > limits.body_bytes:
            raise too_large(f"more than {limits.body_bytes} bytes announced")

    @property
    def size(self) -> int:
        """Bytes so far, decompressed."""
        return self._size

    def feed(self, chunk: bytes) -> None:
        """Takes *chunk*; raises :class:`OffContract` when a limit is passed or the compression is broken."""
        self._parts.extend(self.unpack(chunk))

    def unpack(self, chunk: bytes) -> Iterator[bytes]:
        """The parts of *chunk*, decompressed one by one, each of at most 256 KiB; they are not kept. Raises as feed."""
        self._received += len(chunk)
        if self._received > self._limits.body_bytes:
            raise too_large(f"more than {self._limits.body_bytes} bytes")
        if self._inflate is None:
            yield self._counted(chunk)
            return
        try:
            while chunk:
                yield self._counted(self._inflate.decompress(chunk, _STEP))
                chunk = self._inflate.unconsumed_tail
        except zlib.error:
            raise OffContract("The answer's compression is broken.", reason="malformed") from None

    def _counted(self, part: bytes) -> bytes:
        self._size += len(part)
        if self._size > self._limits.decoded_bytes:
            raise too_large(f"more than {self._limits.decoded_bytes} bytes after decompression")
        if self._size > _RATIO_FLOOR and self._size > self._received * self._limits.ratio:
            raise too_large(f"compressed more than {self._limits.ratio} times")
        return part

    def end(self) -> None:
        """Raises :class:`OffContract` where a compressed body ends early, or before its bytes do."""
        if self._inflate is not None and self._received:
            if not self._inflate.eof:
                raise OffContract("The answer's compression ends early.", reason="malformed")
            if self._inflate.unused_data:
                raise OffContract("The answer goes on after its compression.", reason="malformed")

    def whole(self) -> bytes:
        """The body that was fed; raises as :meth:`end` does."""
        self.end()
        return self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)


def count_of(byte: bytes, body: bytes) -> int:
    """How often *byte* is in *body*.

    ``bytes.count`` looks at each byte by itself; a small body, in which it is rare, is looked through by ``memchr``.
    """
    return len(body) - len(body.replace(byte, b"")) if len(body) < _SMALL else body.count(byte)


def check_json(body: bytes, limits: AnswerLimits) -> None:
    """Refuses a JSON text nested too deep or with too many values, before a parser recurses into it."""
    openings = count_of(b"[", body) + count_of(b"{", body)
    # No text holds more values than bytes, so the commas of a small one need no count.
    if len(body) > limits.elements and body.count(b",") + openings > limits.elements:
        raise too_large(f"more than {limits.elements} values")
    if len(body) > limits.elements and body.count(b"<") + len(_ESCAPED_TAG.findall(body)) > limits.elements:
        raise too_large(f"more than {limits.elements} tags in texts")
    if openings > limits.depth:
        depth = 0
        for bracket in _TEXTS.sub(b"", body).translate(None, _NOT_BRACKETS):
            depth += 1 if bracket in b"[{" else -1
            if depth > limits.depth:
                raise too_large(f"nested deeper than {limits.depth}")


_BEFORE_A_PAGE: Final = re.compile(rb"(?:\xef\xbb\xbf|\s+|<\?xml[^>]*>|<!--.*?-->)*+", re.DOTALL)
_PAGE: Final = re.compile(
    rb"<(?:!doctype\s+html|(?:html|head|body|title|meta|link|script|style|center|div|p|table|font|h[1-6]|br|b|pre)\b)",
    re.IGNORECASE,
)


def looks_like_html(body: bytes) -> bool:
    """Whether the body is an HTML page, which closed and broken systems send instead of data."""
    before = _BEFORE_A_PAGE.match(body, 0, _LONGEST_PROLOG)
    return _PAGE.match(body, before.end() if before else 0) is not None
