"""Readers of values as national systems really write them."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.canonical import PartialDate
from gateway.core.lenient import (
    VIETNAM,
    first,
    one_or_many,
    read_date,
    read_decimal,
    read_instant,
    read_int,
    read_partial_date,
    text,
    trimmed_keys,
)

DAY_FORMATS: list[Callable[[date], str]] = [
    lambda day: day.strftime("%d/%m/") + f"{day.year:04}",
    lambda day: day.strftime("%d-%m-") + f"{day.year:04}",
    lambda day: f"{day.day}/{day.month}/{day.year:04}",
    lambda day: day.isoformat(),
    lambda day: day.isoformat() + "T00:00:00",
    lambda day: day.isoformat() + " 10:11:12.5",
    lambda day: f"{day.year:04}" + day.strftime("%m%d"),
    lambda day: f"{day.year:04}" + day.strftime("%m%d") + "101112",
    lambda day: f"  {day.isoformat()}\t",
]
REAL_DAYS = st.dates(date(1901, 1, 1), date(9999, 12, 31))


@given(REAL_DAYS, st.sampled_from(DAY_FORMATS))
def test_day_is_read_in_every_format(day: date, write: Callable[[date], str]) -> None:
    """A day written in any of their formats is that day again."""
    assert read_date(write(day)) == day
    assert read_partial_date(write(day)) == PartialDate.of_date(day)


@given(st.integers(1, 9999), st.integers(1, 12))
def test_months_and_years_alone_are_read_as_such(year: int, month: int) -> None:
    """A month or a year keeps its precision, in each of their spellings."""
    by_month = PartialDate.of(year, month)

    assert read_partial_date(f"{month:02}/{year:04}") == by_month
    assert read_partial_date(f"{year:04}-{month:02}") == by_month
    assert read_partial_date(f"{year:04}{month:02}00") == by_month
    assert read_partial_date(f"{year:04}-{month:02}-00") == by_month
    assert read_partial_date(f"{year:04}") == read_partial_date(f"{year:04}0000") == PartialDate.of(year)


@pytest.mark.parametrize(
    "nothing",
    [None, "", "  ", "null", "None", "01/01/0001", "1/1/0001", "0001-01-01", "0001-01-01T00:00:00", "01/01/1900",
     "00/00/0000", "0000-00-00", "00000000", "0"],
)  # fmt: skip
def test_what_stands_for_no_date_is_none(nothing: str | None) -> None:
    """Their ways to write "no date" are no date, and no error."""
    assert read_partial_date(nothing) is None
    assert read_date(nothing) is None


@pytest.mark.parametrize(
    "odd",
    ["odd", "31/02/2020", "2020-13-01", "99/99/9999", "2020/01/01x", "1", "12345", "1987-02-", "32/01/2020", "1e5"],
)
def test_what_is_no_date_is_an_error(odd: str) -> None:
    """What can't be read is told, never guessed."""
    with pytest.raises(ValueError, match=r"."):
        read_partial_date(odd)


@pytest.mark.parametrize("partial", ["1987", "02/1987"])
def test_part_of_a_date_is_no_day(partial: str) -> None:
    """Where a whole day is needed, a part of one is an error."""
    with pytest.raises(ValueError, match="the day is missing"):
        read_date(partial)


@given(st.text(max_size=30))
def test_no_text_breaks_a_reader(odd: str) -> None:
    """Whatever text comes, a reader gives a value or says ValueError, and nothing else."""
    for read in (read_partial_date, read_date, read_instant, read_int, read_decimal):
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


# ---- numbers


@given(st.integers())
def test_whole_number_is_read_from_itself_and_its_text(number: int) -> None:
    """A number, and a number as text with blanks, are that number."""
    assert read_int(number) == read_int(f" {number} ") == number


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_decimal_keeps_every_digit(number: Decimal) -> None:
    """Amounts are exact."""
    assert read_decimal(str(number)) == number
    assert read_decimal(number) == number


@pytest.mark.parametrize("odd", ["NaN", "Infinity", "-inf", "1,5", "1.000,00", "x"])
def test_what_is_no_number_is_an_error(odd: str) -> None:
    """Neither NaN nor a decimal comma passes for an amount."""
    with pytest.raises(ValueError, match="not a"):
        read_decimal(odd)


@pytest.mark.parametrize("nothing", [None, "", " ", "null"])
def test_no_number_is_none(nothing: str | None) -> None:
    """Nothing is none."""
    assert read_int(nothing) is None
    assert read_decimal(nothing) is None


# ---- text and shapes


@given(st.text())
def test_text_is_trimmed_and_composed(value: str) -> None:
    """Text is NFC without blanks around, or nothing."""
    found = text(value)

    assert found is None or found == unicodedata.normalize("NFC", found).strip() != ""


@pytest.mark.parametrize(
    ("value", "read"), [(5, "5"), (" a ", "a"), ("null", None), ("NONE", None), ("nullable", "nullable")]
)
def test_text_reads_numbers_and_words_for_nothing(value: object, read: str | None) -> None:
    """A number is its digits; the words for nothing are nothing, and only where they stand alone."""
    assert text(value) == read


@pytest.mark.parametrize(
    ("value", "many"),
    [
        (None, []),
        ("", []),
        ({}, []),
        ({"a": 1}, [{"a": 1}]),
        ([{"a": 1}, {"b": 2}], [{"a": 1}, {"b": 2}]),
        ([], []),
        ((1,), [1]),
    ],
)
def test_object_and_list_are_read_alike(value: object, many: list[object]) -> None:
    """What they send as an object when there is one, and as a list when there are more, is a list."""
    assert one_or_many(value) == many


def test_blanks_are_cut_from_keys_at_every_depth() -> None:
    """Keys with blanks around, as one guide prints them, are found by their names."""
    assert trimmed_keys({" a": [{"b ": {"\tc": " v "}}], "d": "x"}) == {"a": [{"b": {"c": " v "}}], "d": "x"}


def test_first_of_none_is_none() -> None:
    """The first of nothing is nothing."""
    assert first([]) is None
    assert first([1, 2]) == 1
