"""Virtual time of the country: real time plus the duration that a tester advanced it by."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

#: All national systems write local time.
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


def real_now() -> datetime:
    """Returns the real time, aware, in Vietnam's zone."""
    return datetime.now(HANOI)


class VirtualClock:
    """The systems' clock. Business states, quota days and night windows follow it; tokens follow real time."""

    __slots__ = ("_ahead", "_wall")

    def __init__(self, wall: Callable[[], datetime] = real_now) -> None:
        self._wall = wall
        self._ahead = timedelta()

    def now(self) -> datetime:
        """Returns the virtual time, aware, in Vietnam's zone."""
        return self._wall().astimezone(HANOI) + self._ahead

    def today(self) -> date:
        """Returns the virtual calendar day in Vietnam."""
        return self.now().date()

    @property
    def ahead(self) -> timedelta:
        """The difference between virtual and real time."""
        return self._ahead

    def advance(self, by: timedelta) -> None:
        """Moves the virtual clock forward; only a reset moves it back."""
        self._ahead += by

    def reset(self) -> None:
        self._ahead = timedelta()
