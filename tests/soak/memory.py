"""The memory of a process: what it holds, the most it held, and a limit that the kernel keeps where it lets us."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

GROUPS: Final = Path("/sys/fs/cgroup/memory")
MIB: Final = 1024 * 1024


def resident_mib(pid: int) -> float:
    """What is resident now."""
    return _field(pid, "VmRSS")


def peak_mib(pid: int) -> float:
    """The most that was resident so far."""
    return _field(pid, "VmHWM")


def _field(pid: int, name: str) -> float:
    found = re.search(rf"^{name}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text("ascii"), re.MULTILINE)
    assert found is not None, name
    return int(found[1]) / 1024


@contextmanager
def limited(pid: int, mib: int) -> Iterator[bool]:
    """Holds *pid* to a limit, as its container would; gives whether the kernel lets us (cgroup v1, root)."""
    group = GROUPS / f"lgsp-soak-{os.getpid()}"
    try:
        group.mkdir()
        (group / "memory.limit_in_bytes").write_text(str(mib * MIB), "ascii")
        (group / "cgroup.procs").write_text(str(pid), "ascii")
    except OSError:
        with contextlib.suppress(OSError):
            group.rmdir()
        yield False
        return
    try:
        yield True
    finally:
        with contextlib.suppress(OSError):
            (GROUPS / "cgroup.procs").write_text(str(pid), "ascii")
        with contextlib.suppress(OSError):
            group.rmdir()
