"""Tasks in the background."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any


def consume(task: asyncio.Task[Any]) -> None:
    """Looks at the error of *task*, which nobody may wait for."""
    if not task.cancelled():
        task.exception()


async def end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancels *tasks* and waits for their ends."""
    known = list(tasks)
    for task in known:
        task.cancel()
    await asyncio.gather(*known, return_exceptions=True)
