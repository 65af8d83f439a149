"""Runs servers under test as separate processes: on free ports, pinned to one core, always stopped."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
PATIENCE_S: Final = 30.0
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
_TICKS: Final = os.sysconf("SC_CLK_TCK")


class NotStarted(Exception):
    """A server did not become ready; the message ends with its output."""


@dataclass(frozen=True, slots=True)
class Cores:
    """The core of the server, and the core that the load generator and the upstream share."""

    server: int
    load: int

    @classmethod
    def here(cls) -> Cores:
        """Returns the first two cores that this process may use; on a machine with one core both are the same."""
        cores = sorted(os.sched_getaffinity(0))
        return cls(cores[0], cores[-1])

    @property
    def apart(self) -> bool:
        return self.server != self.load


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    name: str
    url: str
    process: subprocess.Popen[bytes]
    started_in_s: float
    ops_url: str = ""

    def cpu_seconds(self) -> float:
        """CPU time of the server and of the processes that it has started, since their start, user and system."""
        own = self.process.pid
        children = Path(f"/proc/{own}/task/{own}/children").read_text(encoding="ascii").split()
        return sum(_cpu_seconds(pid) for pid in (str(own), *children))

    def resident_mib(self) -> float:
        """Returns the resident memory now, in MiB."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text(encoding="ascii").split()[1])
        return pages * _PAGE / 1024 / 1024


def _cpu_seconds(pid: str) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def pinned(command: Sequence[str], core: int) -> list[str]:
    """Returns *command* pinned to one core."""
    taskset = shutil.which("taskset")
    return [taskset, "-c", str(core), *command] if taskset else list(command)


@contextmanager
def serving(
    name: str, module: Sequence[str], *, core: int, port: int, ready: str, ops_port: int = 0
) -> Iterator[Server]:
    """Runs ``python -m module…`` while the block runs; *ready* is the address that answers 200 when it serves.

    Raises:
        NotStarted: The server ends, or is not ready within :data:`PATIENCE_S`.
    """
    with tempfile.TemporaryFile() as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            pinned([sys.executable, "-m", *module], core),
            cwd=ROOT,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            _wait(name, process, ready, output)
            started_in = time.perf_counter() - began
            ops_url = f"http://127.0.0.1:{ops_port}" if ops_port else ""
            yield Server(name, f"http://127.0.0.1:{port}", process, started_in, ops_url)
        finally:
            stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Sends SIGTERM, then SIGKILL if the process does not end."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(name: str, process: subprocess.Popen[bytes], ready: str, output: object) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(ready, timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.01)
    output.seek(0)  # type: ignore[attr-defined]  # tempfile's type is private
    said = output.read().decode(errors="replace")[-2000:]  # type: ignore[attr-defined]  # as above
    raise NotStarted(f"{name} did not become ready at {ready}:\n{said}")
