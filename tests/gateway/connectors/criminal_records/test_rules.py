"""The rules between the fields of an application, each with its pointer, all at once."""

from __future__ import annotations

import base64
from datetime import date
from typing import Any

import pytest

from gateway.connectors.criminal_records.rules import is_dossier_code, last_day, mistakes
from gateway.core.canonical import PartialDate
from tests.gateway.connectors.criminal_records.support import MANDATEE, PDF_BASE64, order_with

TODAY = date(2026, 11, 24)
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n rest").decode()
SCAN = {"kind": "CCCD", "file_name": "a.pdf", "media_type": "application/pdf", "content": PDF_BASE64}


def wrong(**changes: Any) -> list[tuple[str, str]]:
    """Pointer and code of each mistake."""
    return [(found.pointer, found.mistake.code) for found in mistakes(order_with(**changes), TODAY)]


def day(value: str) -> dict[str, str]:
    """A partial date as JSON."""
    return {"value": value, "precision": {4: "year", 7: "month", 10: "day"}[len(value)]}


def stay(start: str, end: str) -> dict[str, Any]:
    """A residence."""
    return {"start": day(start), "end": day(end), "place": "Mỹ Tho"}


def born_in(code: str) -> dict[str, Any]:
    """A place of a province."""
    return {"province": {"code": code, "name": "Tỉnh"}}


def mandate(**changes: Any) -> dict[str, Any]:
    """A mandatee changed."""
    return {**MANDATEE, **changes}


def test_whole_order_breaks_no_rule() -> None:
    """What an honest portal sends is taken, with a mandatee and a scan too."""
    assert wrong() == []
    assert wrong(mandatee=MANDATEE, attachments=[SCAN]) == []


PAPER = "/applicant/identity_document"


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"received_on": "2026-11-25", "due_on": None}, ("/received_on", "in_the_future")),
        ({"due_on": "2026-11-23"}, ("/due_on", "due_before_received")),
        ({"dossier_code": "ho-so"}, ("/dossier_code", "dossier_code_form")),
        ({"due_on": "9999-12-31"}, ("/due_on", "year_out_of_range")),
        ({"received_on": "1987-01-31"}, ("/received_on", "received_before_birth")),
        ({"applicant__full_name": " \u3000"}, ("/applicant/full_name", "blank")),
        ({"applicant__full_name": "1234"}, ("/applicant/full_name", "no_letter")),
        ({"applicant__full_name": "Nguyễn\nVăn An"}, ("/applicant/full_name", "several_lines")),
        ({"applicant__other_name": "An\tBình"}, ("/applicant/other_name", "several_lines")),
        ({"mother": {"full_name": "-"}}, ("/mother/full_name", "no_letter")),
        ({"mandatee": mandate(relation=" ")}, ("/mandatee/relation", "blank")),
        ({"purpose": {"name": "Khác", "code": "\n"}}, ("/purpose/code", "blank")),
        ({"attachments": [SCAN, {**SCAN, "file_name": " .."}]}, ("/attachments/1/file_name", "file_name")),
        ({"residences": [{**stay("2001", "2005"), "place": "\t"}]}, ("/residences/0/place", "blank")),
        ({"applicant__birth_place": born_in("99")}, ("/applicant/birth_place/province/code", "unit_code")),
        ({"applicant__birth_place": born_in("082")}, ("/applicant/birth_place/province/code", "unit_code")),
        ({"mandatee": mandate(residence=born_in("7"))}, ("/mandatee/residence/province/code", "unit_code")),
        (
            {"applicant__permanent_residence__ward": {"code": "2824", "name": "Mỹ Tho"}},
            ("/applicant/permanent_residence/ward/code", "unit_code"),
        ),
        (
            {"applicant__temporary_residence": {**born_in("79"), "district": {"code": "A1", "name": "Quận 1"}}},
            ("/applicant/temporary_residence/district/code", "unit_code"),
        ),
        ({"residences": [stay("2001", "9999")]}, ("/residences/0/end", "in_the_future")),
        ({"applicant__birth_date": day("9999-12")}, ("/applicant/birth_date", "in_the_future")),
        ({"applicant__identity_document__issued_on": "2026-11-25"}, (f"{PAPER}/issued_on", "in_the_future")),
        ({"applicant__identity_document__issued_on": "1987-01-31"}, (f"{PAPER}/issued_on", "issued_before_birth")),
        ({"applicant__identity_document__number": "123"}, (f"{PAPER}/number", "document_number")),
        ({"applicant__identity_document__number": "082188900001"}, (f"{PAPER}/number", "card_birth_year")),
        ({"applicant__identity_document__number": "082087900001"}, (f"{PAPER}/number", "card_sex")),
        ({"applicant__identity_document__number": "003187900001"}, (f"{PAPER}/number", "card_place")),
        ({"father": {"full_name": "A", "birth_date": day("2026-12")}}, ("/father/birth_date", "in_the_future")),
        ({"father": {"full_name": "A", "birth_date": day("1988")}}, ("/father/birth_date", "parent_not_older")),
        ({"mother": {"full_name": "A", "birth_date": day("1899")}}, ("/mother/birth_date", "birth_too_early")),
        ({"spouse": {"full_name": "A", "birth_date": day("2027")}}, ("/spouse/birth_date", "in_the_future")),
        ({"mandatee": MANDATEE, "certificate_form": 2}, ("/mandatee", "form_2_by_mandate")),
        ({"mandatee": mandate(birth_date=day("2026-11-25"))}, ("/mandatee/birth_date", "in_the_future")),
        ({"mandatee": mandate(signed_on="2026-11-25")}, ("/mandatee/signed_on", "in_the_future")),
        (
            {"mandatee": mandate(signed_on="2026-11-24"), "received_on": "2026-11-23"},
            ("/mandatee/signed_on", "signed_after_received"),
        ),
        ({"residences": [stay("1986", "2000")]}, ("/residences/0/start", "residence_before_birth")),
        ({"residences": [stay("2002-05", "2001")]}, ("/residences/0/end", "end_before_start")),
        ({"residences": [stay("2001", "2026-12")]}, ("/residences/0/end", "in_the_future")),
        ({"attachments": [SCAN, {**SCAN, "content": PNG}]}, ("/attachments/1/content", "media_type")),
        ({"attachments": [{**SCAN, "media_type": "image/jpeg"}]}, ("/attachments/0/content", "media_type")),
        ({"attachments": [{**SCAN, "media_type": "image/png"}]}, ("/attachments/0/content", "media_type")),
    ],
)
def test_each_rule_has_its_pointer(changes: dict[str, Any], found: tuple[str, str]) -> None:
    """What can't be so is refused where it is, under its own code."""
    assert found in wrong(**changes)


def test_birth_tomorrow_is_told_once_at_the_birth() -> None:
    """A birth after today makes all that came before it wrong as well, and is named itself."""
    assert ("/applicant/birth_date", "in_the_future") in wrong(applicant__birth_date=day("2026-11-25"))


def test_birth_before_1900_is_refused() -> None:
    """Nobody of that age applies: it is a mistyped year."""
    assert ("/applicant/birth_date", "birth_too_early") in wrong(applicant__birth_date=day("1899-12-31"))


def test_all_mistakes_come_at_once_in_the_order_of_the_form() -> None:
    """A portal shows them together."""
    found = wrong(
        received_on="2026-11-25",
        due_on="2026-11-23",
        applicant__identity_document__issued_on="2027-01-01",
        residences=[stay("2001", "2000")],
    )

    assert [pointer for pointer, _ in found] == ["/received_on", "/due_on", f"{PAPER}/issued_on", "/residences/0/end"]


def test_an_own_card_is_not_a_mandatees() -> None:
    """Nobody applies in the name of themselves."""
    own = {"kind": "citizen_card", "number": "082187900001"}
    who = mandate(identity_document=own, sex="female", birth_date=day("1987-02-01"))

    assert wrong(mandatee=who) == [("/mandatee/identity_document/number", "mandatee_is_applicant")]


@pytest.mark.parametrize(
    "changes",
    [
        {"received_on": "2026-11-24", "due_on": "2026-11-24"},
        {"residences": [stay("2002-05-01", "2002")]},
        {"residences": [stay("2001-02", "2005"), stay("2003", "2026-11")]},
        {"residences": [stay("2010", "2026-11"), stay("2001-02", "2005")]},
        {"residences": [stay("1987", "2026")]},
        {"applicant__identity_document": {"kind": "passport", "number": "C1234567"}},
        {"applicant__identity_document__number": "110187900001"},
        {"applicant__identity_document__issued_on": "1987-02-01"},
        {"father": {"full_name": "A", "birth_date": day("1987")}},
        {"mandatee": mandate(signed_on="2026-11-24")},
        {"applicant__birth_place": born_in("28")},
        {"received_on": "1987-02-01"},
        {"residences": [{**stay("2001", "2005"), "place": "Số 7\nMỹ Tho"}]},
        {"attachments": [{**SCAN, "file_name": "..pdf"}]},
    ],
)
def test_what_can_be_so_is_taken(changes: dict[str, Any]) -> None:
    """Dates of today, vague dates that may fit, overlaps and gaps, births abroad: the source judges them."""
    assert wrong(**changes) == []


@pytest.mark.parametrize(
    ("code", "known"),
    [
        ("000.00.04.H58-260106-7001", True),
        ("H58.04-260106-7001", True),
        ("G22-260106-00001", True),
        ("H58-26-260106-00012", True),
        ("2600012345", True),
        ("0123-2026-HSHC", True),
        ("000.00.04.H58-261306-7001", False),
        ("000.00.04.H58-260230-7001", False),
        ("ho-so", False),
        ("X1", False),
    ],
)
def test_dossier_code_has_a_form_that_somebody_writes(code: str, known: bool) -> None:
    """The national form with a day of the calendar, or a number with four digits in a row; nothing else."""
    assert is_dossier_code(code) is known


@pytest.mark.parametrize(
    ("value", "last"),
    [
        ("1987", (1987, 12, 31)),
        ("1988-02", (1988, 2, 29)),
        ("1987-12", (1987, 12, 31)),
        ("1987-02-03", (1987, 2, 3)),
        ("9999", (9999, 12, 31)),
    ],
)
def test_vague_date_ends_with_its_month_or_year(value: str, last: tuple[int, int, int]) -> None:
    """A rule is broken only where every day that a date can mean breaks it."""
    parts = map(int, value.split("-"))

    assert last_day(PartialDate.of(*parts)) == date(*last)
