"""A ledger that the store remembers: a gateway that starts without Redis and without its state folder has what is
written there, and a Redis that comes back empty is told how far the count was, though no gateway lived through it.

What a ledger grants is noted before it is used. Nobody waits for the store longer than :data:`WAIT_S`, and while it is
away the ledger goes on without it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final, TypeVar

import structlog

from gateway.core.clock import Clock
from gateway.core.quota_memory import QuotaMemory, QuotaMemoryAway
from gateway.peers import tasks
from gateway.peers.folder_ledger import reserve
from gateway.peers.ledger import Grant, LedgerAway, RootLedger, Tally
from gateway.pipeline.upstream.daily_quota import day_of

T = TypeVar("T")
WAIT_S: Final = 0.05
PLENTY: Final = 10
"""A spare share is laid aside while more than this part of the day's quota is left."""
log = structlog.get_logger("gateway.peers.quota")


def units_of(noted: Mapping[str, tuple[date, int]], name: str, day: date) -> int:
    """The units in *noted* under *name*; 0 where they are of another day than *day*."""
    known = noted.get(name)
    return known[1] if known is not None and known[0] == day else 0


class RememberedLedger:
    """See :class:`gateway.peers.ledger.RootLedger`.

    Args:
        root: The ledger; without a memory it is this one alone.
        clock: Time.
        spare: Whether a share is laid aside in the memory, for those who do not reach *root*.
    """

    def __init__(self, root: RootLedger, clock: Clock, *, spare: bool) -> None:
        self._root = root
        self._clock = clock
        self._with_spare = spare
        self._memory: QuotaMemory | None = None
        self._noted: dict[str, tuple[date, Tally]] = {}
        self._held: dict[str, tuple[date, int]] = {}
        self._withdrawn: dict[str, tuple[date, int]] = {}
        self._filling: dict[str, asyncio.Task[None]] = {}
        self._late: set[asyncio.Task[Any]] = set()

    async def open(self, memory: QuotaMemory) -> None:
        """Recalls what *memory* knows, and notes there from now on."""
        self._memory = memory
        try:
            known = await memory.read(day_of(self._clock.now()))
        except QuotaMemoryAway as error:
            log.warning("what was spent of the day's quotas could not be read in the store", error=str(error))
            return
        for one in known:
            self._root.recall(one.name, one.day, Tally(one.taken, one.returned))
            self._held[one.name] = one.day, one.held

    async def close(self) -> None:
        """Ends what is under way."""
        await tasks.end([*self._filling.values(), *self._late])

    def tally(self, name: str, day: date) -> Tally | None:
        """See :meth:`gateway.peers.ledger.RootLedger.tally`."""
        return self._root.tally(name, day)

    def recall(self, name: str, day: date, tally: Tally) -> None:
        """See :meth:`gateway.peers.ledger.RootLedger.recall`."""
        self._root.recall(name, day, tally)

    async def take(self, name: str, day: date, wanted: int, per_day: int) -> Grant:
        """See :meth:`gateway.peers.ledger.Ledger.take`."""
        try:
            grant = await self._root.take(name, day, wanted, per_day)
        except LedgerAway:
            if wanted <= 0 or not self._with_spare:
                raise
            return replace(await self._from_spare(name, day, wanted), whole=False)
        await self._note(name, day)
        if wanted > 0 and not grant.units and not grant.pool and self._spare(name, day):
            return await self._from_spare(name, day, wanted)
        if grant.pool > per_day // PLENTY and self._spare(name, day) <= reserve(per_day) // 2:
            self._fill(name, day, per_day)
        return replace(grant, pool=grant.pool + self._spare(name, day))

    def _spare(self, name: str, day: date) -> int:
        return units_of(self._held, name, day)

    async def _from_spare(self, name: str, day: date, wanted: int) -> Grant:
        """The next one has units that came too late for the one who asked for them; else they would be lost."""
        if self._memory is None:
            raise LedgerAway("no store remembers")
        if not units_of(self._withdrawn, name, day):
            await self._bounded(self._withdraw(self._memory, name, day, wanted))
        units = units_of(self._withdrawn, name, day)
        self._withdrawn.pop(name, None)
        return Grant(units, self._spare(name, day))

    async def _withdraw(self, memory: QuotaMemory, name: str, day: date, wanted: int) -> None:
        units, left = await memory.withdraw(name, day, wanted)
        self._held[name] = day, left
        self._withdrawn[name] = day, units_of(self._withdrawn, name, day) + units

    async def _note(self, name: str, day: date) -> None:
        """Notes how far the count is, before what was granted is used."""
        tally = self._root.tally(name, day)
        if self._memory is None or tally is None or self._noted.get(name) == (day, tally):
            return
        try:
            await self._bounded(self._memory.reached(name, day, tally.taken, tally.returned))
        except LedgerAway as error:
            log.debug("the store does not remember what is spent of the day's quotas", error=str(error))
        else:
            self._noted[name] = day, tally

    def _fill(self, name: str, day: date, per_day: int) -> None:
        running = self._filling.get(name)
        if self._with_spare and self._memory is not None and (running is None or running.done()):
            filling = self._filled(self._memory, name, day, reserve(per_day) - self._spare(name, day), per_day)
            self._filling[name] = asyncio.create_task(filling, name="quota spare")
            self._filling[name].add_done_callback(tasks.consume)

    async def _filled(self, memory: QuotaMemory, name: str, day: date, wanted: int, per_day: int) -> None:
        """Lays a share aside. One that can't be is lost for the day: nobody may use it twice."""
        grant = await self._root.take(name, day, wanted, per_day)
        await self._note(name, day)
        if grant.units:
            self._held[name] = day, await memory.deposit(name, day, grant.units)

    async def _bounded(self, work: Coroutine[Any, Any, T]) -> T:
        """Waits shortly for the store; one that was late is passed over until it has ended.

        Raises:
            LedgerAway: It can't, or it does it later.
        """
        if self._late:
            work.close()
            raise LedgerAway("the store is slow")
        task = asyncio.create_task(work, name="quota memory")
        try:
            async with self._clock.timeout_at(self._clock.monotonic() + WAIT_S):
                return await asyncio.shield(task)
        except TimeoutError:
            self._late.add(task)
            task.add_done_callback(self._late.discard)
            task.add_done_callback(tasks.consume)
            raise LedgerAway("the store is slow") from None
        except QuotaMemoryAway as error:
            raise LedgerAway(str(error)) from None
