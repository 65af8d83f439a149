"""Readers for values as national systems really write them: numbers as strings, dates in four formats, objects that
become lists, mixed Unicode forms. All are pure; what cannot be read raises :class:`ValueError`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import Final, TypeVar

from gateway.core.canonical import PartialDate
from gateway.core.vietnamese import cleaned

VIETNAM: Final = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")
"""Vietnam has kept UTC+7 without daylight saving since 1975."""

_NOTHING: Final = frozenset({"null", "none"})
_NONE_YEARS: Final = {"0001", "1900"}
_DMY: Final = re.compile(r"^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[ T].*)?$")
_PLAIN_DAY: Final = re.compile(r"^(\d\d)/(\d\d)/([12](?!900)\d{3})$", re.ASCII)
"""The form that nearly all sources send, without the dates that mean "no date"."""
_MY: Final = re.compile(r"^(\d{1,2})[/.-](\d{4})$")
_YMD: Final = re.compile(r"^(\d{4})-(\d{2})-(\d{2})(?:[ T].*)?$")
_YM: Final = re.compile(r"^(\d{4})-(\d{2})$")
_COMPACT: Final = re.compile(r"^(\d{4})(\d{2})(\d{2})(?:\d{4,6})?$")
_YEAR: Final = re.compile(r"^(\d{4})$")

E = TypeVar("E")


def text(value: object) -> str | None:
    """*value* as trimmed text, cleaned as questions are; None for null, blanks and the words that mean "nothing"."""
    if value is None:
        return None
    read = value if isinstance(value, str) else str(value)
    read = cleaned(read).strip()
    return None if not read or (len(read) == 4 and read.lower() in _NOTHING) else read


def one_or_many(value: object) -> list[object]:
    """A list of what a source sends as an object when there is one, a list when there are more, or nothing at all."""
    if value is None or value in ("", {}):
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def read_partial_date(value: object) -> PartialDate | None:
    """A date in dd/MM/yyyy, yyyy-MM-dd, yyyyMMdd or yyyyMMddHHmmss, or a month or year alone.

    None for the spellings of "no date": 01/01/0001, 01/01/1900, and only zeros.
    """
    read = text(value)
    if read is None or not read.strip("0-/. :T"):
        return None
    if match := _DMY.match(read):
        day, month, year = match.groups()
        return (
            None if year in _NONE_YEARS and (day, month) in {("01", "01"), ("1", "1")} else _partial(year, month, day)
        )
    if match := _YMD.match(read) or _COMPACT.match(read):
        year, month, day = match.groups()
        if month == day == "00":
            return _partial(year)
        if day == "00":
            return _partial(year, month)
        return None if year in _NONE_YEARS and month == day == "01" else _partial(year, month, day)
    if match := _MY.match(read):
        return _partial(match[2], match[1])
    if match := _YM.match(read):
        return _partial(match[1], match[2])
    if match := _YEAR.match(read):
        return _partial(match[1])
    raise ValueError("not a date in any known format")


def _partial(year: str, month: str | None = None, day: str | None = None) -> PartialDate:
    return PartialDate.of(int(year), int(month) if month else None, int(day) if day else None)


def read_date(value: object) -> date | None:
    """A whole date in any of the formats of :func:`read_partial_date`."""
    if isinstance(value, str) and (match := _PLAIN_DAY.match(value)):
        day, month, year = match.groups()
        return date(int(year), int(month), int(day))
    found = read_partial_date(value)
    if found is None:
        return None
    if found.precision != "day":
        raise ValueError("the day is missing")
    return date.fromisoformat(found.value)


def read_instant(value: object, *, zone: timezone = VIETNAM) -> datetime | None:
    """An instant in ISO 8601 or yyyyMMddHHmmss; one without a zone is *zone*'s. UTC."""
    read = text(value)
    if read is None or read.startswith("0001-01-01"):
        return None
    found = (
        datetime.strptime(read, "%Y%m%d%H%M%S").replace(tzinfo=zone)
        if read.isdigit() and len(read) == 14
        else datetime.fromisoformat(read)
    )
    try:
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:
        raise ValueError("outside of the calendar") from None


def read_int(value: object) -> int | None:
    """A whole number, also as text."""
    read = text(value)
    return None if read is None else int(read)


def read_decimal(value: object) -> Decimal | None:
    """A number, also as text with a decimal point."""
    read = text(value)
    if read is None:
        return None
    try:
        found = Decimal(read)
    except InvalidOperation:
        raise ValueError("not a number") from None
    if not found.is_finite():
        raise ValueError("not a finite number")
    return found


def trimmed_keys(value: object) -> object:
    """*value* with blanks cut from the keys of its mappings, nested ones too (one guide shows ``" maTinh"``)."""
    if isinstance(value, dict):
        return {str(key).strip(): trimmed_keys(inner) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [trimmed_keys(inner) for inner in value]
    return value


def first(values: Sequence[E]) -> E | None:
    """The first of *values*, if any."""
    return values[0] if values else None
