from __future__ import annotations

import pytest

from tests.support.national import National

OPERATIONS = ("participant", "household", "contributions", "health_card")


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_there_is_enough_to_try(national: National, operation: str) -> None:
    """At least six that exist, for scripts that take so many, and two that do not; each says what is special."""
    name = f"social_insurance.{operation}"

    assert len(await national.samples(name)) >= 6
    assert len(await national.samples(name, exists=False)) >= 2
    assert all(sample["note"] for sample in await national.samples(name))


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_the_first_and_the_last_are_plain(national: National, operation: str) -> None:
    """Scripts take one of the two for any that exists."""
    samples = await national.samples(f"social_insurance.{operation}")

    assert samples[-1]["note"] == "plain"


async def test_numbers_are_of_the_test_range(national: National) -> None:
    """Nobody real is looked up by mistake."""
    numbers = [
        sample["body"].get("insurance_number") or sample["body"].get("card_number")
        for operation in OPERATIONS
        for sample in await national.samples(f"social_insurance.{operation}")
    ]

    assert {number[-10:][:2] for number in numbers if number} == {"99"}


@pytest.mark.parametrize(("path", "call"), [("apiBHXH", "/apiBHXH/getQuaTrinhDong"), ("api", "/api/token/take")])
async def test_contracts_are_served_beside_their_calls(national: National, path: str, call: str) -> None:
    """Each dialect's own OpenAPI, as JSON."""
    async with national.session.get(f"{national.url}/social-insurance/{path}/openapi.json") as answer:
        found = await answer.json()

    assert found["openapi"].startswith("3.1")
    assert call in found["paths"]


async def test_there_is_enough_to_try_in_later_years(national: National) -> None:
    """When the country has moved on so far that nobody is a child any more, the other samples are still there."""
    await national.advance("P2200D")

    notes = [sample["note"] for sample in await national.samples("social_insurance.health_card")]

    assert len(notes) >= 6
    assert "a child without a card" not in notes
