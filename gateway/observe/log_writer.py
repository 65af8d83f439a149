"""Writes log lines in a separate thread, so that a slow or stopped reader never blocks the gateway."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, Protocol, Self

MOST: Final = 10_000
"""Lines that may wait; later ones are dropped and counted."""
GATHER_S: Final = 0.05
"""Lines of so long are written together."""
CLOSE_S: Final = 2.0


class Sink(Protocol):
    """The output for bytes, as :class:`io.FileIO`; it may block and may fail."""

    def write(self, data: bytes, /) -> int | None:
        """Takes some bytes of *data* and returns how many; None where it can take none now."""
        ...


class LogWriter:
    """Takes lines from any thread and never blocks.

    Where more than *most* wait, new ones are dropped, and where the sink is full or closed, those that it does not
    take; as soon as there is room, *tell_dropped* makes a line that says how many. Close it (or leave it as a context)
    to write what still waits.
    """

    def __init__(self, sink: Sink, tell_dropped: Callable[[int], bytes], *, most: int = MOST) -> None:
        self._sink = sink
        self._tell_dropped = tell_dropped
        self._most = most
        self._waiting: deque[bytes] = deque()
        self._rest = b""
        self._dropped = 0
        self._refused = 0
        self._told = 0
        self._stirred = False
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="log lines", daemon=True)
        self._thread.start()

    @property
    def lost(self) -> int:
        """Lines that were not written since start: dropped before the sink, or refused by it."""
        return self._dropped + self._refused

    def put(self, line: bytes) -> None:
        """Takes *line*, which ends in a line feed."""
        self.put_all((line,))

    def put_all(self, lines: Sequence[bytes]) -> None:
        """Takes *lines*, each of which ends in a line feed. Where there is no room for all, it takes the first ones and
        drops the others.
        """
        room = self._most - len(self._waiting)
        if len(lines) > room:
            self._dropped += len(lines) - max(room, 0)
            lines = lines[: max(room, 0)]
        self._waiting.extend(lines)
        # One wake-up for all lines until the thread looks: it puts the flag down before it empties the queue.
        if not self._stirred:
            self._stirred = True
            self._wake.set()

    def close(self) -> None:
        """Writes the waiting lines; gives up after :data:`CLOSE_S` if they are not read."""
        self._closing.set()
        self._wake.set()
        self._thread.join(CLOSE_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self) -> None:
        while not self._closing.is_set():
            self._wake.wait()
            self._wake.clear()
            self._closing.wait(GATHER_S)
            self._stirred = False
            self._write()
        self._write()

    def _write(self) -> None:
        lines = [self._waiting.popleft() for _ in range(len(self._waiting))]
        untold = self.lost - self._told
        telling = self._tell_dropped(untold) if untold else b""
        data = b"".join((self._rest, *lines, telling))
        taken = self._taken(data) if data else 0
        begun = data[taken - 1 : taken] != b"\n" if taken else bool(self._rest)
        left = data[taken:]
        # The end of a line that was begun goes first when there is room again, so that no line is mangled.
        self._rest = left[: left.find(b"\n") + 1] if begun and left else b""
        gone = left[len(self._rest) :]
        if untold and not gone:
            self._told += untold
            return
        self._refused += gone.count(b"\n") - (1 if telling and gone else 0)

    def _taken(self, data: bytes) -> int:
        """Writes *data* and returns how many bytes the sink took, less than all where it failed."""
        taken = 0
        while taken < len(data):
            try:
                number = self._sink.write(data[taken:])
            except BlockingIOError:
                number = None
            except (OSError, ValueError):
                break
            # A sink that does not block is full for now: its reader is waited for, here, where nobody waits.
            if number is None and self._closing.wait(GATHER_S):
                break
            taken += number or 0
        return taken
