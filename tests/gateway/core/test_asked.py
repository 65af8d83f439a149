"""Periods that reach the ends of the calendar."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, ValidationError

from gateway.connectors.business_registry.model import RegistrationsQuery
from gateway.connectors.ministry_portals.model import IncomingQuery


@pytest.mark.parametrize(
    ("model", "rest"),
    [(RegistrationsQuery, {}), (IncomingQuery, {"ministry": "transport"})],
    ids=["registry", "ministry"],
)
@pytest.mark.parametrize("day", ["0001-01-01", "1849-12-31", "2201-01-01", "9999-12-31"])
def test_period_at_the_end_of_the_calendar_is_refused(model: type[BaseModel], rest: dict[str, str], day: str) -> None:
    """The days of a period are counted on and back, which ends in an error of the gateway where the calendar ends."""
    with pytest.raises(ValidationError) as caught:
        model.model_validate_strings({**rest, "from": day, "to": day})

    assert {(item["loc"], item["type"]) for item in caught.value.errors()} == {
        (("from",), "year_out_of_range"),
        (("to",), "year_out_of_range"),
    }


@pytest.mark.parametrize("day", ["1850-01-01", "2024-02-29", "2200-12-31"])
def test_period_within_reach_is_taken(day: str) -> None:
    """Both ends of the reach count to it."""
    assert RegistrationsQuery.model_validate_strings({"from": day, "to": day}).first_day.isoformat() == day
