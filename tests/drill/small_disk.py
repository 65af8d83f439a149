"""A disk of 1 GiB in memory, for a gateway's state."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

SIZE_MIB: Final = 1024


def _mount(folder: Path) -> bool:
    given = ("mount", "-t", "tmpfs", "-o", f"size={SIZE_MIB}m,mode=700", "drill", str(folder))
    return subprocess.run(given, check=False, capture_output=True).returncode == 0


def _unmount(folder: Path) -> None:
    subprocess.run(("umount", "--lazy", str(folder)), check=False, capture_output=True)


def may_mount() -> bool:
    """Whether this user may mount a disk of a size of its own."""
    with tempfile.TemporaryDirectory() as folder:
        mounted = _mount(Path(folder))
        if mounted:
            _unmount(Path(folder))
    return mounted


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """The disk at *folder*, where this user may mount one."""
    folder.mkdir(mode=0o700, exist_ok=True)
    mounted = _mount(folder)
    try:
        yield
    finally:
        if mounted:
            _unmount(folder)
