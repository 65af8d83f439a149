"""The one reader of days, partial dates and instants as national systems write them; all are pure.

An instant is the day that it has in Vietnam. What can't be read for sure raises :class:`ValueError`: it is never
guessed, and the parts of a day are never swapped.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Final, NamedTuple

from gateway.core.canonical import PartialDate
from gateway.core.lenient import read_text

VIETNAM: Final = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")
"""Vietnam has kept UTC+7 without daylight saving since 1975."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_OLDER_HOURS: Final = (
    (datetime(1975, 6, 12, 16, tzinfo=UTC), 7),
    (datetime(1959, 12, 31, 16, tzinfo=UTC), 8),
    (datetime(1955, 6, 30, 17, tzinfo=UTC), 7),
    (datetime(1947, 3, 31, 17, tzinfo=UTC), 8),
    (datetime(1945, 9, 1, 15, tzinfo=UTC), 7),
    (datetime(1945, 3, 14, 15, tzinfo=UTC), 9),
    (datetime(1942, 12, 31, 16, tzinfo=UTC), 8),
)
"""Hours ahead of UTC from an instant on: midnights of birth dates before 1975 need them (tz database)."""


def day_in_vietnam(now: datetime) -> date:
    """The day that it is in Vietnam at *now*."""
    return now.astimezone(VIETNAM).date()


# ---- plausible years

YEARS: Final = range(1850, 2201)
"""Years of any day."""
LIFE: Final = range(1890, 2101)
"""Years in which a person of a register is born, insured, judged [S]."""
LAWS: Final = range(1945, 2201)
"""Years of the legal documents of this state and of their ends."""

# ---- words and days for "no date"

_WORDS: Final = frozenset(
    {
        "nan", "nat", "na", "n.a.", "không", "không có", "không rõ", "không xác định", "không thời hạn", "vô thời hạn",
        "chưa có", "chưa xác định", "chưa rõ", "ko", "khong", "khong co", "khong ro", "chua co", "unknown",
    }
)  # fmt: skip
_NEVER: Final = frozenset({0, 1, 9999})
"""Years that stand for no date, whatever the day."""
_FIRST_DAYS: Final = frozenset({(1753, 1, 1), (1899, 12, 30), (1899, 12, 31), (1900, 1, 1), (1900, None, None)})
"""First days of calendars (SQL Server, OLE, Excel, Java's habits), which stand for no date [S]."""

# ---- forms

_ZONE: Final = r"(?P<zone>Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?"
_TIME: Final = (
    r"(?:(?:T| +)(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d+)?)?"
    r" *(?P<half>SA|CH|AM|PM|A\.M\.|P\.M\.)?)? *"
)
_YMD: Final = re.compile(
    rf"(?P<year>\d{{4}})(?P<sep>[-/.])(?P<month>\d\d?)(?P=sep)(?P<day>\d\d?){_TIME}{_ZONE}", re.ASCII | re.IGNORECASE
)
_DMY: Final = re.compile(
    rf"(?P<day>\d\d?)(?P<sep>[-/.])(?P<month>\d\d?)(?P=sep)(?P<year>\d{{4}}){_TIME}{_ZONE}", re.ASCII | re.IGNORECASE
)
_COMPACT: Final = re.compile(
    r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)"
    rf"(?:T?(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)?(?:\.\d+)?{_ZONE})?",
    re.ASCII | re.IGNORECASE,
)
_YM: Final = re.compile(r"(?P<year>\d{4})[-/.]?(?P<month>\d\d)|(?P<year2>\d{4})[-/.](?P<month2>\d)", re.ASCII)
_MY: Final = re.compile(r"(?P<month>\d\d?)[-/.](?P<year>\d{4})", re.ASCII)
_YEAR: Final = re.compile(r"(?P<year>\d{4})", re.ASCII)
_VIETNAMESE: Final = re.compile(
    r"(?:(?:ngày +)?(?P<day>\d\d?) +)?(?:tháng +(?P<month>\d\d?) +)?năm +(?P<year>\d{4})", re.ASCII | re.IGNORECASE
)
_DOTNET: Final = re.compile(r"/Date\((-?\d{1,15})(?:[+-]\d{4})?\)/", re.ASCII)
_SINCE_1970: Final = re.compile(r"(-?\d{9,14})(?:\.0+)?", re.ASCII)
_JAVA_ZONE: Final = re.compile(r"\[[A-Za-z_/+-]{1,40}\]$")
_LARGEST_OFFSET: Final = timedelta(hours=14)
_MOST_SECONDS: Final = 4_200_000_000
"""Whole numbers up to here are seconds since 1970, larger ones milliseconds; so is one that is a midnight in Vietnam as
milliseconds and none as seconds, as that of a birth date in the first weeks of 1970 is."""


class _Parts(NamedTuple):
    """The parts of a day; None or 0 is not known."""

    year: int
    month: int | None = None
    day: int | None = None


def read_date(value: object, years: range = YEARS) -> date | None:
    """A whole day in any of the forms of :func:`read_partial_date`; raises :class:`ValueError` on a part of one."""
    if type(value) is str and (found := _plain(value)) is not None and years.start <= found.year < years.stop:
        return found
    parts = _known(value, years)
    if parts is None:
        return None
    if parts.month is None or parts.day is None:
        raise ValueError("the day is missing")
    return date(parts.year, parts.month, parts.day)


def _plain(value: str) -> date | None:
    """The day of dd/MM/yyyy and yyyy-MM-dd, the forms that nearly all sources send; None for any other."""
    try:
        if len(value) == 10 and value[2] == "/" == value[5]:
            found = date.fromisoformat(f"{value[6:]}-{value[3:5]}-{value[:2]}")
        elif value[4:5] == "-" and (len(value) == 10 or value[10:] == "T00:00:00"):
            found = date.fromisoformat(value[:10])
        else:
            return None
    except ValueError:
        return None
    return found if 1900 < found.year < 2100 else None


def read_partial_date(value: object, years: range = YEARS) -> PartialDate | None:
    """A day, month or year, as precise as it is written.

    Read are dd/MM/yyyy and yyyy-MM-dd (also with ``-``, ``/`` or ``.``), yyyyMMdd, yyyyMM, yyyy, MM/yyyy, a time and a
    zone behind them, seconds or milliseconds since 1970, ``/Date(…)/`` and the words of a Vietnamese date. Zeros are
    parts that are not known. With AM or PM and slashes the month comes first; with *SA* or *CH* the day.

    Args:
        value: As the source gave it.
        years: The plausible ones of the field.

    Returns:
        None for the spellings of "no date": the years 0001 and 9999, the first days of calendars, zeros, words.

    Raises:
        ValueError: On anything else.
    """
    found = _known(value, years)
    return None if found is None else PartialDate.of(*found)


def _known(value: object, years: range) -> _Parts | None:
    found = _written(value)
    if found is None or found.year in _NEVER:
        return None
    year, month, day = found.year, found.month or None, found.day or None
    if month is None:
        day = None
    if (year, month, day) in _FIRST_DAYS:
        return None
    if year not in years:
        raise ValueError("the year is not plausible")
    date(year, month or 1, day or 1)
    return _Parts(year, month, day)


def _written(value: object) -> _Parts | None:
    """The parts as they are written, or those in Vietnam where an instant is."""
    read = read_text(value)
    if read is None or read.casefold() in _WORDS or not read.strip("0-/.: TZ+"):
        return None
    if whole := _SINCE_1970.fullmatch(read):
        return _of_number(int(whole[1]), is_text=isinstance(value, str))
    read = read.removesuffix(".0") if isinstance(value, float | Decimal) else _JAVA_ZONE.sub("", read)
    if match := _DOTNET.fullmatch(read):
        return _in_vietnam(timedelta(milliseconds=int(match[1])))
    if match := _DMY.fullmatch(read):
        return _of_match(match, _month_first(match))
    if match := _YMD.fullmatch(read) or _COMPACT.fullmatch(read):
        return _of_match(match, swapped=False)
    if match := _YM.fullmatch(read):
        return _Parts(int(match["year"] or match["year2"]), int(match["month"] or match["month2"]))
    if match := _MY.fullmatch(read) or _YEAR.fullmatch(read) or _VIETNAMESE.fullmatch(read):
        given = match.groupdict()
        return _Parts(int(match["year"]), int(given.get("month") or 0), int(given.get("day") or 0))
    raise ValueError("not a date in any known format")


def _month_first(match: re.Match[str]) -> bool:
    """Whether the first part is the month: AM and PM are English, whose servers write M/d/yyyy.

    Raises:
        ValueError: Both orders make a day, and nothing says which is meant.
    """
    half, first, second = (match["half"] or "").upper(), int(match["day"]), int(match["month"])
    if half in {"", "SA", "CH"} or first == second or first > 12:
        return False
    if match["sep"] != "/" and second <= 12:
        raise ValueError("the order of day and month is not known")
    return True


def _of_match(match: re.Match[str], swapped: bool) -> _Parts:
    found = _Parts(int(match["year"]), int(match["month"]), int(match["day"]))
    if swapped:
        found = _Parts(found.year, found.day, found.month)
    year, month, day = found
    if match["zone"] is None or match["hour"] is None or year in _NEVER or not month or not day:
        return found
    hour, minute, second = int(match["hour"]), int(match["minute"]), int(match["second"] or 0)
    half = (match.groupdict().get("half") or " ").upper()[0]
    if half in {"A", "S", "P", "C"}:
        hour = hour % 12 + (12 if half in {"P", "C"} else 0)
    return _in_vietnam(datetime(year, month, day, hour, minute, second, tzinfo=UTC) - _EPOCH - _offset(match["zone"]))


def _offset(zone: str) -> timedelta:
    if zone[0] not in "+-":
        return timedelta(0)
    digits = zone[1:].replace(":", "").ljust(4, "0")
    size = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    if size > _LARGEST_OFFSET:
        raise ValueError("not an offset of any zone")
    return -size if zone[0] == "-" else size


def _of_number(number: int, *, is_text: bool) -> _Parts:
    """Seconds or milliseconds since 1970, or the digits of yyyyMMddHHmm and yyyyMMddHHmmss.

    Raises:
        ValueError: It can be both.
    """
    digits = str(number)
    compact = _compact(digits)
    if compact is not None and (len(digits) == 14 or (len(digits) == 12 and is_text)):
        return compact
    if compact is not None:
        raise ValueError("either a date in digits or an instant")
    milliseconds = timedelta(milliseconds=number)
    if abs(number) > _MOST_SECONDS:
        return _in_vietnam(milliseconds)
    seconds = timedelta(seconds=number)
    return _in_vietnam(milliseconds if _is_midnight(milliseconds) and not _is_midnight(seconds) else seconds)


def _is_midnight(since_1970: timedelta) -> bool:
    """Whether a day in Vietnam begins at that instant, as the instant of a date does."""
    moment = _EPOCH + since_1970
    return (moment + timedelta(hours=_hours_ahead(moment))).time() == time()


def _compact(digits: str) -> _Parts | None:
    """The day of yyyyMMddHH, yyyyMMddHHmm or yyyyMMddHHmmss; None where it is not one of these."""
    if len(digits) not in {10, 12, 14}:
        return None
    parts = [int(digits[at : at + 2]) for at in range(4, len(digits), 2)]
    try:
        date(int(digits[:4]), max(parts[0], 1), max(parts[1], 1))
        time(*parts[2:])  # type: ignore[arg-type]  # three numbers at most
    except ValueError:
        return None
    year = int(digits[:4])
    return _Parts(year, *parts[:2]) if len(digits) == 14 or year in YEARS else None


def _hours_ahead(moment: datetime) -> int:
    return next((ahead for start, ahead in _OLDER_HOURS if moment >= start), 7)


def _in_vietnam(since_1970: timedelta) -> _Parts:
    try:
        moment = _EPOCH + since_1970
        day = moment + timedelta(hours=_hours_ahead(moment))
    except OverflowError:
        raise ValueError("outside of the calendar") from None
    return _Parts(day.year, day.month, day.day)


_SLASHED: Final = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})(?: ([0-9]{2}:[0-9]{2}(?::[0-9]{2})?))?", re.ASCII)


def read_instant(value: object, *, zone: timezone = VIETNAM) -> datetime | None:
    """An instant in ISO 8601, yyyyMMddHHmmss or dd/MM/yyyy HH:mm:ss; one without a zone is *zone*'s. UTC."""
    read = read_text(value)
    if read is None or read.startswith("0001-01-01"):
        return None
    if read.isdigit() and len(read) == 14:
        found = datetime.strptime(read, "%Y%m%d%H%M%S").replace(tzinfo=zone)
    elif (parts := _SLASHED.fullmatch(read)) is not None:
        day, month, year, hours = parts.groups()
        found = datetime.fromisoformat(f"{year}-{month}-{day}T{hours or '00:00:00'}")
    else:
        found = datetime.fromisoformat(read)
    try:
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:
        raise ValueError("outside of the calendar") from None
