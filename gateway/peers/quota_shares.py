"""The share of a day's quota that this process has taken in advance: requests spend it without asking anybody.

A request waits only where the share is empty and more is being fetched: for the file of its own machine, and for a
ledger on Redis at most as long as :data:`gateway.peers.redis_link.WAIT_S`. Without the ledger a process spends what it
holds; then it is not known whether the day has more.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import structlog

from gateway.core.call import Priority
from gateway.core.clock import Clock
from gateway.core.lasting import lasting
from gateway.peers import tasks
from gateway.peers.ledger import Grant, Ledger, LedgerAway
from gateway.pipeline.upstream.daily_quota import DayQuota, SpendResult

WAIT_S: Final = 1.0
"""Longest wait of a request for its share, where the machine's own disk is slow."""
QUICK_S: Final = 0.01
"""A request that has waited for so long does not wait for one more fetch, so that 50 ms are kept."""
EVERY_S: Final = 1.0
"""How often the ledger is asked what is left, and after how long it is asked again where it gave nothing."""
PLENTY: Final = 10
"""While more than this part of the day's quota is left, a share is filled though nobody spends of it."""
SMALL: Final = 20
"""From this quota on a process holds one exchange more than the one that comes, so that it fetches behind it."""
log = structlog.get_logger("gateway.peers.quota")


@dataclass(slots=True)
class Share:
    """The share of one quota on one day. *left*: what the ledger could still grant when it was asked last."""

    day: date
    quota: DayQuota
    units: int
    left: int
    pool: int
    spent: int = 0
    """Since the last turn of the background task."""
    ask_again_at: float = float("-inf")
    fetch: asyncio.Task[None] | None = None


def wanted(share: Share, size: int) -> int:
    """How many exchanges a turn in the background asks for; below 0 it gives back what nobody here spends, because
    others have none left.
    """
    if not share.pool and not share.spent:
        return -share.units
    idle = not share.spent and share.pool <= share.quota.per_day // PLENTY
    return 0 if idle or share.units > -(-size // 2) else size - share.units


class QuotaShares:
    """See :class:`gateway.pipeline.upstream.daily_quota.DayStore`.

    Args:
        ledger: Where shares come from.
        clock: Time.
        part: A share is this part of the day's quota.
    """

    def __init__(self, ledger: Ledger, clock: Clock, *, part: int) -> None:
        self._ledger = ledger
        self._clock = clock
        self._part = part
        self._shares: dict[str, Share] = {}
        self._fetches: set[asyncio.Task[None]] = set()
        self._task: asyncio.Task[None] | None = None
        self._away = False
        self.waits: Counter[str] = Counter()
        """Requests that waited for a share, by what came of it: ``granted`` or ``refused``."""

    async def open(self) -> None:
        """Fetches the first shares, and begins to fetch in the background."""
        await self._turns()
        self._task = lasting(self._run, self._clock, "quota shares")

    async def close(self) -> None:
        """Gives back what was not spent, as far as the ledger can be reached."""
        await tasks.end([*self._fetches, *([] if self._task is None else [self._task])])
        for name, share in self._shares.items():
            units, share.units = share.units, 0
            if units:
                await self._told(name, share, -units)

    def held(self) -> Mapping[str, int]:
        """The exchanges that this process holds, by upstream."""
        return {name: share.units for name, share in self._shares.items()}

    async def spend(self, name: str, day: date, quota: DayQuota, priority: Priority) -> SpendResult:
        """See :meth:`gateway.pipeline.upstream.daily_quota.DayStore.spend`."""
        share = self._share(name, day, quota)
        if share.units <= -(-self._size(quota) // 2):
            fetch = self._fetch(name, share)
            if not share.units and fetch is not None:
                await self._wait(name, share, fetch)
        if not share.units:
            return "unknown" if share.left else "spent"
        if priority == "batch" and share.units + share.left <= quota.kept:
            return "spent"
        share.units -= 1
        share.spent += 1
        return "granted"

    def give_back(self, name: str, day: date) -> None:
        """See :meth:`gateway.pipeline.upstream.daily_quota.DayStore.give_back`."""
        share = self._shares.get(name)
        if share is not None and share.day == day:
            share.units += 1

    def remaining(self, name: str, day: date, quota: DayQuota) -> int:
        """See :meth:`gateway.pipeline.upstream.daily_quota.DayStore.remaining`."""
        share = self._share(name, day, quota)
        return share.units + share.left

    def _size(self, quota: DayQuota) -> int:
        return max(2 if quota.per_day >= SMALL else 1, quota.per_day // self._part)

    def _share(self, name: str, day: date, quota: DayQuota) -> Share:
        share = self._shares.get(name)
        if share is None or share.day < day:
            share = self._shares[name] = Share(day, quota, 0, quota.per_day, quota.per_day)
        if share.quota != quota:
            # A new configuration: what it grants more can be fetched at once.
            share.left = max(0, share.left + quota.per_day - share.quota.per_day)
            share.ask_again_at = self._clock.monotonic()
            share.quota = quota
        return share

    def _fetch(self, name: str, share: Share) -> asyncio.Task[None] | None:
        """The running fetch for *share*, begun now if there is none; None while there is nothing to fetch."""
        if share.fetch is not None and not share.fetch.done():
            return share.fetch
        if self._clock.monotonic() < share.ask_again_at:
            return None
        share.fetch = asyncio.create_task(self._fetched(name, share), name="quota share")
        self._fetches.add(share.fetch)
        share.fetch.add_done_callback(self._fetches.discard)
        return share.fetch

    async def _fetched(self, name: str, share: Share) -> None:
        grant = await self._told(name, share, self._size(share.quota) - share.units)
        if grant is None or not grant.units:
            share.ask_again_at = self._clock.monotonic() + EVERY_S

    async def _told(self, name: str, share: Share, number: int) -> Grant | None:
        try:
            grant = await self._ledger.take(name, share.day, number, share.quota.per_day)
        except LedgerAway as error:
            self._tell_away(str(error))
            return None
        if not grant.whole:
            self._tell_away("what was laid aside is spent")
        elif self._away and number <= 0:  # what is granted may have been on this machine
            log.info("day's quotas are counted again")
            self._away = False
        share.units += max(0, grant.units)
        if grant.whole:
            share.left, share.pool = grant.left, grant.pool
        return grant

    def _tell_away(self, cause: str) -> None:
        if not self._away:
            log.warning("day's quotas can't be counted: what is held is spent, then refused", cause=cause)
        self._away = True

    async def _wait(self, name: str, share: Share, fetch: asyncio.Task[None]) -> None:
        """Waits for *fetch*, and for the next one where others have taken all that it brought and it was quick."""
        began = self._clock.monotonic()
        more: asyncio.Task[None] | None = fetch
        try:
            async with self._clock.timeout_at(began + WAIT_S):
                while more is not None:
                    await asyncio.shield(more)
                    enough = share.units or self._clock.monotonic() - began > QUICK_S
                    more = None if enough else self._fetch(name, share)
        except TimeoutError:
            pass
        self.waits["granted" if share.units else "refused"] += 1

    async def _run(self) -> None:
        while True:
            await self._clock.sleep(EVERY_S)
            await self._turns()

    async def _turns(self) -> None:
        for name, share in list(self._shares.items()):
            await self._turn(name, share)

    async def _turn(self, name: str, share: Share) -> None:
        if share.fetch is not None and not share.fetch.done():
            return
        number, share.spent = wanted(share, self._size(share.quota)), 0
        share.units += min(0, number)
        grant = await self._told(name, share, number)
        if grant is not None and grant.left:
            share.ask_again_at = self._clock.monotonic()  # others have given some back: the next request can have it
