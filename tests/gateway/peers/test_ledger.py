"""Shares of a day's quota, and the ledgers that grant them: in sum never more than the quota."""

from __future__ import annotations

import asyncio
from datetime import date
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from gateway.core.call import Priority
from gateway.peers.folder_ledger import FILE, FolderLedger
from gateway.peers.ledger import Grant, LedgerAway, MemoryLedger, decide
from gateway.peers.quota_shares import EVERY_S, WAIT_S, QuotaShares
from gateway.pipeline.upstream.daily_quota import DayQuota
from gateway.testing.clock import FakeClock, settle

TODAY, TOMORROW = date(2026, 11, 24), date(2026, 11, 25)
NAME: Final = "register.ws"
PATIENCE_S: Final = 10.0


class Slow:
    """A ledger that answers when the test says so."""

    def __init__(self) -> None:
        self.inner = MemoryLedger()
        self.open = asyncio.Event()
        self.away = False
        self.asked = 0

    async def take(self, name: str, day: date, wanted: int, per_day: int) -> Grant:
        """As the ledger of a process alone, later."""
        self.asked += 1
        if self.away:
            raise LedgerAway("away")
        await self.open.wait()
        return await self.inner.take(name, day, wanted, per_day)


async def spent(
    shares: QuotaShares, times: int, quota: DayQuota, day: date = TODAY, priority: Priority = "interactive"
) -> int:
    """How many of so many exchanges are granted."""
    return [await shares.spend(NAME, day, quota, priority) for _ in range(times)].count("granted")


@given(
    per_day=st.integers(1, 400),
    deeds=st.lists(st.tuples(st.integers(0, 2), st.integers(-30, 60)), max_size=20),
)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # other suites run beside it
def test_the_ledger_never_grants_more_than_the_day_has(per_day: int, deeds: list[tuple[int, int]]) -> None:
    """Whoever takes and gives back how much: what gateways hold and have spent is at most the quota."""
    used, held = 0, [0, 0, 0]
    for gateway, wanted in deeds:
        units = decide(used, max(wanted, -held[gateway]), per_day)
        assert units <= max(0, wanted)
        used += units
        held[gateway] += units

        assert sum(held) == used <= per_day
    assert decide(used, per_day, per_day) > 0 or used == per_day, "what is left can be had"


async def test_a_request_spends_the_share_and_asks_nobody(clock: FakeClock) -> None:
    """The ledger is asked in the background before the share is empty."""
    ledger = Slow()
    ledger.open.set()
    shares = QuotaShares(ledger, clock, part=10)
    quota = DayQuota(100, 0.0)
    assert shares.remaining(NAME, TODAY, quota) == 100
    await shares.open()
    ledger.open.clear()

    assert await spent(shares, 9, quota) == 9
    assert not shares.waits
    await settle()
    assert ledger.asked == 2
    ledger.open.set()
    await settle()
    assert await spent(shares, 1, quota) == 1
    assert not shares.waits
    await shares.close()


async def test_nobody_waits_longer_than_the_limit_and_then_it_is_not_known_what_is_left(clock: FakeClock) -> None:
    """One that finds the share empty waits for the fetch under way, and is refused when that takes too long."""
    ledger = Slow()
    shares = QuotaShares(ledger, clock, part=10)
    waiting = asyncio.create_task(shares.spend(NAME, TODAY, DayQuota(100, 0.0), "interactive"))
    await clock.advance(WAIT_S * 0.9)
    assert not waiting.done()
    await clock.advance(WAIT_S * 0.2)

    assert waiting.done()
    assert await waiting == "unknown"
    assert shares.waits == {"refused": 1}
    await shares.close()


async def test_without_the_ledger_what_is_held_is_spent_and_no_more(clock: FakeClock) -> None:
    """Nobody waits for a ledger that is away, and it is not asked for each request."""
    ledger = Slow()
    ledger.open.set()
    shares = QuotaShares(ledger, clock, part=10)
    quota = DayQuota(100, 0.0)
    shares.remaining(NAME, TODAY, quota)
    await shares.open()
    ledger.away = True

    assert await spent(shares, 50, quota) == 10
    assert ledger.asked <= 4
    assert await shares.spend(NAME, TODAY, quota, "interactive") == "unknown"

    ledger.away = False
    await clock.advance(2 * EVERY_S)
    assert await spent(shares, 1, quota) == 1
    await shares.close()


async def test_batch_leaves_the_reserve_to_people(clock: FakeClock) -> None:
    """As with the count of one process."""
    shares = QuotaShares(MemoryLedger(), clock, part=10)
    quota = DayQuota(20, 0.25)

    assert await spent(shares, 40, quota, priority="batch") == 15
    assert shares.remaining(NAME, TODAY, quota) == 5
    granted = 0
    for _ in range(20):
        granted += await spent(shares, 1, quota)
        await clock.advance(EVERY_S)
    assert granted == 5


async def test_a_new_day_has_a_new_quota_and_an_older_day_has_none(clock: FakeClock) -> None:
    """What was held of yesterday is not spent today."""
    shares = QuotaShares(MemoryLedger(), clock, part=1)
    quota = DayQuota(4, 0.0)
    assert await spent(shares, 9, quota) > 0
    shares.give_back(NAME, TODAY)
    assert shares.remaining(NAME, TOMORROW, quota) == 4
    shares.give_back(NAME, TODAY)

    assert shares.remaining(NAME, TOMORROW, quota) == 4


async def test_what_an_idle_gateway_holds_is_given_to_the_one_that_needs_it(clock: FakeClock) -> None:
    """At the day's end the whole quota can be spent by one of them."""
    ledger = MemoryLedger()
    idle, busy = QuotaShares(ledger, clock, part=5), QuotaShares(ledger, clock, part=5)
    quota = DayQuota(50, 0.0)
    idle.remaining(NAME, TODAY, quota)
    await idle.open()
    await busy.open()
    assert idle.held() == {NAME: 10}

    granted = 0
    for _ in range(30):
        granted += await spent(busy, 20, quota)
        await clock.advance(EVERY_S)

    assert granted == 50
    assert idle.held() == {NAME: 0}
    await idle.close()
    await busy.close()


async def test_a_gateway_that_leaves_gives_back_what_it_holds(clock: FakeClock) -> None:
    """A restart costs nothing of the quota."""
    ledger = MemoryLedger()
    first = QuotaShares(ledger, clock, part=5)
    assert await spent(first, 3, DayQuota(50, 0.0)) == 3
    await first.close()

    assert (await ledger.take(NAME, TODAY, 0, 50)).pool == 47


async def test_the_state_folder_remembers_the_day_over_a_kill(tmp_path: Path, clock: FakeClock) -> None:
    """A process that ends without a word costs what it held; the next one has the rest, and no more than that."""
    quota = DayQuota(40, 0.0)
    killed = QuotaShares(FolderLedger(tmp_path), clock, part=10)
    assert await spent(killed, 7, quota) == 7

    after = QuotaShares(FolderLedger(tmp_path), clock, part=10)
    granted = 0
    for _ in range(60):
        granted += await spent(after, 1, quota)
        await clock.advance(EVERY_S)

    held = killed.held()[NAME]
    assert 0 <= held <= 4
    assert granted == 40 - 7 - held


async def test_a_file_that_cannot_be_read_is_put_aside(tmp_path: Path) -> None:
    """Counting begins anew, and the file is kept for those who ask why."""
    (tmp_path / FILE).write_bytes(b"{broken")

    assert (await FolderLedger(tmp_path).take(NAME, TODAY, 1, 8)).units == 1
    assert (tmp_path / "quota.unreadable").read_bytes() == b"{broken"


async def test_where_the_folder_cannot_be_written_a_process_alone_counts_by_itself(tmp_path: Path) -> None:
    """Several processes would each grant the whole quota: they are granted nothing."""
    folder = tmp_path / "file"
    folder.write_text("in the way", "utf-8")
    alone = FolderLedger(folder, alone=True)

    assert (await alone.take(NAME, TODAY, 2, 8)).units == 2
    assert (await alone.take(NAME, TODAY, 8, 8)).units == 2
    with pytest.raises(LedgerAway):
        await FolderLedger(folder).take(NAME, TODAY, 1, 8)


async def test_many_at_once_at_the_end_of_the_day_are_told_the_truth(clock: FakeClock) -> None:
    """Each gets what is left while something is left, though a share is small; the others hear that it is spent."""
    ledger = Slow()
    ledger.open.set()
    shares = QuotaShares(ledger, clock, part=10)
    quota = DayQuota(30, 0.0)
    found = await asyncio.gather(*(shares.spend(NAME, TODAY, quota, "interactive") for _ in range(40)))

    assert (found.count("granted"), found.count("spent"), found.count("unknown")) == (30, 10, 0)
    ledger.away = True
    await clock.advance(5 * EVERY_S)
    assert await shares.spend(NAME, TODAY, quota, "interactive") == "spent", "it was known before"
    await shares.close()


async def test_a_state_folder_that_breaks_is_no_spent_quota(tmp_path: Path, clock: FakeClock) -> None:
    """Processes that count in it alone do not know what is left, and say so; the log has the cause once."""
    folder = tmp_path / "file"
    folder.write_text("in the way", "utf-8")
    shares = QuotaShares(FolderLedger(folder), clock, part=10)
    await shares.open()
    with capture_logs() as lines:
        verdicts = {await shares.spend(NAME, TODAY, DayQuota(40, 0.0), "interactive") for _ in range(3)}
        await clock.advance(3 * EVERY_S)
        verdicts.add(await shares.spend(NAME, TODAY, DayQuota(40, 0.0), "interactive"))
        folder.unlink()
        async with asyncio.timeout(PATIENCE_S):
            while len(lines) < 2:
                await clock.advance(EVERY_S)
                await asyncio.to_thread(lambda: None)  # the file is written in a thread
        again = await shares.spend(NAME, TODAY, DayQuota(40, 0.0), "interactive")

    assert (verdicts, again) == ({"unknown"}, "granted")
    assert [(line["log_level"], line.get("cause")) for line in lines] == [("warning", "File exists"), ("info", None)]
    await shares.close()
