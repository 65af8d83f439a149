"""The place of this process among the workers of one gateway: a fact about the process, as its number is."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class WorkerPlace:
    """One of *workers* processes that answer on the same ports; *folder* is theirs, and gone with them."""

    slot: int
    workers: int
    folder: Path
    secret: str = field(repr=False)
    """The same in all workers of a run: for what must be the same in all and is configured nowhere."""

    @property
    def ops_socket(self) -> Path:
        """Where this worker answers operators, whom the supervisor asks it for."""
        return self.folder / f"ops-{self.slot}.sock"


def process_name() -> str:
    """The name of this process in the store and for operators."""
    return f"{socket.gethostname()}:{os.getpid()}"


_own: list[WorkerPlace] = []


def own_place() -> WorkerPlace | None:
    """The place of this process; None where it is a gateway by itself."""
    return _own[0] if _own else None


def take_place(place: WorkerPlace) -> None:
    """Says, once and before anything is opened, that this process is a worker."""
    assert not _own, "a process has one place"
    _own.append(place)
