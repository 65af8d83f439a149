"""The rates of callers over all gateways: each counts for itself and tells the others, ten times a second and behind
its callers' backs. No request waits.

In the long run a caller gets its rate and no more; in the tenth of a second before gateways have told each other, its
burst from each of them. Without the ledger each gateway holds callers to their rate by itself.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, Protocol

from pydantic import BaseModel, ConfigDict

from gateway.core.call import Allowance
from gateway.core.clock import Clock
from gateway.core.lasting import lasting
from gateway.peers import tasks
from gateway.peers.folder import SharedFile
from gateway.peers.ledger import LedgerAway
from gateway.pipeline.operation.rate_limit import RateSettings, decide

EVERY_S: Final = 0.1
FILE: Final = "rates.json"


class RateLedger(Protocol):
    """Keeps how much of their rates callers have used everywhere."""

    async def spend(self, seconds: Mapping[str, float]) -> Mapping[str, float]:
        """Adds what callers have used here since the last time, in seconds of their rate; returns in how many seconds
        the bucket of each would be full again.

        Raises:
            LedgerAway: It could not be added.
        """
        ...


class SharedRates:
    """See :class:`gateway.pipeline.operation.rate_limit.RateStore`."""

    def __init__(self, ledger: RateLedger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock
        self._due: dict[str, float] = {}
        self._untold: dict[str, float] = {}
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Begins to tell and to hear."""
        self._task = lasting(self._run, self._clock, "callers' rates")

    async def close(self) -> None:
        """Ends it."""
        await tasks.end([] if self._task is None else [self._task])

    async def take(self, caller: str, settings: RateSettings, now: float, number: int = 1) -> Allowance:
        """See :meth:`gateway.pipeline.operation.rate_limit.RateStore.take`."""
        self._due[caller], allowance = decide(self._due.get(caller, 0.0), now, settings, number)
        if allowance.refused_s is None:
            used = min(number, settings.most) / settings.per_second
            self._untold[caller] = self._untold.get(caller, 0.0) + used
        return allowance

    async def turn(self) -> None:
        """Tells what was used here, and takes what was used everywhere."""
        told, self._untold = self._untold, {}
        if not told:
            return
        try:
            found = await self._ledger.spend(told)
        except LedgerAway:
            return  # nobody pays later for what this gateway granted by itself
        now = self._clock.monotonic()
        for caller, due_s in found.items():
            # What could not be told is counted here, and not in the ledger.
            self._due[caller] = max(self._due.get(caller, 0.0), now + due_s + self._untold.get(caller, 0.0))

    async def _run(self) -> None:
        while True:
            await self._clock.sleep(EVERY_S)
            await self.turn()


class _Dues(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    due: Mapping[str, float] = {}


class FolderRates:
    """The ledger of the workers of one machine: *folder* does not outlive them, and their monotonic clock is one."""

    def __init__(self, folder: Path, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._file = SharedFile(folder / FILE, durable=False)
        self._monotonic = monotonic

    async def spend(self, seconds: Mapping[str, float]) -> Mapping[str, float]:
        """See :meth:`RateLedger.spend`."""

        def change(dues: _Dues) -> tuple[_Dues, Mapping[str, float]]:
            now = self._monotonic()
            due = {caller: max(dues.due.get(caller, 0.0), now) + cost for caller, cost in seconds.items()}
            return _Dues(due={**dues.due, **due}), {caller: at - now for caller, at in due.items()}

        try:
            return await asyncio.to_thread(self._file.change, _Dues, change)
        except OSError as error:
            raise LedgerAway(error.strerror) from None
