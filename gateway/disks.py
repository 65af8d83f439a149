"""The disks that a gateway writes to: how much room they have, and below how much of it an operator must act.

A PostgreSQL that the configuration names by its address has a disk that nobody sees from here.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from gateway.core.clock import Clock
from gateway.core.settings import MIB
from gateway.durable.settings import POSTGRES
from gateway.settings import Settings

LEAST_FREE: Final = 512 * MIB
"""Below it a PostgreSQL of its own, or an inbox, may stop within a day."""
LEAST_PART: Final = 0.1
"""A small disk may have less than :data:`LEAST_FREE` and yet be nearly empty: this part of it must be left."""
EARLY_FREE: Final = 20 * LEAST_FREE
EARLY_PART: Final = 2 * LEAST_PART
"""Below both, there is time to make room in working hours."""
LOOK_S: Final = 10.0
log = structlog.get_logger("gateway.disks")


@dataclass(frozen=True, slots=True)
class Disk:
    """A disk at one moment. Bytes; *free*: those that the gateway's user may still write."""

    device: int
    free: int
    size: int

    @property
    def is_nearly_full(self) -> bool:
        """Whether an operator must act now."""
        return self.free < LEAST_FREE and self.free < LEAST_PART * self.size


def folders_of(settings: Settings) -> dict[str, Path]:
    """The folders that the gateway writes to, by the name that metrics and the log have for them."""
    state = Path(settings.state_dir or ".")
    has_own_postgres = settings.store is not None and settings.store.url is None
    return {"state": state, **({"postgres": state / POSTGRES} if has_own_postgres else {})}


def nearest(folder: Path) -> Path:
    """*folder*, or the one in which it would be made."""
    return next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())


def read_disk(folder: Path) -> Disk:
    """The disk of *folder*; raises :class:`OSError`. It waits for the disk, so it is for threads."""
    there = nearest(folder)
    usage = shutil.disk_usage(there)
    return Disk(there.stat().st_dev, usage.free, usage.total)


def read_disks(folders: Mapping[str, Path]) -> dict[str, Disk]:
    """The disks of *folders*, each once, by the name of its first folder; without those that can't be read."""
    found: dict[str, Disk] = {}
    for name, folder in folders.items():
        try:
            disk = read_disk(folder)
        except OSError:
            continue
        if all(disk.device != other.device for other in found.values()):
            found[name] = disk
    return found


class DiskWatch:
    """Looks at the disks beside the requests. *read* waits for them, in a thread."""

    def __init__(self, read: Callable[[], Mapping[str, Disk]], clock: Clock) -> None:
        self._read = read
        self._clock = clock
        self._told: frozenset[str] = frozenset()
        self.found: Mapping[str, Disk] = {}
        """As they were when they were looked at last."""

    def free(self) -> dict[tuple[str, ...], float]:
        """Bytes by name."""
        return {(name,): float(disk.free) for name, disk in self.found.items()}

    def size(self) -> dict[tuple[str, ...], float]:
        """Bytes by name."""
        return {(name,): float(disk.size) for name, disk in self.found.items()}

    async def run(self) -> None:
        """Looks every ten seconds until cancelled."""
        while True:
            await self.look()
            await self._clock.sleep(LOOK_S)

    async def look(self) -> None:
        """One look; a disk that is nearly full, and one that has room again, are told once."""
        self.found = await asyncio.to_thread(self._read)
        few = frozenset(name for name, disk in self.found.items() if disk.is_nearly_full)
        for name, disk in self.found.items():
            facts = {"folder": name, "free_mib": disk.free // MIB, "size_mib": disk.size // MIB}
            if name in few - self._told:
                log.error("disk nearly full: make room before PostgreSQL or the log stop", **facts)
            elif name in self._told - few:
                log.warning("disk has room again", **facts)
        self._told = few
