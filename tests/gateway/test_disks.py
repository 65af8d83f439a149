"""The room on the gateway's disks: as it is read, as it is told, and where it is little."""

from __future__ import annotations

import asyncio
import shutil
import threading
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.core.settings import MIB
from gateway.disks import LOOK_S, Disk, DiskWatch, folders_of, read_disk, read_disks
from gateway.settings import Settings
from gateway.testing.clock import FakeClock

GIB = 1024 * MIB


def test_a_disk_is_read_where_the_folder_will_be_made(tmp_path: Path) -> None:
    """The bytes are those that the operating system tells."""
    found = read_disk(tmp_path / "later" / "still")

    assert found.size == shutil.disk_usage(tmp_path).total
    assert abs(found.free - shutil.disk_usage(tmp_path).free) < GIB


def test_one_disk_of_two_folders_is_told_once(tmp_path: Path) -> None:
    """PostgreSQL's folder has a name of its own only where it has a disk of its own; an unreadable one has none."""
    unreadable = tmp_path / ("x" * 300)

    assert read_disks({"state": tmp_path, "postgres": tmp_path / "postgres"}).keys() == {"state"}
    assert read_disks({"state": tmp_path, "postgres": Path("/proc")}).keys() == {"state", "postgres"}
    assert read_disks({"state": unreadable, "postgres": tmp_path}).keys() == {"postgres"}


def test_the_disk_of_a_postgresql_elsewhere_is_not_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """The state folder is ours always; PostgreSQL's where the gateway starts it."""
    monkeypatch.setenv("STORE_URL", "postgresql://db/lgsp")
    served = Settings.model_validate({"state_dir": "/s", "store": {"url": "env:STORE_URL"}})
    own = Settings.model_validate({"state_dir": "/s", "store": {"embedded": True}})

    assert folders_of(served) == {"state": Path("/s")}
    assert folders_of(own) == {"state": Path("/s"), "postgres": Path("/s/postgres")}


@pytest.mark.parametrize(
    ("free", "size", "nearly_full"),
    [
        (511 * MIB, 100 * GIB, True),
        (512 * MIB, 100 * GIB, False),
        (50 * MIB, 1 * GIB, True),
        (200 * MIB, 1 * GIB, False),
        (12 * MIB, 16 * MIB, False),
    ],
)
def test_little_room_is_little_also_for_the_size(free: int, size: int, nearly_full: bool) -> None:  # a column
    """A volume of 16 MiB that is nearly empty is well."""
    assert Disk(1, free, size).is_nearly_full is nearly_full


async def test_a_disk_that_fills_is_told_once_and_once_when_it_has_room(clock: FakeClock) -> None:
    """The levels follow each look; the log does not repeat itself."""
    seen = {"state": Disk(1, 9 * GIB, 10 * GIB)}
    disks = DiskWatch(lambda: dict(seen), clock)
    with capture_logs() as lines:
        for free in (9 * GIB, 5 * MIB, 4 * MIB, 8 * GIB):
            seen["state"] = Disk(1, free, 10 * GIB)
            await disks.look()
            assert (disks.free(), disks.size()) == ({("state",): free}, {("state",): 10 * GIB})

    assert [(line["log_level"], line["folder"], line["free_mib"]) for line in lines] == [
        ("error", "state", 5),
        ("warning", "state", 8 * 1024),
    ]


async def test_disks_are_looked_at_again_and_again_in_a_thread(clock: FakeClock) -> None:
    """A disk that does not answer does not hold up the event loop."""
    loop, looks = asyncio.get_running_loop(), asyncio.Queue[int]()

    def read() -> dict[str, Disk]:
        loop.call_soon_threadsafe(looks.put_nowait, threading.get_ident())
        return {}

    watching = asyncio.create_task(DiskWatch(read, clock).run())
    try:
        assert await looks.get() != threading.get_ident()
        while looks.empty():
            await clock.advance(LOOK_S)
    finally:
        watching.cancel()
