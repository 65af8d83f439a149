"""A file that goes from a source to the caller piece by piece.

The exchange that brings it runs in a task of its own and lasts until the last byte is taken: so every policy of the
upstream ring sees how it ends, and its place at the source is held until then. The reason is in
``docs/decisions/0016-large-files-pass-through.md``.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol, Self

from gateway.core.canonical import Content, Wire

KEPT_BYTES: Final = 1024 * 1024
"""A file of at most so many bytes is read whole; of a larger one so many are looked at before any goes out."""
_PIECE: Final = 64 * 1024
WaitsFor = Literal["source", "caller"]


class RestOfFile(Protocol):
    """The part of a file that has not been read yet."""

    async def read(self) -> bytes:
        """The next bytes; none at the end.

        Raises:
            GatewayError: The file broke off, or passed a limit.
        """
        ...

    async def close(self) -> None:
        """Ends the connection, unless the file came whole."""
        ...


class FileStart(Wire):
    """A file as the adapter hands it on: the first bytes, or all of it."""

    content: bytes
    media_type: str = ""
    length: int | None = None
    """Bytes of the whole, where the source said it."""


class Transfer:
    """A file on its way: the upstream ring pours it in, the caller draws it out, one piece at a time."""

    def __init__(self) -> None:
        self._task: asyncio.Task[FileStart | None] | None = None
        self._start: FileStart | None = None
        self._pieces: list[bytes] = []
        self._changed = asyncio.Event()
        self._taken = asyncio.Event()
        self._on_hand_over: list[Callable[[], object]] = []
        self.waits: Callable[[WaitsFor], object] = lambda _: None
        """Called each time before it waits; the step that limits an attempt's time sets it."""

    # ---- the side of the ring

    def on_hand_over(self, callback: Callable[[], object]) -> None:
        """Calls *callback* when the first bytes are there and were classified as an answer."""
        self._on_hand_over.append(callback)

    async def pour(self, start: FileStart, rest: RestOfFile) -> None:
        """Hands over *start* and then *rest*; returns when the last piece was taken."""
        for callback in self._on_hand_over:
            callback()
        content = start.content
        self._pieces = [content[at : at + _PIECE] for at in range(0, len(content), _PIECE)]
        self._start = start
        while self._pieces:
            self.waits("caller")
            self._taken.clear()
            self._changed.set()
            await self._taken.wait()
            self.waits("source")
            if piece := await rest.read():
                self._pieces.append(piece)

    # ---- the side of the caller

    async def begin(self, exchange: Coroutine[Any, Any, FileStart | None]) -> FileStart | None:
        """Runs *exchange*; returns the first bytes of a file that is poured, or the whole file; None: there is none.

        Raises:
            GatewayError: The error of the exchange, as long as no byte went on.
        """
        self._task = asyncio.create_task(exchange, name="file from a source")
        self._task.add_done_callback(self._ended)
        try:
            await self._changed.wait()
        except asyncio.CancelledError:
            await self.aclose()
            raise
        return self._task.result() if self._start is None else self._start

    @property
    def under_way(self) -> bool:
        """Whether a file is poured, rather than given whole."""
        return self._start is not None

    def when_ended(self, callback: Callable[[BaseException | None], object]) -> None:
        """Calls *callback* when the exchange has ended: with None where the last byte was taken."""
        assert self._task is not None, "begin() first"
        self._task.add_done_callback(lambda task: callback(_error_of(task)))

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        """The next piece.

        Raises:
            GatewayError: The file broke off: what was taken is not the whole.
        """
        assert self._task is not None, "begin() first"
        await self._changed.wait()
        if not self._pieces:
            # The exchange has ended: there is nothing that it could still pour.
            self._task.result()
            raise StopAsyncIteration
        piece = self._pieces.pop(0)
        if not self._pieces and not self._task.done():
            self._changed.clear()
            self._taken.set()
        return piece

    def cancel(self) -> None:
        """Ends the exchange soon, and with it the connection to the source; after its end it changes nothing."""
        if self._task is not None:
            self._task.cancel()

    async def aclose(self) -> None:
        """The same; returns when the connection is closed."""
        self.cancel()
        if self._task is not None:
            await asyncio.wait([self._task])

    def _ended(self, task: asyncio.Task[FileStart | None]) -> None:
        _error_of(task)  # asyncio warns of an error that nobody has looked at
        self._changed.set()


def _error_of(task: asyncio.Task[FileStart | None]) -> BaseException | None:
    return asyncio.CancelledError() if task.cancelled() else task.exception()


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file as a connector sees it: enough of it to tell its type."""

    start: bytes = field(repr=False)
    """The first bytes, at most about :data:`KEPT_BYTES`; all of it where it is no larger."""
    media_type: str
    length: int | None
    """Bytes of the whole, where they are known."""
    transfer: Transfer | None = None
    """Where more follows: gives the whole, *start* too."""

    def content(self, media_type: str, filename: str) -> Content:
        """The file as an answer."""
        if self.transfer is None:
            return whole_file(media_type, filename, self.start)
        return Content(media_type, filename, self.transfer, length=self.length, on_its_way=self.transfer)


def whole_file(media_type: str, filename: str, body: bytes) -> Content:
    """The answer that is the file *body*."""
    return Content(media_type, filename, pieces(body), body=body, length=len(body))


async def pieces(body: bytes) -> AsyncIterator[bytes]:
    """*body* piece by piece, as :class:`gateway.core.canonical.Content` gives it."""
    for start in range(0, len(body), _PIECE):
        yield body[start : start + _PIECE]
