"""A body whose last bytes wait for a gate: until they leave, no server can have taken the message."""

from __future__ import annotations

from typing import Final

from aiohttp.abc import AbstractStreamWriter
from aiohttp.payload import Payload

from gateway.core.message import Gate

HELD: Final = 64
"""Bytes that wait; fewer of a shorter body."""
WHOLE: Final = 16 * 1024
"""A body of at most so many bytes waits whole: it then leaves with its head in one write."""
_PIECE: Final = 64 * 1024


class GatedBody(Payload):
    """Sends *value* up to its last bytes, and these when *gate* lets them."""

    _autoclose = True
    _value: bytes

    def __init__(self, value: bytes, gate: Gate) -> None:
        super().__init__(value, content_type="application/octet-stream")
        self._size = len(value)
        self._gate = gate

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        return self._value.decode(encoding, errors)

    async def write(self, writer: AbstractStreamWriter) -> None:
        first = 0 if len(self._value) <= WHOLE else len(self._value) - HELD
        for start in range(0, first, _PIECE):
            await writer.write(self._value[start : min(start + _PIECE, first)])
        await self._gate.release()
        try:
            await writer.write(self._value[first:])
        finally:
            self._gate.left()

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        assert content_length is None or content_length == len(self._value), "an order is sent whole"
        await self.write(writer)
