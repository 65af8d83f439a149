"""Questions: CSDLQG về đăng ký doanh nghiệp. Generated from the declared operations: make generate."""

from __future__ import annotations

from datetime import date
from typing import Final

from lgsp_client.models.business_registry import (
    Enterprise,
    Registration,
    RegistrationSummary,
)
from lgsp_client.question import Operation, PageQuestion, Question, many, one

ENTERPRISE: Final = Operation(
    "business_registry.enterprise", "GET", "/v1/business-registry/enterprises/{enterprise_code}"
)
REGISTRATION: Final = Operation("business_registry.registration", "POST", "/v1/business-registry/registrations/lookup")
REGISTRATIONS: Final = Operation("business_registry.registrations", "GET", "/v1/business-registry/registrations")


def enterprise(enterprise_code: str) -> Question[Enterprise]:
    """An enterprise or dependent unit by its code (tra cứu thông tin doanh nghiệp)."""
    return Question(ENTERPRISE, {"enterprise_code": enterprise_code}, one(Enterprise))


def registration(*, registration_number: str) -> Question[Registration]:
    """State of a registration dossier and who submitted it (tình trạng hồ sơ đăng ký doanh nghiệp)."""
    return Question(REGISTRATION, {"registration_number": registration_number}, one(Registration))


def registrations(
    *, first_day: date, last_day: date, page_token: str | None = None
) -> PageQuestion[RegistrationSummary]:
    """Dossiers received in a period (hồ sơ tiếp nhận trong kỳ)."""
    return PageQuestion(
        REGISTRATIONS, {"from": first_day, "to": last_day, "page_token": page_token}, many(RegistrationSummary)
    )
