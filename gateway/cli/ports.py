"""Finds free ports, and the process that holds a taken port."""

from __future__ import annotations

import socket
from contextlib import suppress
from pathlib import Path


def free_ports(count: int) -> list[int]:
    """*count* ports that are free at this moment."""
    held = [socket.socket() for _ in range(count)]
    try:
        for probe in held:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in held]
    finally:
        for probe in held:
            probe.close()


def holder(port: int) -> str:
    """The process that listens on *port*, as far as this system tells (Linux: ``/proc``)."""
    inodes = _listening_inodes(port)
    with suppress(OSError):
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit() and _has_socket(folder, inodes):
                return f"{(folder / 'comm').read_text().strip()} (pid {folder.name})"
    return "another process"


def _listening_inodes(port: int) -> set[str]:
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(OSError):
            for line in Path(table).read_text(encoding="ascii").splitlines()[1:]:
                fields = line.split()
                if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
                    found.add(f"socket:[{fields[9]}]")
    return found


def _has_socket(folder: Path, inodes: set[str]) -> bool:
    with suppress(OSError):
        return any(str(entry.readlink()) in inodes for entry in (folder / "fd").iterdir())
    return False
