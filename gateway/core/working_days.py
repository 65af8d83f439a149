"""Working days in Vietnam: weekends, Tết and the other public holidays (Labour Code, article 112) do not count."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final

import holidays

from gateway.core.days import VIETNAM

_ONE_DAY: Final = timedelta(days=1)
_HOLIDAYS: Final = holidays.country_holidays("VN")


def works(day: date) -> bool:
    """Whether offices are open on *day*."""
    return day.weekday() < 5 and day not in _HOLIDAYS


def limit(start: datetime, working_days: int) -> datetime:
    """The last second of the last of *working_days* after the day of *start*, in Vietnam."""
    day = start.astimezone(VIETNAM).date()
    while working_days > 0:
        day += _ONE_DAY
        working_days -= works(day)
    return datetime.combine(day, time(23, 59, 59), VIETNAM)
