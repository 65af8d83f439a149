from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from gateway.connectors.social_insurance.model import HealthCardQuery
from gateway.connectors.social_insurance.vss.calls import health_card
from gateway.core.canonical import PartialDate
from gateway.core.problems import OffContract, Refused

if TYPE_CHECKING:
    from tests.gateway.connectors.social_insurance.conftest import Saying

QUERY = HealthCardQuery(card_number="GD4159990066602", full_name="Lê Đức Sự", birth_date=PartialDate.of(1980, 1, 26))


async def test_a_card_is_verified_in_one_call(vss: Saying, sample: Callable[[str], Any]) -> None:
    """The answer is about the card asked for."""
    up = vss(sample("KQNhanLichSuKCB2024.003"))

    found = await health_card(QUERY, up)

    assert found is not None
    assert (found.card_number, found.reason) == ("GD4159990066602", "reissued")
    assert [exchange.json["hoTenCb"] for exchange in up.rest] == ["Trần Thị Minh Kiểm"]


async def test_without_an_officer_nothing_is_asked(vss: Saying, sample: Callable[[str], Any]) -> None:
    """Their contract wants a name with each question; the message tells the operator what to add."""
    up = vss(sample("KQNhanLichSuKCB2024.003"), officer=None)

    with pytest.raises(Refused, match="officer") as refused:
        await health_card(QUERY, up)

    assert (refused.value.reason, refused.value.may_have_arrived, up.sent) == ("officer", False, [])


async def test_no_such_card_is_none(vss: Saying, sample: Callable[[str], Any]) -> None:
    """050 is a fact."""
    assert await health_card(QUERY, vss(sample("KQNhanLichSuKCB2024.050"))) is None


async def test_another_card_is_refused(vss: Saying, sample: Callable[[str], Any]) -> None:
    """A well-formed answer about somebody else's card."""
    with pytest.raises(OffContract) as refused:
        await health_card(QUERY, vss(sample("KQNhanLichSuKCB2024.000")))

    assert refused.value.reason == "inconsistent_response"


async def test_what_a_refusal_says_has_nothing_of_the_person(vss: Saying, sample: Callable[[str], Any]) -> None:
    """No error repeats card, name or birth date."""
    for code in ("051", "054", "055", "100", "205"):
        with pytest.raises(Exception, match=r"\.$") as refused:
            await health_card(QUERY, vss(sample(f"KQNhanLichSuKCB2024.{code}")))

        assert not {"9990066602", "Sự", "1980"} & set(str(refused.value).replace(",", " ").split())
