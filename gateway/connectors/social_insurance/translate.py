"""Shared by both dialects, without I/O: birth dates, and whether two can be of one person."""

from __future__ import annotations

from datetime import date

from gateway.core.canonical import PartialDate
from gateway.core.unread import UNREAD, Unread


def born(day: PartialDate | Unread | None, today: date) -> PartialDate | Unread | None:
    """A birth date, unread where it is later than *today*."""
    return UNREAD if day and day.value > today.isoformat() else day


def agree(one: PartialDate | Unread | None, other: PartialDate | None) -> bool:
    """Whether two birth dates can be the same, as far as both are known; where one is missing nothing shows it."""
    if not one or other is None:
        return False
    known = min(len(one.value), len(other.value))
    return one.value[:known] == other.value[:known]
