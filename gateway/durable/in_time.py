"""A limit for work on a PostgreSQL that may have stopped to answer."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

from gateway.core.clock import Clock
from gateway.durable.store import StoreUnavailable

DEED_S: Final = 5.0
"""Seconds for one deed, or one look; then the store is taken for one that has stopped to answer."""
T = TypeVar("T")
_leaving: Final[set[asyncio.Task[Any]]] = set()
"""Work that was given up and is on its way out; the event loop itself does not hold its tasks."""


async def in_time(clock: Clock, work: Coroutine[Any, Any, T], seconds: float = DEED_S) -> T:
    """The result of *work* on the store.

    Work that takes longer than *seconds* is cancelled, which rolls its transaction back, and is not waited for: the
    client waits up to ten seconds for PostgreSQL's word that a statement was cancelled.

    Raises:
        StoreUnavailable: It took too long; where it was just being committed, it may have been done.
    """
    task = asyncio.create_task(work)
    try:
        async with clock.timeout_at(clock.monotonic() + seconds):
            return await asyncio.shield(task)
    except TimeoutError as error:
        raise StoreUnavailable("no answer") from error
    finally:
        if not task.done():
            _leaving.add(task)
            task.add_done_callback(_left)
            task.cancel()


def _left(task: asyncio.Task[Any]) -> None:
    _leaving.discard(task)
    if not task.cancelled():
        task.exception()  # looked at, so that nobody logs it as forgotten
