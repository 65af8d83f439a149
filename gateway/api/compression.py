"""Compresses large JSON once and gives it again: the part that is equal each time is deflated, the rest is stored.

A gzip stream is its deflate blocks one after the other, so the compressed start of a body can be followed by an end
that differs from request to request (RFC 1951 section 3.2.4, RFC 1952).
"""

from __future__ import annotations

import asyncio
import struct
import zlib
from typing import Final

from gateway.core.call import Packed

_INLINE: Final = 64 * 1024
"""Bytes that are compressed on the event loop, in about a millisecond; more goes to a thread, which zlib lets run."""
_LEVEL: Final = 6
_HEAD: Final = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_STORED: Final = 65_535


async def packed(start: bytes) -> Packed:
    """The compressed *start* of a body."""
    return _packed(start) if len(start) <= _INLINE else await asyncio.to_thread(_packed, start)


def _packed(start: bytes) -> Packed:
    deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    # A full flush ends the blocks on a byte, with nothing that the end could refer to.
    blocks = deflate.compress(start) + deflate.flush(zlib.Z_FULL_FLUSH)
    return Packed(_HEAD + blocks, zlib.crc32(start), len(start))


def completed(start: Packed, end: bytes) -> bytes:
    """The gzip stream of a body: its compressed *start*, then *end* as it is."""
    parts = [start.stream]
    for at in range(0, len(end), _STORED):
        block = end[at : at + _STORED]
        last = at + _STORED >= len(end)
        parts += [struct.pack("<BHH", last, len(block), len(block) ^ 0xFFFF), block]
    parts.append(struct.pack("<II", zlib.crc32(end, start.check), (start.size + len(end)) & 0xFFFFFFFF))
    return b"".join(parts)
