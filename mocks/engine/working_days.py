"""Working days in Vietnam: weekends, Tết and the other public holidays do not count."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

import holidays

from mocks.engine.clock import HANOI

ONE_DAY: Final = timedelta(days=1)

_HOLIDAYS: Final = holidays.country_holidays("VN")


def works(day: date) -> bool:
    """Returns True when offices are open on *day*."""
    return day.weekday() < 5 and day not in _HOLIDAYS


def after(start: datetime, working_days: int) -> datetime:
    """Returns the start of the working day that is *working_days* after the day of *start*."""
    return _after(start.astimezone(HANOI).date(), working_days)


@lru_cache(maxsize=4_096)
def _after(day: date, working_days: int) -> datetime:
    while working_days:
        day += ONE_DAY
        working_days -= works(day)
    return datetime.combine(day, time.min, HANOI)
