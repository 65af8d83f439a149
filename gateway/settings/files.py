"""Files of a configuration, read without waiting for ever for the other end of a pipe."""

from __future__ import annotations

import errno
import os
import select
import stat
from pathlib import Path
from typing import Final

PIPE_S: Final = 1.0
"""Longest wait for the next part of a pipe."""


def read_whole(path: Path, most: int) -> bytes:
    """The first *most* bytes of the file, or of what is written to the pipe, at *path*.

    Raises:
        OSError: It can't be read, or is a pipe to which nobody writes.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        ready = select.poll()
        ready.register(handle, select.POLLIN)
        found = b""
        while len(found) < most:
            if not ready.poll(PIPE_S * 1000):
                raise OSError(errno.ETIMEDOUT, "it is a pipe, and nobody writes to it")
            part = os.read(handle, most - len(found))
            if not part:
                break
            found += part
        return found
    finally:
        os.close(handle)


def check_ends(path: str) -> None:
    """Refuses what others would read without end, or wait for.

    Raises:
        OSError: *path* is a pipe, a socket or a device, or is not there.
    """
    mode = Path(path).stat().st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise OSError(errno.EINVAL, "not a regular file")
