"""Files, streamed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from email.message import Message
from typing import Self

import httpx

from lgsp_client.response import transport_error


@dataclass(frozen=True, slots=True)
class FileHead:
    """The headers of a file, known before its bytes."""

    media_type: str
    filename: str | None
    """Without folders; None where the gateway names none."""
    request_id: str | None
    response: httpx.Response = field(repr=False)

    @classmethod
    def of(cls, response: httpx.Response) -> Self:
        """Of a streamed *response*."""
        return cls(
            media_type=response.headers.get("Content-Type", "").partition(";")[0].strip(),
            filename=filename_of(response.headers.get("Content-Disposition", "")),
            request_id=response.headers.get("X-Request-Id"),
            response=response,
        )


@dataclass(frozen=True, slots=True)
class Content(FileHead):
    """A file; its bytes can be read once, and only within the ``with`` block that gave it."""

    def iter_bytes(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """The bytes as they come, or in chunks of *chunk_size*.

        Raises:
            TransportError: Where the file breaks off; what came before is not the whole file.
        """
        try:
            yield from self.response.iter_bytes(chunk_size)
        except httpx.RequestError as error:
            raise transport_error(error, "read") from error

    def read(self) -> bytes:
        """The whole file."""
        return b"".join(self.iter_bytes())


@dataclass(frozen=True, slots=True)
class AsyncContent(FileHead):
    """As :class:`Content`, for ``async for``."""

    async def aiter_bytes(self, chunk_size: int | None = None) -> AsyncIterator[bytes]:
        """The bytes as they come, or in chunks of *chunk_size*.

        Raises:
            TransportError: Where the file breaks off; what came before is not the whole file.
        """
        try:
            async for chunk in self.response.aiter_bytes(chunk_size):
                yield chunk
        except httpx.RequestError as error:
            raise transport_error(error, "read") from error

    async def aread(self) -> bytes:
        """The whole file."""
        return b"".join([chunk async for chunk in self.aiter_bytes()])


def filename_of(disposition: str) -> str | None:
    """The file name of a ``Content-Disposition`` (RFC 6266), without folders."""
    message = Message()
    message["Content-Disposition"] = disposition
    name = message.get_filename()
    return None if name is None else name.replace("\\", "/").rpartition("/")[2] or None
