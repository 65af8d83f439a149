"""A card that the source calls valid, beside the dates that it gives."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date
from typing import Any, Final

import pytest

from gateway.connectors.social_insurance.model import HealthCardQuery
from gateway.connectors.social_insurance.vss.translate import to_health_card
from gateway.connectors.social_insurance.vss.wire import WireCard
from gateway.core.canonical import PartialDate
from gateway.core.problems import OffContract

CARD: Final = "DN4879900000001"
QUERY: Final = HealthCardQuery(card_number=CARD, full_name="Lê Thị Ánh", birth_date=PartialDate.of(1987, 2, 28))
TODAY: Final = date(2026, 11, 24)
YESTERDAY, BEFORE, LATER = "23/11/2026", "22/11/2026", "31/12/2026"


@pytest.mark.parametrize(
    ("code", "ends", "told"),
    [
        ("000", {"gtTheDen": LATER}, True),
        ("000", {"gtTheDen": YESTERDAY}, True),
        ("000", {"gtTheDen": BEFORE}, False),
        ("000", {"gtTheDen": "31/12/2019"}, False),
        ("000", {"gtTheDen": None}, True),
        ("000", {"gtTheDen": "?"}, True),
        ("000", {"gtTheDen": BEFORE, "maTheMoi": CARD, "gtTheDenMoi": LATER}, True),
        ("000", {"gtTheDen": BEFORE, "maTheMoi": CARD, "gtTheDenMoi": None}, True),
        ("000", {"gtTheDen": BEFORE, "maTheMoi": CARD, "gtTheDenMoi": BEFORE}, False),
        ("004", {"gtTheDen": BEFORE, "maTheMoi": CARD, "gtTheDenMoi": BEFORE}, False),
        ("004", {"gtTheDen": LATER, "maTheMoi": CARD, "gtTheDenMoi": LATER}, True),
        ("003", {"gtTheDen": BEFORE}, True),
        ("010", {"gtTheDen": BEFORE}, True),
    ],
)
def test_a_card_that_has_ended_is_not_valid(code: str, ends: dict[str, Any], told: bool) -> None:
    """For that the source has another result: where both are said, nobody knows which holds."""
    wire = WireCard.model_validate({"maKetQua": code, "maThe": CARD, "gtTheTu": "01/01/2019", **ends})

    with nullcontext() if told else pytest.raises(OffContract):
        to_health_card(QUERY, wire, TODAY)
