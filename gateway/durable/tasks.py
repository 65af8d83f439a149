"""Ends tasks that use the store."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any, Final

AGAIN_S: Final = 0.5


async def end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancels *tasks* until they have ended.

    Once is not enough: a cancellation that breaks the connection which a task is using arrives there as the error of
    that connection, and a loop that goes on after such errors would go on for ever.
    """
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=AGAIN_S)
