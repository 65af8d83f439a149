"""Personal look-ups, as the request log tells them."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.connectors.business_registry.model import EnterpriseQuery
from gateway.connectors.business_registry.operations import ENTERPRISE
from gateway.connectors.criminal_records.model import ApplicationQuery
from gateway.connectors.criminal_records.operations import APPLICATION
from gateway.connectors.legal_documents.model import DocumentQuery
from gateway.connectors.legal_documents.operations import DOCUMENT
from gateway.connectors.social_insurance.model import ContributionsQuery, HouseholdQuery, ParticipantQuery
from gateway.connectors.social_insurance.operations import CONTRIBUTIONS, HOUSEHOLD, PARTICIPANT
from gateway.core.call import Purpose
from gateway.core.canonical import Canonical
from gateway.core.events import LookUp
from gateway.core.operation import Operation
from gateway.pipeline.operation.look_up import LookUps, SubjectHash
from gateway.testing import make_call

PURPOSE = Purpose("H58-1", "canbo.a")
NUMBER = "9908432175"


def look_up(
    operation: Operation[Any, Any], query: Canonical, subjects: SubjectHash | None = None, **more: Any
) -> LookUp | None:
    """What the log tells of one call."""
    call = make_call(operation, query, **{"purpose": PURPOSE, **more})
    return LookUps(operation, subjects or SubjectHash("secret")).of(call)


def test_question_about_a_person_is_a_look_up() -> None:
    """Dossier and officer are told, the person as a hash."""
    found = look_up(PARTICIPANT, ParticipantQuery(insurance_number=NUMBER))

    assert found is not None
    assert (found.dossier, found.user) == ("H58-1", "canbo.a")
    assert len(found.subject) == 32
    assert NUMBER not in found.subject


def test_same_person_has_one_hash_in_every_operation() -> None:
    """Who was looked up is found again by the number, whatever was asked."""
    participant = look_up(PARTICIPANT, ParticipantQuery(insurance_number=NUMBER))
    contributions = look_up(CONTRIBUTIONS, ContributionsQuery(insurance_number=NUMBER))
    other = look_up(CONTRIBUTIONS, ContributionsQuery(insurance_number="9901841634"))

    assert participant == contributions
    assert participant != other


def test_hash_is_the_keys() -> None:
    """Another secret gives another hash, and without one each process has its own."""
    query = ParticipantQuery(insurance_number=NUMBER)

    assert look_up(PARTICIPANT, query, SubjectHash("a")) == look_up(PARTICIPANT, query, SubjectHash("a"))
    assert look_up(PARTICIPANT, query, SubjectHash("a")) != look_up(PARTICIPANT, query, SubjectHash("b"))
    assert look_up(PARTICIPANT, query, SubjectHash()) != look_up(PARTICIPANT, query, SubjectHash())


def test_application_is_its_dossier() -> None:
    """A question that is personal by declaration is about what its path names."""
    first = look_up(APPLICATION, ApplicationQuery(application_id="H58-2"))
    second = look_up(APPLICATION, ApplicationQuery(application_id="H58-3"))

    assert first is not None
    assert first != second


@pytest.mark.parametrize(
    ("operation", "query", "more"),
    [
        (ENTERPRISE, EnterpriseQuery(enterprise_code="6799432450"), {"view": "public"}),
        (ENTERPRISE, EnterpriseQuery(enterprise_code="6799432450"), {"purpose": None, "view": "public"}),
        (DOCUMENT, DocumentQuery(document_id="104736"), {}),
    ],
    ids=["fields are cut", "no purpose", "nothing personal"],
)
def test_where_nobody_is_shown_there_is_no_look_up(
    operation: Operation[Any, Any], query: Canonical, more: dict[str, Any]
) -> None:
    """Public data leaves no trace of an officer."""
    assert look_up(operation, query, **more) is None


def test_enterprise_with_its_people_is_a_look_up() -> None:
    """Marked fields that are answered count, though the question is about no person."""
    assert look_up(ENTERPRISE, EnterpriseQuery(enterprise_code="6799432450")) is not None


def test_numbers_are_hashed_one_by_one_where_they_are_kept() -> None:
    """A person is found by a number, whatever else was asked with it; without a record nothing is hashed for it."""
    subjects = SubjectHash("secret")
    call = make_call(HOUSEHOLD, HouseholdQuery(province_code="42", insurance_number=NUMBER), purpose=PURPOSE)

    kept = LookUps(HOUSEHOLD, subjects, recorded=True).of(call)
    logged = LookUps(HOUSEHOLD, subjects).of(call)

    assert kept is not None
    assert kept.identifiers == (subjects.of(NUMBER.encode()),)
    assert logged == LookUp(kept.dossier, kept.user, kept.subject)


def test_every_order_is_told() -> None:
    """Also one that holds nobody's data and was sent without a purpose."""

    class Order(Canonical):
        number: str

    send = Operation(
        name="send", query=Order, answer=Order, path="orders/{number}", method="POST", effect="write", summary="Sends"
    )

    found = look_up(send, Order(number="1"), purpose=None)

    assert found is not None
    assert (found.dossier, found.user) == ("", "")
