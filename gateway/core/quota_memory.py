"""The memory of the day's quotas that outlives every gateway: how far they were counted, and a spare share for the time
without the ledger of all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol


class QuotaMemoryAway(Exception):
    """It could not be read or written now; whether it was written is not known."""


@dataclass(frozen=True, slots=True)
class RememberedDay:
    """A quota on one day: *taken* and *returned* exchanges, both rising, and *held* ones that anybody may take."""

    name: str
    day: date
    taken: int
    returned: int
    held: int


class QuotaMemory(Protocol):
    """Remembers quotas by name and day. All raise :class:`QuotaMemoryAway`."""

    async def read(self, day: date) -> Sequence[RememberedDay]:
        """All of *day* and later, the earlier first; those of long ago are forgotten."""
        ...

    async def reached(self, name: str, day: date, taken: int, returned: int) -> None:
        """Notes how far the count is, unless it is known to be further."""
        ...

    async def deposit(self, name: str, day: date, units: int) -> int:
        """Lays so many exchanges into the spare share, and gives what it holds then."""
        ...

    async def withdraw(self, name: str, day: date, most: int) -> tuple[int, int]:
        """Takes *most* exchanges, or as many as there are; gives how many, and what is left."""
        ...
