"""The ledger in the state folder, which outlives its processes: the whole quota of a machine that shares with no other
one, or the part that it has taken from the ledger of all.

What is taken from the file is written before it is used: a process that is killed loses what it held, and nobody uses
it twice.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

import structlog
from pydantic import BaseModel, ConfigDict, Field

from gateway.peers import tasks
from gateway.peers.folder import SharedFile
from gateway.peers.ledger import Grant, LedgerAway, RootLedger, Tally, decide

T = TypeVar("T")
FILE: Final = "quota.json"
log = structlog.get_logger("gateway.peers.quota")
RESERVE: Final = 50
"""A machine holds this part of a day's quota for its processes."""


class _Day(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    day: date
    used: int = Field(default=0, ge=0)
    """Of the whole quota, where this file is its only ledger."""
    held: int = Field(default=0, ge=0)
    """Taken from the ledger of all, and not given to a process so far."""
    taken: int = Field(default=0, ge=0)
    returned: int = Field(default=0, ge=0)
    """How far the ledger of all was (:class:`gateway.peers.ledger.Tally`)."""


class _Days(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    days: Mapping[str, _Day] = {}

    def of(self, name: str, day: date) -> _Day:
        """The latest day of *name*: a wall clock that is set back does not renew a spent one."""
        found = self.days.get(name)
        return _Day(day=day) if found is None or found.day < day else found

    def knows(self, name: str, day: date) -> bool:
        found = self.days.get(name)
        return found is not None and found.day >= day

    def put(self, name: str, day: _Day) -> _Days:
        return _Days(days={**self.days, name: day})


class _File:
    def __init__(self, folder: Path) -> None:
        self._file = SharedFile(folder / FILE)

    async def change(self, change: Callable[[_Days], tuple[_Days, T]]) -> T:
        try:
            return await asyncio.to_thread(self._file.change, _Days, change)
        except OSError as error:
            raise LedgerAway(error.strerror) from None


class FolderLedger:
    """The only ledger of a deployment without Redis: all processes with this state folder spend one quota.

    One that is *alone* with the folder counts on by itself where the file can't be written.
    """

    def __init__(self, folder: Path, *, alone: bool = False) -> None:
        self._file = _File(folder)
        self._alone = _Memory() if alone else None
        self._broken = False
        self._known: dict[str, tuple[date, Tally]] = {}

    async def take(self, name: str, day: date, wanted: int, per_day: int) -> Grant:
        """See :meth:`gateway.peers.ledger.Ledger.take`."""

        def change(days: _Days) -> tuple[_Days, tuple[_Day, Grant]]:
            held = self._of(days, name, day)
            units = decide(held.used, wanted, per_day)
            after = held.model_copy(update={"used": held.used + units})
            return days.put(name, after), (after, Grant(units, max(0, per_day - after.used)))

        if self._alone is None:
            after, grant = await self._file.change(change)
            self._known[name] = after.day, Tally(after.used)
            return grant
        try:
            after, grant = await self._file.change(change)
        except LedgerAway as error:
            if not self._broken:
                log.warning("the day's quotas are not remembered over a restart", error=str(error))
            self._broken = True
            after, grant = await self._alone.change(change)
        else:
            self._broken = False
            await self._alone.change(lambda days: (days.put(name, after), None))
        self._known[name] = after.day, Tally(after.used)
        return grant

    def tally(self, name: str, day: date) -> Tally | None:
        """See :meth:`gateway.peers.ledger.RootLedger.tally`: what the file said last."""
        known = self._known.get(name)
        return known[1] if known is not None and known[0] == day else None

    def recall(self, name: str, day: date, tally: Tally) -> None:
        """See :meth:`gateway.peers.ledger.RootLedger.recall`; a file that knows the day is believed more."""
        self._known[name] = day, max(tally, self.tally(name, day) or tally)

    def _of(self, days: _Days, name: str, day: date) -> _Day:
        found, known = days.of(name, day), self.tally(name, day)
        if known is None or found.day > day or days.knows(name, day):
            return found
        return found.model_copy(update={"used": known.taken - known.returned})


class ReserveLedger:
    """The reserve of one machine: taken in advance from the ledger of all, *root*, and spent while that is away.

    *folder* None: it is not remembered over a restart.
    """

    def __init__(self, folder: Path | None, root: RootLedger) -> None:
        self._file = _Memory() if folder is None else _File(folder)
        self._root = root
        self._pools: dict[str, tuple[date, int]] = {}
        self._filling: dict[str, asyncio.Task[None]] = {}

    async def take(self, name: str, day: date, wanted: int, per_day: int) -> Grant:
        """See :meth:`gateway.peers.ledger.Ledger.take`."""
        if wanted < 0:
            return await self._give_back(name, day, -wanted, per_day)
        if wanted == 0:
            grant = await self._root.take(name, day, 0, per_day)
            self._pools[name] = (day, grant.pool)
        units, held = await self._withdraw(name, day, wanted)
        if wanted and held <= reserve(per_day) // 2:
            filling = self._fill(name, day, per_day)
            if not units:
                await asyncio.shield(filling)
                units, held = await self._withdraw(name, day, wanted)
        return Grant(units, self._pool(name, day, per_day), held)

    async def close(self) -> None:
        """Ends what is under way."""
        await tasks.end(self._filling.values())

    def _pool(self, name: str, day: date, per_day: int) -> int:
        known = self._pools.get(name)
        return per_day if known is None or known[0] < day else known[1]

    async def _withdraw(self, name: str, day: date, wanted: int) -> tuple[int, int]:
        def change(days: _Days) -> tuple[_Days, tuple[int, int]]:
            found = days.of(name, day)
            units = min(found.held, wanted)
            left = found.held - units
            return days.put(name, found.model_copy(update={"held": left})), (units, left)

        return await self._file.change(change)

    def _fill(self, name: str, day: date, per_day: int) -> asyncio.Task[None]:
        running = self._filling.get(name)
        if running is None or running.done():
            running = self._filling[name] = asyncio.create_task(self._filled(name, day, per_day), name="quota reserve")
            running.add_done_callback(tasks.consume)
        return running

    async def _filled(self, name: str, day: date, per_day: int) -> None:
        known = await self._file.change(lambda days: (days, days.of(name, day)))
        if known.taken:
            self._root.recall(name, day, Tally(known.taken, known.returned))
        grant = await self._root.take(name, day, max(0, reserve(per_day) - known.held), per_day)
        if grant.whole:
            self._pools[name] = (day, grant.pool)
        await self._file.change(partial(_deposited, name, day, grant.units, self._root.tally(name, day)))

    async def _give_back(self, name: str, day: date, units: int, per_day: int) -> Grant:
        """To the ledger of all where the pool is empty: somebody waits for it; else to the machine's reserve."""
        if self._pool(name, day, per_day):
            await self._file.change(partial(_deposited, name, day, units, None))
            return Grant(-units, self._pool(name, day, per_day))
        reserved, _ = await self._withdraw(name, day, per_day)
        grant = await self._root.take(name, day, -units - reserved, per_day)
        self._pools[name] = (day, grant.pool)
        return Grant(-units, grant.pool)


def usable(folder: Path) -> bool:
    """Whether files can be kept in *folder*, which is made if need be; it blocks."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK | os.X_OK)


def reserve(per_day: int) -> int:
    """Exchanges that a machine takes in advance."""
    return max(1, per_day // RESERVE)


def _deposited(name: str, day: date, units: int, tally: Tally | None, days: _Days) -> tuple[_Days, None]:
    found = days.of(name, day)
    if found.day > day:
        return days, None  # of a day that is over
    far = max(tally or Tally(), Tally(found.taken, found.returned))
    after = {"held": found.held + units, "taken": far.taken, "returned": far.returned}
    return days.put(name, found.model_copy(update=after)), None


class _Memory(_File):
    """The same in this process alone."""

    def __init__(self) -> None:
        self._days = _Days()

    async def change(self, change: Callable[[_Days], tuple[_Days, T]]) -> T:
        self._days, said = change(self._days)
        return said
