"""The numbers by which whoever was asked about is found again."""

from __future__ import annotations

from gateway.connectors.business_registry.model import EnterpriseQuery
from gateway.connectors.criminal_records.model import ApplicationOrder
from gateway.connectors.criminal_records.operations import EXAMPLE
from gateway.connectors.legal_documents.model import DocumentQuery
from gateway.connectors.social_insurance.model import HouseholdQuery, ParticipantQuery
from gateway.core.identifiers import identifiers_of


def test_number_of_a_question_names_the_person() -> None:
    """A field that is not given names nobody."""
    assert identifiers_of(ParticipantQuery(insurance_number="9908432175")) == ["9908432175"]


def test_card_names_the_number_that_it_holds_too() -> None:
    """Who was looked up by the card is found by the BHXH number on it."""
    asked = HouseholdQuery(province_code="42", card_number="DN4499901841634")

    assert identifiers_of(asked) == ["DN4499901841634", "9901841634"]


def test_order_names_the_papers_within_it() -> None:
    """The number of the applicant's papers lies two models deep; names and dates identify nobody by themselves."""
    order = ApplicationOrder.model_validate(EXAMPLE)

    assert identifiers_of(order) == ["000.00.04.H58-260106-7001", "049185978634"]


def test_enterprise_is_named_by_its_code() -> None:
    """Its answer shows people."""
    assert identifiers_of(EnterpriseQuery(enterprise_code="6799432450")) == ["6799432450"]


def test_question_about_nobody_names_nobody() -> None:
    """A law is not a person."""
    assert identifiers_of(DocumentQuery(document_id="104736")) == []
