"""What all systems share: identifiers, partial dates, clean text, and the mark on personal fields."""

from __future__ import annotations

import re
import string
from datetime import date
from typing import Annotated

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from stdnum.vn import mst

from gateway.core.canonical import (
    PERSONAL,
    Canonical,
    CitizenId,
    Day,
    EnterpriseCode,
    Page,
    PartialDate,
    Wire,
    clean_text,
    enterprise_code,
    personal_exclusion,
    personal_fields,
    personal_positions,
)
from gateway.core.vietnamese import cleaned
from tests.support.reached import Reached

CODES = TypeAdapter(EnterpriseCode)
DAYS = TypeAdapter(Day)


@st.composite
def ten_digits(draw: st.DrawFn) -> str:
    """A valid enterprise code."""
    nine = draw(st.text(string.digits, min_size=9, max_size=9))
    assume(mst.is_valid(nine + mst.calc_check_digit(nine)))
    return nine + mst.calc_check_digit(nine)


# ---- enterprise codes


@given(ten_digits())
def test_valid_code_is_accepted_as_it_is(code: str) -> None:
    """A code with its check digit right is the same before and after."""
    assert CODES.validate_python(code) == code


@given(ten_digits(), st.integers(1, 999))
def test_unit_gets_its_hyphen(code: str, number: int) -> None:
    """A dependent unit is written with a hyphen, however it was given."""
    unit = f"{number:03}"

    assert CODES.validate_python(code + unit) == CODES.validate_python(f"{code}-{unit}") == f"{code}-{unit}"


@given(ten_digits(), st.integers(0, 9), st.integers(1, 9))
def test_any_single_wrong_digit_is_refused(code: str, place: int, by: int) -> None:
    """A mistyped digit, whichever it is, never gives another code that is accepted."""
    mistyped = f"{code[:place]}{(int(code[place]) + by) % 10}{code[place + 1 :]}"

    with pytest.raises(ValueError, match="check digit"):
        enterprise_code(mistyped)


@st.composite
def nearly_codes(draw: st.DrawFn) -> str:
    """A code or a unit's code, as it is or with a place changed, and now and then any text."""
    text = draw(ten_digits()) + draw(st.sampled_from(["", "001", "-001", "000", "-000", "-0001"]))
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, min(start + 2, len(text))))
    changed = text[:start] + draw(st.text("0123456789- ٣", max_size=2)) + text[end:]
    return draw(st.sampled_from([text, changed]) | st.text(max_size=20))


@given(st.text(string.digits, min_size=9, max_size=9))
def test_check_digit_is_the_one_that_stdnum_calculates(nine: str) -> None:
    """Of ten codes that differ in their last digit, those are accepted that python-stdnum says are valid."""
    for code in [nine + last for last in string.digits]:
        if mst.is_valid(code):
            assert enterprise_code(code) == code
        else:
            with pytest.raises(ValueError, match="digit"):
                enterprise_code(code)


accepted_codes, refused_codes = Reached(least=3), Reached(least=20)


@accepted_codes.often_enough
@refused_codes.often_enough
@given(nearly_codes())
def test_any_other_text_is_refused_or_is_a_code(text: str) -> None:
    """What has one of the two forms and a right check digit is accepted in the form with a hyphen, and nothing else."""
    well_formed = re.fullmatch(r"[0-9]{10}(-?[0-9]{3})?", text) is not None
    if not (well_formed and mst.is_valid(text)):
        refused_codes()
        with pytest.raises(ValueError, match="digit"):
            enterprise_code(text)
        return
    accepted_codes()

    accepted = enterprise_code(text)

    assert accepted.replace("-", "") == text.replace("-", "")
    assert re.fullmatch(r"[0-9]{10}(-[0-9]{3})?", accepted)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "123",
        "0300588569-",
        "-0300588569",
        "03005885-69001",
        "0300588569--01",
        " 0300588569",
        "０３００５８８５６９",
    ],
)
def test_wrong_shape_is_refused_with_the_right_one(text: str) -> None:
    """What is no code is told what one looks like."""
    with pytest.raises(ValueError, match="digit"):
        enterprise_code(text)


# ---- dates


@given(st.dates())
def test_whole_date_keeps_its_day(day: date) -> None:
    """A whole date is its ISO form."""
    assert PartialDate.of_date(day).model_dump() == {"value": day.isoformat(), "precision": "day"}


@given(st.integers(1, 9999), st.one_of(st.none(), st.integers(1, 12)))
def test_known_part_is_kept_and_no_more(year: int, month: int | None) -> None:
    """A year or a month alone stays one; nothing is invented for the rest."""
    found = PartialDate.of(year, month)

    assert found.value == (f"{year:04}" if month is None else f"{year:04}-{month:02}")
    assert found.precision == ("year" if month is None else "month")


@pytest.mark.parametrize(
    ("value", "precision"),
    [("1987", "day"), ("1987-02-28", "year"), ("1987-2", "month"), ("1987-13", "month"), ("1987-02-30", "day"),
     ("0000", "year"), ("87", "year"), ("1987-02-28T00:00", "day"), ("", "year"), ("١٩٨٧", "year")],
)  # fmt: skip
def test_date_that_is_none_is_refused(value: str, precision: str) -> None:
    """Value and precision agree, and the calendar has the date."""
    with pytest.raises(ValidationError):
        PartialDate.model_validate({"value": value, "precision": precision})


@pytest.mark.parametrize(
    "text", ["0", "86400", "1700000000", "2026-1-1", "20260101", "2026-01-01T00:00:00", " 2026-01-01", ""]
)
def test_day_is_taken_from_nothing_but_a_day(text: str) -> None:
    """Seconds since 1970 and instants are no days, though a parser could make one of them."""
    with pytest.raises(ValidationError, match="use YYYY-MM-DD"):
        DAYS.validate_python(text)


@given(st.dates())
def test_day_is_read_from_its_iso_form(day: date) -> None:
    """A day as ISO 8601 writes it, in JSON and in text."""
    assert DAYS.validate_json(f'"{day.isoformat()}"', strict=True) == day
    assert DAYS.validate_python(day) == day


# ---- text


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")))
def test_text_of_a_question_is_cleaned(text: str) -> None:
    """As an answer's text is: composed, without what is not seen."""
    assert clean_text(text) == cleaned(text)


@given(st.text(), st.characters(categories=["Cc", "Cs"], include_characters="\ufffe\uffff"), st.text())
def test_control_characters_are_refused(before: str, control: str, after: str) -> None:
    """No control character, no half of a pair and nothing that XML can't carry gets in; but line ends and tabs."""
    assume(control not in "\n\t\r")

    with pytest.raises(ValueError, match="contains a control character"):
        clean_text(before + control + after)


def test_line_ends_and_tabs_are_kept() -> None:
    """Texts of several lines are texts."""
    assert clean_text("a\r\n\tb") == "a\r\n\tb"


# ---- models


class Person(Canonical):
    """Somebody."""

    name: str
    citizen_id: Annotated[str | None, PERSONAL] = None


class Household(Canonical):
    """Somebody and others, with each way a mark can stand."""

    head: Person
    members: tuple[Person, ...] = ()
    maybe: Person | None = None
    by_type: CitizenId | None = None
    several: tuple[CitizenId, ...] = ()
    address: str = ""


def test_marked_fields_are_found_wherever_they_stand() -> None:
    """A mark on the field, in a model within, in a list, or in the field's own type: each is found."""
    assert personal_fields(Household) == (
        "/head/citizen_id",
        "/members/*/citizen_id",
        "/maybe/citizen_id",
        "/by_type",
        "/several",
    )


def test_cut_leaves_the_marked_fields_out_and_all_others_in() -> None:
    """What a caller without the right sees has everything but what is marked."""
    person = Person(name="a", citizen_id="079085000001")
    household = Household(head=person, members=(person, person), maybe=person, by_type="079085000001", address="x")
    public = household.model_dump(exclude=personal_exclusion(Household))

    assert public == {"head": {"name": "a"}, "members": ({"name": "a"},) * 2, "maybe": {"name": "a"}, "address": "x"}
    assert "079085000001" not in household.model_dump_json(exclude=personal_exclusion(Household))


def test_what_is_left_out_is_named_where_it_was() -> None:
    """A pointer for each field that is cut, given or not, and none into what is not there."""
    person = Person(name="a", citizen_id="079085000001")
    household = Household(head=person, members=(person, Person(name="b")), by_type="079085000001", address="x")

    assert personal_positions(household) == (
        "/head/citizen_id",
        "/members/0/citizen_id",
        "/members/1/citizen_id",
        "/by_type",
        "/several",
    )
    assert personal_positions(person) == ("/citizen_id",)


def test_model_without_marks_is_not_cut() -> None:
    """Nothing is left out where nothing is marked."""

    class Plain(Canonical):
        """Nothing personal."""

        name: str

    assert personal_fields(Plain) == ()
    assert personal_exclusion(Plain) == {}


def test_canonical_values_are_closed_and_frozen() -> None:
    """An unknown field is an error, and a value never changes."""
    with pytest.raises(ValidationError):
        Person.model_validate({"name": "a", "nope": 1})
    person = Person(name="a")
    with pytest.raises(ValidationError):
        person.name = "b"


def test_page_is_of_its_items() -> None:
    """A page holds items of its kind, and where the next one begins."""
    page = Page[Person](items=(Person(name="a"),), next_page_token="t", total=2)

    assert page.model_dump()["items"] == ({"name": "a", "citizen_id": None},)
    with pytest.raises(ValidationError):
        Page[Person].model_validate({"items": [{"nope": 1}]})


def test_wire_values_are_forgiving() -> None:
    """News is ignored, numbers are read as text, blanks around are cut."""

    class UpstreamRequest(Wire):
        """What some system sends."""

        CODE: str
        NAME: str | None = None

    assert UpstreamRequest.model_validate({"CODE": 5, "NAME": " a ", "NEW": 1}) == UpstreamRequest(CODE="5", NAME="a")
