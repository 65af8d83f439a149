"""A collector of a gateway's log, which reads it from a pipe, dies, and comes back."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Final, Self

_AT_ONCE: Final = 65_536


class Collector:
    """Reads *pipe*, which it makes, into *kept* from :meth:`read_on` (and entry) until :meth:`die` (and exit)."""

    def __init__(self, pipe: Path, kept: Path) -> None:
        self._pipe = pipe
        self._kept = kept
        self._gone = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        os.mkfifo(self._pipe, 0o600)
        self.read_on()
        return self

    def __exit__(self, *_: object) -> None:
        self.die()

    def read_on(self) -> None:
        """Begins to read, where it does not."""
        if self._thread is not None:
            return
        reader = os.open(self._pipe, os.O_RDONLY | os.O_NONBLOCK)
        self._gone = threading.Event()
        self._thread = threading.Thread(target=self._read, args=(reader, self._gone), daemon=True)
        self._thread.start()

    def die(self) -> None:
        """Closes the pipe: whoever writes is told that nobody reads."""
        if self._thread is None:
            return
        self._gone.set()
        self._thread.join()
        self._thread = None

    def _read(self, reader: int, gone: threading.Event) -> None:
        with self._kept.open("ab", buffering=0) as kept:
            while not gone.wait(0.05):
                try:
                    while data := os.read(reader, _AT_ONCE):
                        kept.write(data)
                except BlockingIOError:
                    continue
        os.close(reader)
