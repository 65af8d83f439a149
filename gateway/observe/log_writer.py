"""Writes log lines in a separate thread, so that a slow or stopped reader never blocks the gateway."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Final, Protocol, Self

MOST: Final = 10_000
"""Lines that may wait; later ones are dropped and counted."""
GATHER_S: Final = 0.05
"""Lines of so long are written together."""
CLOSE_S: Final = 2.0


class Sink(Protocol):
    """The output for bytes; it may block and may fail."""

    def write(self, data: bytes, /) -> object: ...

    def flush(self) -> object: ...


class LogWriter:
    """Takes lines from any thread and never blocks.

    Where more than *most* wait, new ones are dropped; as soon as there is room, *tell_dropped* makes a line that says
    how many. Close it (or leave it as a context) to write what still waits.
    """

    def __init__(self, sink: Sink, tell_dropped: Callable[[int], bytes], *, most: int = MOST) -> None:
        self._sink = sink
        self._tell_dropped = tell_dropped
        self._most = most
        self._waiting: deque[bytes] = deque()
        self._dropped = 0
        self._told = 0
        self._stirred = False
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="log lines", daemon=True)
        self._thread.start()

    @property
    def dropped(self) -> int:
        """Lines dropped since start."""
        return self._dropped

    def put(self, line: bytes) -> None:
        """Takes *line*, which ends in a line feed."""
        if len(self._waiting) >= self._most:
            self._dropped += 1
            return
        self._waiting.append(line)
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
        dropped = self._dropped
        if dropped > self._told:
            lines.append(self._tell_dropped(dropped - self._told))
            self._told = dropped
        if lines:
            # A reader that left takes the lines with it; the gateway goes on without them.
            with suppress(OSError, ValueError):
                self._sink.write(b"".join(lines))
                self._sink.flush()
