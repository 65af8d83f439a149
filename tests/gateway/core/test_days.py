"""The one reader of days: forms, instants, unknown parts, spellings of none, plausible years."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.canonical import PartialDate
from gateway.core.days import LAWS, LIFE, VIETNAM, YEARS, read_date, read_instant, read_partial_date
from tests.support.reached import Reached

DAY_FORMATS: list[Callable[[date], str]] = [
    lambda day: f"{day:%d/%m/%Y}",
    lambda day: f"{day:%d-%m-%Y}",
    lambda day: f"{day:%d.%m.%Y}",
    lambda day: f"{day.day}/{day.month}/{day.year}",
    lambda day: f"{day:%Y/%m/%d}",
    lambda day: f"{day:%Y.%m.%d}",
    lambda day: day.isoformat(),
    lambda day: day.isoformat() + "T00:00:00",
    lambda day: day.isoformat() + "T00:00:00.0000000",
    lambda day: day.isoformat() + " 10:11:12.5",
    lambda day: day.isoformat() + "+07:00",
    lambda day: day.isoformat() + "Z",
    lambda day: day.isoformat() + "T00:00+07:00[Asia/Ho_Chi_Minh]",
    lambda day: f"{day:%Y%m%d}",
    lambda day: f"{day:%Y%m%d}1011",
    lambda day: f"{day:%Y%m%d}101112",
    lambda day: f"{day:%d/%m/%Y} 12:00:00 SA",
    lambda day: f"{day:%d/%m/%Y} 11:59:59 CH",
    lambda day: f"{day.month}/{day.day}/{day.year} 12:00:00 AM" if day.day <= 12 else f"{day:%d/%m/%Y}",
    lambda day: f"Ngày {day.day:02} tháng {day.month:02} năm {day.year}",
    lambda day: f"  {day.isoformat()}\t",
]
REAL_DAYS = st.dates(date(1901, 1, 1), date(2200, 12, 31))
MOMENTS = st.datetimes(datetime(1943, 1, 2), datetime(2199, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001  # hypothesis adds the zone
PLACE = ZoneInfo("Asia/Ho_Chi_Minh")
MOMENT_FORMATS: list[Callable[[datetime], object]] = [
    lambda when: when.isoformat(),
    lambda when: f"{when:%Y-%m-%dT%H:%M:%SZ}",
    lambda when: f"{when:%Y-%m-%dT%H:%M:%S}.000+0000",
    lambda when: f"{when:%Y-%m-%d %H:%M:%S}+00",
    lambda when: f"{when:%d/%m/%Y %H:%M:%S} Z",
    lambda when: f"{when:%Y%m%d%H%M%S}Z",
    lambda when: f"{when.astimezone(timezone(timedelta(hours=-5))):%Y-%m-%dT%H:%M:%S-05:00}",
    lambda when: f"/Date({int(when.timestamp() * 1000)})/",
]


@given(REAL_DAYS, st.sampled_from(DAY_FORMATS))
def test_day_is_read_in_every_format(day: date, write: Callable[[date], str]) -> None:
    """A day written in any of their formats is that day again."""
    assert read_date(write(day)) == day
    assert read_partial_date(write(day)) == PartialDate.of_date(day)


@given(MOMENTS, st.sampled_from(MOMENT_FORMATS))
def test_instant_is_the_day_that_it_has_in_vietnam(when: datetime, write: Callable[[datetime], object]) -> None:
    """Also in the years in which clocks were ahead of UTC by eight or nine hours."""
    when = when.replace(microsecond=0)

    assert read_date(write(when)) == when.astimezone(PLACE).date()


told = Reached(least=30)
SECONDS = st.integers(-2_000_000_000, 4_000_000_000).filter(lambda number: abs(number) > 4_200_000)


@told.often_enough
@given(
    st.integers(-2_000_000_000, 4_000_000_000).filter(lambda n: abs(n) > 4_200_000 and n % 86_400_000 != 57_600_000),
    st.sampled_from([str, int, Decimal]),
)
def test_seconds_and_milliseconds_since_1970_are_days(seconds: int, kind: Callable[[int], object]) -> None:
    """As a number or as its text; what may also be a date in digits is refused, and never another day."""
    day = datetime.fromtimestamp(seconds, UTC).astimezone(PLACE).date()
    for number in (seconds, seconds * 1000):
        if len(str(abs(number))) < 9:
            continue
        try:
            found = read_date(kind(number))
        except ValueError:
            assert len(str(number)) in {10, 12}
            continue
        if not (len(str(number)) == 12 and kind is str):
            told()
            assert found == day


@pytest.mark.parametrize("day", [date(1970, 1, 4), date(1970, 1, 20), date(1970, 2, 18), date(1969, 12, 20)])
def test_midnight_of_early_1970_in_milliseconds_is_that_day(day: date) -> None:
    """As seconds since 1970 it would be 23:00 of another day, and no date is written so."""
    moment = int(datetime(day.year, day.month, day.day, tzinfo=PLACE).timestamp()) * 1000

    assert read_date(moment) == day
    assert read_date(moment + 1000) != day


def test_a_midnight_in_seconds_stays_one() -> None:
    """Whatever it is in milliseconds: 144,000,000 is a midnight both ways."""
    assert read_date(144_000_000) == date(1974, 7, 26)


@pytest.mark.parametrize("number", [1990010200, 199001020000])
def test_number_that_may_be_both_is_refused(number: int) -> None:
    """yyyyMMddHH and yyyyMMddHHmm are instants as well, of another year."""
    with pytest.raises(ValueError, match="either"):
        read_date(number)


@given(st.sampled_from(YEARS), st.integers(1, 12))
def test_months_and_years_alone_are_read_as_such(year: int, month: int) -> None:
    """A month or a year keeps its precision, in each of their spellings; zeros are parts that are not known."""
    if year == 1900:
        return
    by_month, by_year = PartialDate.of(year, month), PartialDate.of(year)
    months = ("{m:02}/{y}", "{m}/{y}", "00/{m:02}/{y}", "{y}-{m:02}", "{y}/{m}", "{y}{m:02}", "{y}{m:02}00",
              "{y}-{m:02}-00", "{y}/{m:02}/00", "tháng {m} năm {y}")  # fmt: skip
    years = ("{y}", "{y}0000", "{y}00", "{y}-00", "{y}-00-00", "{y}/00/00", "00/00/{y}", "00/{y}", "00-00-{y}",
             "15/00/{y}", "năm {y}")  # fmt: skip

    for written in months:
        assert read_partial_date(written.format(y=year, m=month)) == by_month
    for written in years:
        assert read_partial_date(written.format(y=year)) == by_year


@pytest.mark.parametrize(
    "nothing",
    [None, "", "  ", "null", "None", "NULL", "nil", "N/A", "n/a", "NA", "-", "--", "NaT", "nan", "n.a.",
     "không", "Không có", "không rõ", "không xác định", "không thời hạn", "Vô thời hạn", "Chưa có", "chưa xác định",
     "chưa rõ", "ko", "khong", "khong co", "khong ro", "chua co", "Unknown",
     "01/01/0001", "1/1/0001", "0001-01-01", "0001-01-01T00:00:00", "0001-01-01T00:00:00Z",
     "01/01/1900", "1900-01-01", "19000101", "1899-12-30", "30/12/1899", "1899-12-31T17:00:00Z", "1753-01-01",
     "00/00/0000", "0000-00-00", "0000-00-00 00:00:00", "00000000", "000000", "0", 0, "31/12/9999", "9999-12-31",
     "99991231", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59.9999999-05:00", "99991231235959", "1900", "00/00/1900",
     [], {}, {"@nil": "true"}],
)  # fmt: skip
def test_what_stands_for_no_date_is_none(nothing: object) -> None:
    """Their ways to write "no date" are no date, and no error."""
    assert read_partial_date(nothing) is None
    assert read_date(nothing) is None


@pytest.mark.parametrize(
    "odd",
    ["odd", "31/02/2020", "2020-13-01", "99/99/2020", "2020/01/01x", "2020-01-01 soon", "1", "12345", "1987-02-",
     "32/01/2020", "1e5", "13/13/2014", "07/13/2014", "01-07-2014 12:00:00 AM", "01/07/14", "2020-01-01T25:00:00Z",
     "2020-01-01T00:00:00+99:00", "99999999999999", True, {"year": 2020}, ["2020-01-01", "2021-01-01"], b"2020"],
)  # fmt: skip
def test_what_is_no_date_is_an_error(odd: object) -> None:
    """What can't be read is told, never guessed."""
    with pytest.raises(ValueError, match=r"."):
        read_partial_date(odd)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("7/1/2014 12:00:00 AM", date(2014, 7, 1)),
        ("7/13/2014 5:00:00 PM", date(2014, 7, 13)),
        ("13/7/2014 12:00:00 AM", date(2014, 7, 13)),
        ("01/07/2014 12:00:00 SA", date(2014, 7, 1)),
        ("6/30/2014 5:00:00 PM +00:00", date(2014, 7, 1)),
        ("6/30/2014 4:59:59 PM +00:00", date(2014, 6, 30)),
    ],
)
def test_the_order_of_day_and_month_is_known_or_refused(written: str, day: date) -> None:
    """AM and PM are English, where the month comes first; SA and CH are Vietnamese."""
    assert read_date(written) == day


@pytest.mark.parametrize(
    ("years", "written"),
    [(LIFE, "1889-12-31"), (LIFE, "2101"), (LAWS, "1944-12-31"), (LAWS, "01/01/2201"), (YEARS, "0201-07-01")],
)
def test_year_that_is_not_plausible_is_an_error(years: range, written: str) -> None:
    """A slip of a digit makes no person of two hundred years and no law before the state."""
    with pytest.raises(ValueError, match="plausible"):
        read_partial_date(written, years)


@pytest.mark.parametrize("partial", ["1987", "02/1987", "00/02/1987"])
def test_part_of_a_date_is_no_day(partial: str) -> None:
    """Where a whole day is needed, a part of one is an error."""
    with pytest.raises(ValueError, match="the day is missing"):
        read_date(partial)


@given(
    st.text(max_size=30)
    | st.from_regex(r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}([T ][0-9:.]{1,12}(Z|[+-][0-9:]{2,5})?)?", fullmatch=True)
    | st.integers()
    | st.decimals()
    | st.floats()
)
def test_no_value_breaks_a_reader(odd: object) -> None:
    """Whatever comes, a reader gives a value or says ValueError, and nothing else."""
    for read in (read_partial_date, read_date):
        try:
            read(odd)
        except ValueError:
            continue


# ---- instants


@given(st.integers(0, 200_000_000_000))
def test_instant_without_a_zone_is_vietnams(seconds: int) -> None:
    """Their instants carry no zone and mean Vietnam's; ours are UTC."""
    when = datetime.fromtimestamp(seconds, VIETNAM)

    assert read_instant(when.strftime("%Y%m%d%H%M%S")) == when
    assert read_instant(when.replace(tzinfo=None).isoformat()) == when
    assert read_instant(when.isoformat()) == when
    assert read_instant(when.isoformat()).tzinfo is UTC  # type: ignore[union-attr]


def test_instant_of_another_zone_is_read_as_said() -> None:
    """A source whose instants are of another zone says so."""
    assert read_instant("2026-01-01T00:00:00", zone=timezone(timedelta(0))) == datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("nothing", [None, "", "0001-01-01T00:00:00"])
def test_no_instant_is_none(nothing: str | None) -> None:
    """Their first day of all days is none."""
    assert read_instant(nothing) is None


@pytest.mark.parametrize("odd", ["soon", "20261340000000", "9999-12-31T23:59:59-12:00"])
def test_instant_outside_of_the_calendar_is_an_error(odd: str) -> None:
    """An instant that no calendar holds is an error like any other unreadable value."""
    with pytest.raises(ValueError, match=r"."):
        read_instant(odd)
