"""Counts exchanges against the daily quota of a national system, and refuses more without asking it.

The last share of the quota is kept for interactive callers, and the cache may serve longer then. The count is kept in
a store behind a small protocol: that of this process, or one that several gateways share.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import ClassVar, Final, Protocol

from gateway.core.call import Priority
from gateway.core.canonical import Wire
from gateway.core.clock import Clock
from gateway.core.days import VIETNAM
from gateway.core.events import Observer, QuotaMoved
from gateway.core.problems import Failing, Withheld
from gateway.core.steps import Next
from gateway.core.upstream import UpstreamRequest

_EARLY_S: Final = 3_600.0


@dataclass(frozen=True, slots=True)
class DayQuota:
    """The quota of an upstream: *per_day* exchanges from midnight in Vietnam, the last share of them *reserved*."""

    per_day: int
    reserved: float

    @property
    def kept(self) -> int:
        """Exchanges kept for interactive callers."""
        return math.ceil(self.per_day * self.reserved)


class DayStore(Protocol):
    """Counts the used part of a day's quota; several gateways that share a store spend one quota."""

    async def add(self, name: str, day: date, amount: int) -> int:
        """Adds *amount* (which may be negative) to the use of *name* on *day*, and returns the sum."""
        ...


class MemoryDays:
    """The count of this process: for each name only the latest day, so that it does not grow.

    A wall clock that is set back does not renew a spent day.
    """

    def __init__(self) -> None:
        self._used: dict[str, tuple[date, int]] = {}

    async def add(self, name: str, day: date, amount: int) -> int:
        """See :meth:`DayStore.add`."""
        held, used = self._used.get(name, (day, 0))
        used = max(0, amount + (used if day <= held else 0))
        self._used[name] = (max(day, held), used)
        return used


def decide(used: int, priority: Priority, quota: DayQuota) -> bool:
    """Whether an exchange of *priority* may go after *used* of the day."""
    return used < quota.per_day - (0 if priority == "interactive" else quota.kept)


def day_of(now: datetime) -> date:
    """The day of a national quota, in Vietnam's time zone."""
    return now.astimezone(VIETNAM).date()


def until_midnight(now: datetime) -> float:
    """Seconds until the quota is renewed."""
    local = now.astimezone(VIETNAM)
    midnight = datetime.combine(local.date() + timedelta(days=1), time.min, VIETNAM)
    return (midnight - local) / timedelta(seconds=1)


class QuotaDay:
    """The day that is counted: it ends after as many monotonic seconds as it had left when it began.

    A wall clock that jumps, forward or back and by days, neither renews a spent quota nor spends that of another day;
    one that is set right is followed from the next midnight on.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._day, self._ends = day_of(clock.now()), clock.monotonic() + until_midnight(clock.now())

    def __call__(self) -> date:
        """The day of now; never an earlier one than before."""
        monotonic = self._clock.monotonic()
        if monotonic >= self._ends:
            self._day, left = following(self._day, self._clock.now())
            self._ends = monotonic + left
        return self._day

    @property
    def left(self) -> float:
        """Seconds until the quota is renewed."""
        return max(0.0, self._ends - self._clock.monotonic())


def following(day: date, now: datetime) -> tuple[date, float]:
    """The day after *day*, whose seconds are over, as the wall clock has it *now*, and the seconds that it has left."""
    left = until_midnight(now)
    said = day_of(now)
    if said <= day and left < _EARLY_S:
        # The two clocks differ by little: it is not midnight yet.
        return day, left
    return max(said, day + timedelta(days=1)), left


class UpstreamQuota:
    """Counts exchanges against the day's quota, and refuses more without asking the source."""

    name: ClassVar[str] = "daily quota"

    def __init__(
        self, quota: DayQuota, store: DayStore, clock: Clock, observer: Observer, names: tuple[str, str]
    ) -> None:
        self._quota = quota
        self._store = store
        self._day = QuotaDay(clock)
        self._observer = observer
        self._names = names
        self._key = ".".join(names)
        self._seen: tuple[date, int] | None = None
        observer(QuotaMoved(*names, quota.per_day, quota.per_day))

    @property
    def remaining(self) -> int:
        """Exchanges left today, as far as this process knows."""
        used = self._seen[1] if self._seen is not None and self._seen[0] == self._day() else 0
        return max(0, self._quota.per_day - used)

    @property
    def day_left_s(self) -> float:
        """Seconds until the quota is renewed."""
        return self._day.left

    @property
    def scarce(self) -> bool:
        """Whether only the reserve is left: older answers from the cache may be served now."""
        return self.remaining <= self._quota.kept

    async def __call__(self, proceed: Next[UpstreamRequest, Wire | None], request: UpstreamRequest) -> Wire | None:
        day = self._day()
        used = await self._store.add(self._key, day, 1)
        if not decide(used - 1, request.call.priority, self._quota):
            self._saw(day, await self._store.add(self._key, day, -1))
            request.call.trace.notes.append("quota=spent")
            raise Withheld(
                "The upstream's quota of the day is spent.",
                reason="quota_spent",
                retry_after=self._day.left,
            )
        self._saw(day, used)
        try:
            return await proceed(request)
        except Failing as error:
            if not error.may_have_arrived:
                # Nothing reached the source, so nothing was counted there.
                self._saw(day, await self._store.add(self._key, day, -1))
            raise

    def _saw(self, day: date, used: int) -> None:
        self._seen = (day, used)
        self._observer(QuotaMoved(*self._names, max(0, self._quota.per_day - used), self._quota.per_day))
