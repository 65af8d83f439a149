"""Virtual time of the country: real time plus what somebody advanced."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

#: Every national system writes local time.
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


def real_now() -> datetime:
    """Real time, aware, in Vietnam."""
    return datetime.now(HANOI)


class VirtualClock:
    """What the systems take for now: business states, quota days and night windows follow it, tokens do not."""

    __slots__ = ("_ahead", "_wall")

    def __init__(self, wall: Callable[[], datetime] = real_now) -> None:
        self._wall = wall
        self._ahead = timedelta()

    def now(self) -> datetime:
        """The instant, aware, in Vietnam's zone."""
        return self._wall().astimezone(HANOI) + self._ahead

    def today(self) -> date:
        """The calendar day in Vietnam."""
        return self.now().date()

    @property
    def ahead(self) -> timedelta:
        """How far the country is ahead of real time."""
        return self._ahead

    def advance(self, by: timedelta) -> None:
        """Moves the country forward; only a reset takes it back."""
        self._ahead += by

    def reset(self) -> None:
        self._ahead = timedelta()
