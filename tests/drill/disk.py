"""Faults of a disk that fills: that of the gateway's state, with its PostgreSQL. One after the other."""

from __future__ import annotations

import asyncio
import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Final

from tests.drill.stage import Deed, Fault, Stage

MIB: Final = 1024 * 1024
FILLING: Final = "somebody's-file"


def _fill(folder: Path, left: int) -> None:
    """Leaves so many bytes, while PostgreSQL writes beside it."""
    with (folder / FILLING).open("wb") as file, suppress(OSError):
        while (free := shutil.disk_usage(folder).free) > left:
            os.posix_fallocate(file.fileno(), os.fstat(file.fileno()).st_size, min(MIB, free - left))


def _filled(left: int) -> Deed:
    """Leaves so many bytes."""

    async def begin(stage: Stage) -> None:
        await asyncio.to_thread(_fill, stage.gateway.state, left)

    return begin


async def _emptied(stage: Stage) -> None:
    (stage.gateway.state / FILLING).unlink()


STATE: Final = {"folder": "state"}
DISK: Final = (
    Fault("DiskFillsUp", STATE, _filled(160 * MIB), _emptied),
    Fault("DiskNearlyFull", STATE, _filled(80 * MIB), _emptied),
    # Look-ups go on, and their record can't be written.
    Fault("StoreDown", {}, _filled(0), _emptied),
)
