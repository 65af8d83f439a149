"""Bounds the memory of all answers that are being read: bytes in flight over all upstreams, and large ones parsed one
at a time, beside the event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Final, ParamSpec, Self, TypeVar

from gateway.adapters.freed_memory import give_back_freed_memory
from gateway.core.problems import Overloaded

P = ParamSpec("P")
T = TypeVar("T")

SMALL_BYTES: Final = 64 * 1024
"""Room that every exchange has before its message is sent: an answer of this size is never refused for want of room."""
LARGE_BYTES: Final = 128 * 1024
"""An answer larger than this is parsed in a thread: the parts of that which hold the interpreter's lock are short, and
between them the event loop goes on."""
_STORM_BYTES: Final = 8 * 1024 * 1024
REST_S: Final = 5.0
"""Seconds after a large answer in which what was made of it is done with."""


class InFlight:
    """The room for the bytes of answers, shared by all upstreams of a gateway.

    Args:
        most_bytes: Bytes of all answers that are being read or parsed at once.
        give_back: Called in a thread when a storm of large answers is over; by default it returns freed memory to the
            operating system.
        rest_s: How long after a large answer it is called, in seconds.
    """

    def __init__(
        self,
        most_bytes: int = 32 * 1024 * 1024,
        *,
        give_back: Callable[[], object] | None = None,
        rest_s: float = REST_S,
    ) -> None:
        self._most = most_bytes
        self._give_back = give_back or give_back_freed_memory
        self._rest_s = rest_s
        self._used = 0
        self._stormy = False
        self._parser: ThreadPoolExecutor | None = None
        self._returning: asyncio.TimerHandle | None = None

    @property
    def used(self) -> int:
        """Bytes in use now."""
        return self._used

    @property
    def is_stormy(self) -> bool:
        """Whether memory is still to be given back after large answers."""
        return self._returning is not None

    def resize(self, most_bytes: int) -> None:
        """Has room for *most_bytes* from now on; what is in use stays."""
        self._most = most_bytes

    def lease(self) -> Lease:
        """Room for one exchange; enter it before the message is sent."""
        return Lease(self)

    async def parse(self, size: int, parse: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """``parse(*args)``, in the one parsing thread where the answer's *size* in bytes is large."""
        if size <= LARGE_BYTES:
            return parse(*args, **kwargs)
        self._storm()  # what is made of it takes many times its size
        if self._parser is None:
            self._parser = ThreadPoolExecutor(1, thread_name_prefix="large answers")
        return await asyncio.get_running_loop().run_in_executor(self._parser, lambda: parse(*args, **kwargs))

    def close(self) -> None:
        """Ends the parsing thread."""
        if self._returning is not None:
            self._returning.cancel()
            self._returning = None
        if self._parser is not None:
            self._parser.shutdown(wait=False)
            self._parser = None

    def take(self, count: int) -> bool:
        """Whether there was room for *count* more bytes, which now are in use."""
        if self._used + count > self._most:
            return False
        self._used += count
        if self._used >= _STORM_BYTES:
            self._storm()
        return True

    def release(self, count: int) -> None:
        """Gives *count* bytes back."""
        self._used -= count

    def _storm(self) -> None:
        """Large answers came: some seconds after the last of them, freed memory goes to the system."""
        self._stormy = True
        if self._returning is None:
            self._returning = asyncio.get_running_loop().call_later(self._rest_s, self._return_memory)

    def _return_memory(self) -> None:
        self._returning = None
        if self._stormy:
            self._storm()
            self._stormy = False
        _ = asyncio.get_running_loop().run_in_executor(None, self._give_back)


class Lease:
    """The room of one exchange; leaving it gives all of it back."""

    __slots__ = ("_held", "_room")

    def __init__(self, room: InFlight) -> None:
        self._room = room
        self._held = 0

    def __enter__(self) -> Self:
        if not self._room.take(SMALL_BYTES):
            raise _no_room(may_have_arrived=False)
        self._held = SMALL_BYTES
        return self

    def grow_to(self, size: int) -> None:
        """Makes room for an answer of *size* bytes.

        Raises:
            Overloaded: The answers in flight leave no room for it.
        """
        more = size - self._held
        if more > 0:
            if not self._room.take(more):
                raise _no_room(may_have_arrived=True)
            self._held = size

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._room.release(self._held)


def _no_room(*, may_have_arrived: bool) -> Overloaded:
    return Overloaded(
        "The answers that are being read leave no room for another.",
        reason="answers_in_flight",
        may_have_arrived=may_have_arrived,
    )
