from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.connectors.social_insurance.model import (
    ContributionsQuery,
    HealthCardQuery,
    HouseholdQuery,
    ParticipantQuery,
    card_number,
)
from gateway.connectors.social_insurance.operations import CONTRIBUTIONS, HEALTH_CARD, HOUSEHOLD, PARTICIPANT
from gateway.core.canonical import Canonical, personal_fields

NAME = {
    "full_name": "Nguyễn Thị Ánh Dương",
    "birth_date": {"value": "1987", "precision": "year"},
    "sex": "female",
    "province_code": "87",
}
NUMBER = {"insurance_number": "9900000001"}


def pointers(model: type[Any], fields: dict[str, Any]) -> list[str]:
    """Where *model* finds *fields* wrong."""
    with pytest.raises(ValidationError) as refused:
        model.model_validate(fields)
    return ["/".join(("", *map(str, item["loc"]))) for item in refused.value.errors(include_input=False)]


@pytest.mark.parametrize(
    "fields",
    [NUMBER, {**NUMBER, "place": "household"}, NAME, {**NAME, "district_code": "866", "ward_code": "29869"}],
)
def test_a_participant_is_asked_by_number_or_by_name(fields: dict[str, Any]) -> None:
    """One of the two forms is accepted."""
    assert ParticipantQuery.model_validate(fields).model_dump(exclude_unset=True).keys() == fields.keys()


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({}, "/insurance_number"),
        ({**NUMBER, "full_name": "Nguyễn Thị Ánh Dương"}, "/full_name"),
        ({**NUMBER, "place": "birth"}, "/place"),
        ({name: value for name, value in NAME.items() if name != "birth_date"}, "/birth_date"),
        ({name: value for name, value in NAME.items() if name != "sex"}, "/sex"),
        ({name: value for name, value in NAME.items() if name != "province_code"}, "/province_code"),
        ({"place": "household"}, "/full_name"),
        ({**NAME, "insurance_number": "123"}, "/insurance_number"),
        ({**NAME, "ward_code": "1"}, "/ward_code"),
        ({**NAME, "full_name": "   "}, "/full_name"),
    ],
)
def test_a_participant_query_that_is_neither_form_is_refused_where_it_is_wrong(
    fields: dict[str, Any], where: str
) -> None:
    """The error points at the field to add, to leave out or to mend."""
    assert pointers(ParticipantQuery, fields) == [where]


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"province_code": "87"}, "/full_name"),
        ({"province_code": "87", "full_name": "A", "sex": "male"}, "/birth_date"),
        ({"province_code": "87", **NUMBER, "card_number": "9900000002"}, "/card_number"),
        (NUMBER, "/province_code"),
    ],
)
def test_a_household_query_names_one_member(fields: dict[str, Any], where: str) -> None:
    """A member half named, named twice or not at all is refused where it is wrong."""
    assert pointers(HouseholdQuery, fields) == [where]


def test_an_error_of_a_query_repeats_nothing_of_it() -> None:
    """Neither the message nor its string has the personal data of the question."""
    with pytest.raises(ValidationError) as refused:
        ParticipantQuery.model_validate({**NUMBER, "full_name": "Nguyễn Thị Ánh Dương"})

    assert "Dương" not in str(refused.value)
    assert "9900000001" not in str(refused.value)


@pytest.mark.parametrize(
    "written", ["DN4879900000001", "dn4 87 9900000001", "DN-4-87-9900000001", "9900000001", "079190000001"]
)
def test_a_card_number_is_read_as_printed(written: Any) -> None:
    """Blanks, hyphens and small letters do not matter."""
    assert card_number(written) in {"DN4879900000001", "9900000001", "079190000001"}


@pytest.mark.parametrize(
    "written",
    [
        "DN6879900000001",
        "D14879900000001",
        "DN487990000000",
        "99000000012",
        "DN487079190000001",
        "9900000001\n",
        "٠٩٠٠٠٠٠٠٠١",
    ],
)
def test_a_card_number_of_another_shape_is_refused(written: Any) -> None:
    """Entitlement beyond 5, a digit for a letter, a digit too few or too many, other scripts' digits."""
    assert pointers(
        HealthCardQuery,
        {"card_number": written, "full_name": "A", "birth_date": {"value": "1987", "precision": "year"}},
    ) == ["/card_number"]


@given(st.from_regex(r"\A([A-Za-z]{2}[1-5][0-9]{2})?[0-9]{10}\Z"))
def test_reading_a_card_number_twice_changes_nothing(written: Any) -> None:
    """The canonical form is its own canonical form."""
    assert card_number(card_number(written)) == card_number(written)


def test_a_card_is_not_asked_by_a_month_of_birth() -> None:
    """The source knows whole dates and years; the pointer says so."""
    fields = {"card_number": "9900000001", "full_name": "A", "birth_date": {"value": "1987-02", "precision": "month"}}

    assert pointers(HealthCardQuery, fields) == ["/birth_date"]


@pytest.mark.parametrize("model", [ParticipantQuery, HouseholdQuery, ContributionsQuery, HealthCardQuery])
def test_every_question_about_a_person_is_marked_personal(model: type[Canonical]) -> None:
    """All that tells who is asked about is marked; what is not is the kind of question."""
    assert {f"/{name}" for name in model.model_fields} - set(personal_fields(model)) <= {"/place", "/on"}


@pytest.mark.parametrize("operation", [PARTICIPANT, HOUSEHOLD, CONTRIBUTIONS, HEALTH_CARD])
def test_every_operation_demands_a_purpose(operation: Any) -> None:
    """Nobody is looked up without dossier and officer."""
    assert operation.needs_purpose()


def test_a_stale_card_is_never_given() -> None:
    """A card can be revoked within the day: a failing source is told as such."""
    assert (HEALTH_CARD.stale_s, HEALTH_CARD.swr_s) == (0, 0)
