"""The operations of Social Security. A participant's data is fresh for an hour; while the source is down it may be a
day old.
"""

from __future__ import annotations

from typing import Final

from gateway.connectors.social_insurance.model import (
    ContributionPage,
    ContributionsQuery,
    HealthCard,
    HealthCardQuery,
    Household,
    HouseholdQuery,
    Participant,
    ParticipantQuery,
)
from gateway.core.operation import Operation

PARTICIPANT: Final = Operation(
    name="participant",
    query=ParticipantQuery,
    answer=Participant,
    path="participants/lookup",
    method="POST",
    summary="A participant by BHXH number, or by name, birth date, sex and place (tra cứu người tham gia BHXH, BHYT)",
    example={"insurance_number": "9908432175"},
    fresh_s=3_600,
    stale_s=86_400,
)
HOUSEHOLD: Final = Operation(
    name="household",
    query=HouseholdQuery,
    answer=Household,
    path="households/lookup",
    method="POST",
    summary="The household of a participant (tra cứu thông tin hộ gia đình)",
    example={"province_code": "42", "insurance_number": "9908432175"},
    fresh_s=3_600,
    stale_s=86_400,
)
CONTRIBUTIONS: Final = Operation(
    name="contributions",
    query=ContributionsQuery,
    answer=ContributionPage,
    path="contributions/lookup",
    method="POST",
    summary="Contribution history; an empty list for a person without contributions (quá trình đóng BHXH)",
    example={"insurance_number": "9901841634"},
    fresh_s=3_600,
    stale_s=86_400,
)
HEALTH_CARD: Final = Operation(
    name="health_card",
    query=HealthCardQuery,
    answer=HealthCard,
    path="health-cards/verify",
    method="POST",
    summary="Whether a health card is valid for a person, also on a given day (kiểm tra thẻ BHYT)",
    example={
        "card_number": "DN4499901841634",
        "full_name": "Sử Thị Thảo",
        "birth_date": {"value": "1985-09-02", "precision": "day"},
    },
    # Their contract wants every question under an officer's name, and a card can be revoked within the day:
    # a minute spares the source a form that is sent twice, and a stale yes is never given.
    fresh_s=60,
    stale_s=0,
)

OPERATIONS: Final = (PARTICIPANT, HOUSEHOLD, CONTRIBUTIONS, HEALTH_CARD)
