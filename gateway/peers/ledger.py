"""The ledger of a day's quotas: the one place from which gateways take their shares, and the decision that it makes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, Protocol

PORTION: Final = 4
"""A share is at most this part of what is left, so that nobody holds back the end of a day's quota."""


class LedgerAway(Exception):
    """The ledger did not answer in time, or can't be used."""


@dataclass(frozen=True, slots=True)
class Grant:
    """*units* exchanges were granted (below 0: taken back), and this is left: *pool* for whoever asks, and *held* on
    this machine for its own processes.
    """

    units: int
    pool: int
    held: int = 0
    whole: bool = True
    """Whether *pool* is what the day has left; not where *units* were laid aside and the ledger of all is away."""

    @property
    def left(self) -> int:
        """Exchanges that this process can still be granted."""
        return self.pool + self.held


def decide(used: int, wanted: int, per_day: int) -> int:
    """How many of *wanted* exchanges are granted after *used* of the day; *wanted* below 0 gives some back."""
    left = max(0, per_day - used)
    if wanted < 0:
        return -min(-wanted, used)
    return min(wanted, -(-left // PORTION))


class Ledger(Protocol):
    """Grants shares of a day's quota, never more in sum than the quota."""

    async def take(self, name: str, day: date, wanted: int, per_day: int) -> Grant:
        """Takes a share of *name*'s quota of *day*: *wanted* exchanges at most, or none. 0 asks what is left, and a
        number below 0 gives back.

        Raises:
            LedgerAway: It is not known how much was granted, so nothing of it may be used.
        """
        ...


@dataclass(frozen=True, slots=True, order=True)
class Tally:
    """How far the ledger of all had counted when it was heard last: exchanges *taken* and *returned*, both rising.

    One that says less has lost what it counted (a Redis that came back empty, or an older copy of it).
    """

    taken: int = 0
    returned: int = 0


class RootLedger(Ledger, Protocol):
    """The ledger of all, which may lose its count: those who take from it know how far it was."""

    def tally(self, name: str, day: date) -> Tally | None:
        """How far *name* was on *day*, as far as this process has heard."""
        ...

    def recall(self, name: str, day: date, tally: Tally) -> None:
        """Takes what this machine remembers from before its restart."""
        ...


class MemoryLedger:
    """The ledger of a process alone: the latest day of each name, so that it does not grow."""

    def __init__(self) -> None:
        self._used: dict[str, tuple[date, int]] = {}

    async def take(self, name: str, day: date, wanted: int, per_day: int) -> Grant:
        """See :meth:`Ledger.take`."""
        held, used = self._used.get(name, (day, 0))
        used = used if day <= held else 0
        units = decide(used, wanted, per_day)
        self._used[name] = (max(day, held), used + units)
        return Grant(units, max(0, per_day - used - units))
