"""What an application must look like before a national system is asked."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from gateway.connectors.criminal_records.model import Application, ApplicationOrder, ApplicationQuery
from gateway.core.canonical import personal_fields
from tests.gateway.connectors.criminal_records.support import MANDATEE, PDF_BASE64, body_with, order_with

SCAN = {"kind": "CCCD", "file_name": "a.pdf", "media_type": "application/pdf", "content": PDF_BASE64}


def wrong_at(body: dict[str, Any]) -> set[str]:
    """Pointers of what is refused."""
    with pytest.raises(ValidationError) as caught:
        ApplicationOrder.model_validate(body)
    return {"/" + "/".join(map(str, item["loc"])) for item in caught.value.errors()}


def test_whole_order_is_taken() -> None:
    """A whole declaration with a mandatee and a scan is an order."""
    order = order_with(mandatee=MANDATEE, attachments=[SCAN])

    assert order.mandatee is not None
    assert order.attachments[0].content == PDF_BASE64


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"dossier_code": "a/b"}, "/dossier_code"),
        ({"dossier_code": ".."}, "/dossier_code"),
        ({"certificate_form": 3}, "/certificate_form"),
        ({"certificate_form": True}, "/certificate_form"),
        ({"certificate_form": 1.0}, "/certificate_form"),
        ({"copies": 0}, "/copies"),
        ({"applicant__phone": "+84 900"}, "/applicant/phone"),
        ({"applicant__email": "nobody"}, "/applicant/email"),
        ({"applicant__sex": "other"}, "/applicant/sex"),
        ({"applicant__birth_date": {"value": "1987", "precision": "day"}}, "/applicant/birth_date"),
        ({"applicant__birth_place": {}}, "/applicant/birth_place"),
        ({"applicant__permanent_residence": {}}, "/applicant/permanent_residence"),
        ({"applicant__nationality__code": "vn"}, "/applicant/nationality/code"),
        ({"applicant__nationality__code": "662"}, "/applicant/nationality/code"),
        (
            {"applicant__birth_place": {"country": {"code": "KOR", "name": "Hàn Quốc"}}},
            "/applicant/birth_place/country/code",
        ),
        ({"purpose": {"name": ""}}, "/purpose/name"),
        ({"nope": 1}, "/nope"),
        ({"attachments": [{**SCAN, "content": "JVBERi0"}]}, "/attachments/0/content"),
    ],
)
def test_each_wrong_field_is_named(changes: dict[str, Any], pointer: str) -> None:
    """What is wrong is refused at the door, with a pointer to it."""
    assert pointer in wrong_at(body_with(**changes))


def test_birth_abroad_has_no_province() -> None:
    """A birth place is a province of Vietnam or another country, not both."""
    abroad = {"country": {"code": "KR", "name": "Hàn Quốc"}}

    assert order_with(applicant__birth_place=abroad).applicant.birth_place.province is None
    both = {**abroad, "province": {"code": "82", "name": "Tỉnh Đồng Tháp"}}
    assert wrong_at(body_with(applicant__birth_place=both)) == {"/applicant/birth_place"}


def test_everything_about_people_is_marked_personal() -> None:
    """Who applies, the family, the mandatee, the life and the scans carry the mark; so do the record's contents."""
    asked = {"/applicant", "/father", "/mother", "/spouse", "/mandatee", "/residences", "/convictions_declared"}
    answered = {"/certificate_number", "/conviction_status", "/convictions", "/position_bans", "/ban_status"}

    assert asked | {"/delivery", "/attachments"} <= set(personal_fields(ApplicationOrder))
    assert answered <= set(personal_fields(Application))


def test_question_for_an_application_is_not_personal() -> None:
    """A dossier code may stand in an address."""
    assert personal_fields(ApplicationQuery) == ()
