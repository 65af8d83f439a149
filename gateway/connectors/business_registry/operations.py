"""The operations of the business registry. Answers are fresh for a day; while the source is down they may be a week
old.
"""

from __future__ import annotations

from typing import Final

from gateway.connectors.business_registry.model import (
    Enterprise,
    EnterpriseQuery,
    Registration,
    RegistrationPage,
    RegistrationQuery,
    RegistrationsQuery,
)
from gateway.core.operation import Operation

ENTERPRISE: Final = Operation(
    name="enterprise",
    query=EnterpriseQuery,
    answer=Enterprise,
    path="enterprises/{enterprise_code}",
    summary="An enterprise or dependent unit by its code (tra cứu thông tin doanh nghiệp)",
    example={"enterprise_code": "6799432450"},
    fresh_s=86_400,
    stale_s=7 * 86_400,
)
REGISTRATION: Final = Operation(
    name="registration",
    query=RegistrationQuery,
    answer=Registration,
    path="registrations/lookup",
    method="POST",
    personal=True,
    summary="State of a registration dossier and who submitted it (tình trạng hồ sơ đăng ký doanh nghiệp)",
    example={"registration_number": "251103990000"},
    fresh_s=300,
    stale_s=86_400,
)
REGISTRATIONS: Final = Operation(
    name="registrations",
    query=RegistrationsQuery,
    answer=RegistrationPage,
    path="registrations",
    summary="Dossiers received in a period (hồ sơ tiếp nhận trong kỳ)",
    example={"from": "2025-11-03", "to": "2025-11-07"},
    fresh_s=300,
    stale_s=86_400,
    deadline_s=30,
)

OPERATIONS: Final = (ENTERPRISE, REGISTRATION, REGISTRATIONS)
