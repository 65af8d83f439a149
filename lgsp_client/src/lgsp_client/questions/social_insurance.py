"""Questions: CSDLQG về bảo hiểm. Generated from the declared operations: make generate."""

from __future__ import annotations

from datetime import date
from typing import Final

from lgsp_client.models.shared import PartialDate
from lgsp_client.models.social_insurance import (
    AskedSex,
    Contribution,
    HealthCard,
    Household,
    Participant,
    Place,
)
from lgsp_client.question import Operation, PageQuestion, Question, many, one

PARTICIPANT: Final = Operation("social_insurance.participant", "POST", "/v1/social-insurance/participants/lookup")
HOUSEHOLD: Final = Operation("social_insurance.household", "POST", "/v1/social-insurance/households/lookup")
CONTRIBUTIONS: Final = Operation("social_insurance.contributions", "POST", "/v1/social-insurance/contributions/lookup")
HEALTH_CARD: Final = Operation("social_insurance.health_card", "POST", "/v1/social-insurance/health-cards/verify")


def participant(
    *,
    insurance_number: str | None = None,
    full_name: str | None = None,
    birth_date: PartialDate | None = None,
    sex: AskedSex | None = None,
    province_code: str | None = None,
    district_code: str | None = None,
    ward_code: str | None = None,
    place: Place | None = None,
) -> Question[Participant]:
    """A participant by BHXH number, or by name, birth date, sex and place (tra cứu người tham gia BHXH, BHYT)."""
    return Question(
        PARTICIPANT,
        {
            "insurance_number": insurance_number,
            "full_name": full_name,
            "birth_date": birth_date,
            "sex": sex,
            "province_code": province_code,
            "district_code": district_code,
            "ward_code": ward_code,
            "place": place,
        },
        one(Participant),
    )


def household(
    *,
    province_code: str,
    full_name: str | None = None,
    birth_date: PartialDate | None = None,
    sex: AskedSex | None = None,
    insurance_number: str | None = None,
    card_number: str | None = None,
    place: Place | None = None,
) -> Question[Household]:
    """The household of a participant (tra cứu thông tin hộ gia đình)."""
    return Question(
        HOUSEHOLD,
        {
            "province_code": province_code,
            "full_name": full_name,
            "birth_date": birth_date,
            "sex": sex,
            "insurance_number": insurance_number,
            "card_number": card_number,
            "place": place,
        },
        one(Household),
    )


def contributions(*, insurance_number: str) -> PageQuestion[Contribution]:
    """Contribution history; an empty list for a person without contributions (quá trình đóng BHXH)."""
    return PageQuestion(CONTRIBUTIONS, {"insurance_number": insurance_number}, many(Contribution))


def health_card(
    *, card_number: str, full_name: str, birth_date: PartialDate, on: date | None = None
) -> Question[HealthCard]:
    """Whether a health card is valid for a person, also on a given day (kiểm tra thẻ BHYT)."""
    return Question(
        HEALTH_CARD,
        {"card_number": card_number, "full_name": full_name, "birth_date": birth_date, "on": on},
        one(HealthCard),
    )
