"""Counts exchanges against the daily quota of a national system, and refuses more without asking it.

The last share of the quota is kept for interactive callers, and the cache may serve longer then. The count is kept in
a store behind a small protocol: that of this process, or one that several gateways share.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import ClassVar, Final, Literal, Protocol, TypeAlias

from gateway.core.call import Priority
from gateway.core.canonical import Wire
from gateway.core.clock import Clock
from gateway.core.days import VIETNAM
from gateway.core.events import QUOTA_UNKNOWN, Observer, QuotaMoved
from gateway.core.problems import Failing, OwnTrouble, Withheld
from gateway.core.steps import Next
from gateway.core.upstream import UpstreamRequest

_EARLY_S: Final = 3_600.0
UNKNOWN_RETRY_S: Final = 5.0
"""Seconds after which a caller may come back where the quota can't be counted."""
SpendResult: TypeAlias = Literal["granted", "spent", "unknown"]
"""unknown: the store can't be asked, so it is not known whether the quota grants one more."""


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
    """Grants the exchanges of a day's quota one by one; gateways that share a store spend one quota."""

    async def spend(self, name: str, day: date, quota: DayQuota, priority: Priority) -> SpendResult:
        """Counts one exchange of *name* on *day* where *quota* grants one more at *priority*, and says so."""
        ...

    def give_back(self, name: str, day: date) -> None:
        """Takes back one exchange that was counted on *day* and never left."""
        ...

    def remaining(self, name: str, day: date, quota: DayQuota) -> int:
        """Exchanges left on *day*, as far as this process knows."""
        ...


class MemoryDays:
    """The count of this process: for each name only the latest day, so that it does not grow.

    A wall clock that is set back does not renew a spent day.
    """

    def __init__(self) -> None:
        self._used: dict[str, tuple[date, int]] = {}

    async def spend(self, name: str, day: date, quota: DayQuota, priority: Priority) -> SpendResult:
        """See :meth:`DayStore.spend`."""
        if not decide(self.used(name, day), priority, quota):
            return "spent"
        self._add(name, day, 1)
        return "granted"

    def give_back(self, name: str, day: date) -> None:
        """See :meth:`DayStore.give_back`."""
        self._add(name, day, -1)

    def remaining(self, name: str, day: date, quota: DayQuota) -> int:
        """See :meth:`DayStore.remaining`."""
        return max(0, quota.per_day - self.used(name, day))

    def used(self, name: str, day: date) -> int:
        """Exchanges that were counted on *day*, or on the later day that is known already."""
        held, used = self._used.get(name, (day, 0))
        return used if day <= held else 0

    def _add(self, name: str, day: date, amount: int) -> None:
        held, _ = self._used.get(name, (day, 0))
        self._used[name] = (max(day, held), max(0, amount + self.used(name, day)))


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
        self._tell()

    def retune(self, quota: DayQuota) -> None:
        """Goes by *quota* from now on; what was spent of the day stays spent."""
        self._quota = quota
        self._observer(QuotaMoved(*self._names, self.remaining, quota.per_day))

    @property
    def remaining(self) -> int:
        """Exchanges left today, as far as this process knows."""
        return self._store.remaining(self._key, self._day(), self._quota)

    @property
    def per_day(self) -> int:
        """Exchanges that are granted in a day."""
        return self._quota.per_day

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
        verdict = await self._store.spend(self._key, day, self._quota, request.call.priority)
        self._tell()
        if verdict != "granted":
            request.call.trace.notes.append(f"quota={verdict}")
        if verdict == "unknown":
            raise OwnTrouble(
                "The gateway can't count the upstream's quota.", reason=QUOTA_UNKNOWN, retry_after=UNKNOWN_RETRY_S
            )
        if verdict == "spent":
            raise Withheld(
                "The upstream's quota of the day is spent.",
                reason="quota_spent",
                retry_after=self._day.left,
            )
        try:
            return await proceed(request)
        except Failing as error:
            if not error.may_have_arrived:
                # Nothing reached the source, so nothing was counted there.
                self._store.give_back(self._key, day)
                self._tell()
            raise

    def _tell(self) -> None:
        self._observer(QuotaMoved(*self._names, self.remaining, self._quota.per_day))
