"""The messages that `late` keeps on their way: each is worked some seconds after its connection was closed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from mocks.engine.delivery import Sleep


class Latecomers:
    """The messages under way; a reset and the end of the server drop them unworked."""

    __slots__ = ("_sleep", "_under_way")

    def __init__(self, sleep: Sleep) -> None:
        self._sleep = sleep
        self._under_way: set[asyncio.Task[None]] = set()

    @property
    def count(self) -> int:
        """The number of messages that are not worked yet."""
        return len(self._under_way)

    def send(self, seconds: float, work: Callable[[], None]) -> None:
        """Calls *work* after *seconds*, unless the messages under way are dropped first."""
        task = asyncio.create_task(self._arrive(seconds, work))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _arrive(self, seconds: float, work: Callable[[], None]) -> None:
        await self._sleep(seconds)
        work()

    async def settle(self) -> None:
        """Waits until each message under way is worked or dropped."""
        await asyncio.gather(*self._under_way, return_exceptions=True)

    def drop(self) -> None:
        """Drops all messages under way."""
        for task in tuple(self._under_way):
            task.cancel()
