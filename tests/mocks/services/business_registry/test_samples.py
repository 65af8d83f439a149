"""Identifiers to try."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from stdnum.vn import mst

from tests.mocks.services.business_registry.conftest import Registry


def listed(registry: Registry, operation: str) -> list[dict[str, Any]]:
    return list(registry.country.services["business_registry"].samples()[f"business_registry.{operation}"])


@pytest.mark.parametrize("operation", ["enterprise", "registration"])
async def test_lookups_have_five_that_exist_and_two_that_do_not(registry: Registry, operation: str) -> None:
    """As the fixed points ask for."""
    exist = [sample.get("exists", True) for sample in listed(registry, operation)]

    assert exist.count(True) >= 5
    assert exist.count(False) >= 2


async def test_enterprise_samples_say_the_truth(registry: Registry) -> None:
    """Those that exist are found, the others are not, each with a check digit, and every shape has a note."""
    samples = listed(registry, "enterprise")
    for sample in samples:
        code = sample["path"]["enterprise_code"]
        answer = await registry.get("apiCSDLDKDN/chiTietDoanhNghiep", msdn=code)
        found = bool(answer.get("data", answer)["MainInformation"])
        assert found == sample.get("exists", True)
        assert mst.is_valid(code)
        assert sample["note"]
    codes = [sample["path"]["enterprise_code"] for sample in samples]
    assert len(set(codes)) == len(codes)
    assert {len(code) for code in codes} == {10, 13, 14}


async def test_plain_enterprises_stand_first_and_last(registry: Registry) -> None:
    """Scripts take the first ones and the last one for any."""
    existing = [s["path"]["enterprise_code"] for s in listed(registry, "enterprise") if s.get("exists", True)]

    assert [len(existing[at]) for at in (0, 1, 2, -1)] == [10, 10, 10, 10]


@pytest.mark.parametrize("days", [0, 1, 5, 6, 40])
async def test_registration_samples_say_the_truth_on_any_day(registry: Registry, days: int) -> None:
    """Dossiers that exist today, and numbers that nobody has."""
    registry.country.clock.advance(timedelta(days=days))
    for sample in listed(registry, "registration"):
        answer = await registry.get("apiCSDLDKDN/tinhTrangHoSo", in_journal_no=sample["body"]["registration_number"])
        assert bool(answer["Data"]) == sample.get("exists", True)


async def test_periods_hold_dossiers_and_lie_in_the_past(registry: Registry) -> None:
    """ISO dates in order, ended before today, one longer than five days; a working day at the end of each."""
    periods = [sample["query"] for sample in listed(registry, "registrations")]
    today = registry.country.clock.today()
    spans = []
    for period in periods:
        first, last = date.fromisoformat(period["from"]), date.fromisoformat(period["to"])
        assert first <= last < today
        assert any(
            registry.country.world.population.registrations.count(last - timedelta(days=back))
            for back in range((last - first).days + 1)
        )
        spans.append((last - first).days)

    assert len(periods) >= 5
    assert max(spans) > 5
    assert min(spans) == 0
