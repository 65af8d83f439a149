"""Ledgers that a store remembers: a gateway that starts with nothing else, and a store that is away or slow."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final

import pytest

from gateway.core.quota_memory import QuotaMemoryAway, RememberedDay
from gateway.peers.folder_ledger import FolderLedger, ReserveLedger
from gateway.peers.ledger import Grant, LedgerAway, MemoryLedger, RootLedger, Tally
from gateway.peers.quota_shares import EVERY_S, QuotaShares
from gateway.peers.remembered_ledger import WAIT_S, RememberedLedger
from gateway.pipeline.upstream.daily_quota import DayQuota, day_of
from gateway.testing.clock import FakeClock, settle

NAME: Final = "register.ws"
PER_DAY: Final = 500


class Notebook:
    """The memory of a test, which may be away, or as slow as the test lets it be."""

    def __init__(self) -> None:
        self.days: dict[tuple[str, date], RememberedDay] = {}
        self.away = False
        self.asked = 0
        self.goes = asyncio.Event()
        self.goes.set()

    async def read(self, day: date) -> Sequence[RememberedDay]:
        """All of *day*."""
        await self._reach()
        return [one for one in self.days.values() if one.day >= day]

    async def reached(self, name: str, day: date, taken: int, returned: int) -> None:
        """Further, never back."""
        await self._reach()
        held = self._of(name, day)
        taken, returned = max((held.taken, held.returned), (taken, returned))
        self.days[name, day] = RememberedDay(name, day, taken, returned, held.held)

    async def deposit(self, name: str, day: date, units: int) -> int:
        """More than before."""
        await self._reach()
        return self._hold(name, day, units)

    async def withdraw(self, name: str, day: date, most: int) -> tuple[int, int]:
        """As much as there is."""
        await self._reach()
        units = min(most, self._of(name, day).held)
        return units, self._hold(name, day, -units)

    async def _reach(self) -> None:
        self.asked += 1
        await self.goes.wait()
        if self.away:
            raise QuotaMemoryAway("away")

    def _of(self, name: str, day: date) -> RememberedDay:
        return self.days.get((name, day)) or RememberedDay(name, day, 0, 0, 0)

    def _hold(self, name: str, day: date, units: int) -> int:
        held = self._of(name, day)
        self.days[name, day] = RememberedDay(name, day, held.taken, held.returned, held.held + units)
        return held.held + units


class Root(MemoryLedger):
    """A ledger of all that may be away, and that loses its count where a new one takes its place."""

    def __init__(self) -> None:
        super().__init__()
        self.away = False
        self.granted = 0
        self._far = Tally()

    async def take(self, name: str, day: date, wanted: int, per_day: int) -> Grant:
        """See :meth:`gateway.peers.ledger.Ledger.take`."""
        if self.away:
            raise LedgerAway("away")
        grant = await super().take(name, day, wanted, per_day)
        self.granted += grant.units
        self._far = Tally(self._far.taken + max(0, grant.units), self._far.returned - min(0, grant.units))
        return grant

    def tally(self, name: str, day: date) -> Tally | None:  # one quota
        """See :meth:`gateway.peers.ledger.RootLedger.tally`."""
        return self._far if self._far.taken else None

    def recall(self, name: str, day: date, tally: Tally) -> None:  # one quota
        """See :meth:`gateway.peers.ledger.RootLedger.recall`."""
        self._far = max(self._far, tally)


@pytest.fixture
async def memory() -> Notebook:
    """What is remembered."""
    return Notebook()


async def opened(root: RootLedger, memory: Notebook, clock: FakeClock, *, spare: bool = True) -> RememberedLedger:
    """A gateway's ledger."""
    ledger = RememberedLedger(root, clock, spare=spare)
    await ledger.open(memory)
    return ledger


async def test_the_ledger_away_a_new_gateway_has_what_was_laid_aside_and_no_more(
    memory: Notebook, clock: FakeClock
) -> None:
    """It was taken from the ledger before: in sum nobody has more than was granted."""
    root, today = Root(), day_of(clock.now())
    before = ReserveLedger(None, await opened(root, memory, clock))
    assert (await before.take(NAME, today, 5, PER_DAY)).units == 5
    await settle()
    root.away = True
    after = ReserveLedger(None, await opened(root, memory, clock))
    units = []
    for _ in range(5):
        try:
            units.append((await after.take(NAME, today, 5, PER_DAY)).units)
        except LedgerAway:
            units.append(0)

    assert units == [5, 5, 0, 0, 0]
    assert root.granted == 10 + 10, "the machine's reserve and the spare share, of which a fiftieth each"


async def test_an_empty_ledger_is_told_how_far_the_count_was(memory: Notebook, clock: FakeClock) -> None:
    """Though every gateway and every folder that knew it is gone."""
    today = day_of(clock.now())
    first = await opened(Root(), memory, clock)
    await first.take(NAME, today, 100, PER_DAY)
    await first.take(NAME, today, -30, PER_DAY)
    empty = Root()
    await opened(empty, memory, clock)

    tally = empty.tally(NAME, today)
    assert tally is not None
    assert (tally.taken - 10, tally.returned) == (100, 30), "10 were laid aside"


async def test_the_end_of_the_quota_is_had_from_the_spare_share(memory: Notebook, clock: FakeClock) -> None:
    """Nothing of what the system grants is held back for an outage that does not come."""
    root, today, had = Root(), day_of(clock.now()), 0
    ledger = await opened(root, memory, clock)
    for _ in range(200):
        had += (await ledger.take(NAME, today, 50, PER_DAY)).units
        await settle()

    assert had == root.granted == PER_DAY


async def test_a_slow_store_is_waited_for_shortly_and_then_passed_over(memory: Notebook, clock: FakeClock) -> None:
    """The ledger grants all the same; when the store has answered it is told again."""
    today = day_of(clock.now())
    ledger = await opened(Root(), memory, clock, spare=False)
    memory.goes.clear()
    asked = memory.asked
    taking = asyncio.create_task(ledger.take(NAME, today, 5, PER_DAY))
    await settle()
    assert not taking.done()
    await clock.advance(WAIT_S)
    assert (await taking).units == 5
    assert (await ledger.take(NAME, today, 5, PER_DAY)).units == 5, "without any wait"
    assert memory.asked == asked + 1
    memory.goes.set()
    await settle()
    await ledger.take(NAME, today, 0, PER_DAY)

    assert memory.days[NAME, today].taken == 10


async def test_what_a_slow_store_gave_too_late_is_had_by_the_next_request(memory: Notebook, clock: FakeClock) -> None:
    """The one who asked for it has gone; it was taken from the store, so that it is lost if nobody has it."""
    today = day_of(clock.now())
    memory.days[NAME, today] = RememberedDay(NAME, today, 100, 0, 5)
    root = Root()
    root.away = True
    ledger = await opened(root, memory, clock)
    memory.goes.clear()
    taking = asyncio.create_task(ledger.take(NAME, today, 3, PER_DAY))
    await settle()
    await clock.advance(WAIT_S)
    with pytest.raises(LedgerAway, match="slow"):
        await taking
    memory.goes.set()
    await settle()

    assert [(await ledger.take(NAME, today, 3, PER_DAY)).units for _ in range(3)] == [3, 2, 0]
    assert memory.days[NAME, today].held == 0


async def test_a_store_that_is_away_stops_nothing(memory: Notebook, clock: FakeClock) -> None:
    """At the start and later."""
    memory.away = True
    today = day_of(clock.now())
    root = Root()
    ledger = await opened(root, memory, clock)
    assert (await ledger.take(NAME, today, 5, PER_DAY)).units == 5
    root.away = True
    with pytest.raises(LedgerAway):
        await ledger.take(NAME, today, 5, PER_DAY)
    await ledger.close()


async def test_without_redis_a_lost_folder_does_not_renew_the_quota(
    memory: Notebook, clock: FakeClock, tmp_path: Path
) -> None:
    """A gateway alone remembers in its folder, and in the store; a folder that knows the day is believed."""
    today = day_of(clock.now())
    ledger = await opened(FolderLedger(tmp_path / "a", alone=True), memory, clock, spare=False)
    while (await ledger.take(NAME, today, 50, 60)).units:
        pass
    anew = await opened(FolderLedger(tmp_path / "b", alone=True), memory, clock, spare=False)
    assert (await anew.take(NAME, today, 5, 60)).units == 0
    await anew.take(NAME, today, -10, 60)
    again = await opened(FolderLedger(tmp_path / "b", alone=True), memory, clock, spare=False)

    assert (await again.take(NAME, today, 2, 60)).units == 2


async def test_what_was_laid_aside_is_not_what_the_day_has_left(tmp_path: Path, clock: FakeClock) -> None:
    """The ledger of all is away and the spare share is spent: it is not known what is left, and nobody says "spent"."""
    book = Notebook()
    today = day_of(clock.now())
    book.days[NAME, today] = RememberedDay(NAME, today, 100, 0, 3)
    root = Root()
    root.away = True
    ledger = RememberedLedger(root, clock, spare=True)
    await ledger.open(book)
    shares = QuotaShares(ReserveLedger(tmp_path, ledger), clock, part=100)
    verdicts = []
    for _ in range(8):
        verdicts.append(await shares.spend(NAME, today, DayQuota(PER_DAY, 0.0), "interactive"))
        await clock.advance(EVERY_S)

    assert verdicts == ["granted"] * 3 + ["unknown"] * 5
    assert shares.remaining(NAME, today, DayQuota(PER_DAY, 0.0)) == PER_DAY, "as far as this process knows"
    await shares.close()
    await ledger.close()
