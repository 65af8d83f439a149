"""Dossiers and steps as they are sent to the gateway."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from gateway.dossiers.model import DossierBody, StepBody
from mocks.engine.country import Country

STEP = {
    "dossier_code": "000.00.04.H58-260106-0001",
    "officer": {"full_name": "Trần Thị Mai"},
    "processed_at": "2026-01-06T09:15:00+07:00",
    "content": "Tiếp nhận hồ sơ",
    "status": "received",
}


def step(**changed: object) -> StepBody:
    """The step with *changed* fields, as it comes by JSON."""
    return StepBody.model_validate_json(json.dumps({**STEP, **changed}), strict=True)


def test_samples_of_the_mock_country_are_dossiers_and_steps() -> None:
    """The names of the uniform bodies are those that the contract's page publishes."""
    samples = Country().services["public_service_portal"].samples()
    for sample in samples["public_service_portal.sync_dossier"]:
        DossierBody.model_validate_json(json.dumps({**sample["path"], **sample["body"]}), strict=True)
    for sample in samples["public_service_portal.report_progress"]:
        StepBody.model_validate_json(json.dumps({**sample["path"], **sample["body"]}), strict=True)


def test_instant_is_told_in_utc_and_whole_seconds() -> None:
    """Portals know no shorter time, so two steps that they can't tell apart are equal here too."""
    assert step(processed_at="2026-01-06T09:15:00.25+07:00").processed_at == datetime(2026, 1, 6, 2, 15, tzinfo=UTC)
    assert step(processed_at="2026-01-06T02:15:00Z") == step()


@pytest.mark.parametrize(
    "wrong", ["2026-01-06", "2026-01-06T09:15:00", "20260106091500", 1767665700, "2026-02-30T09:15:00Z", True, None]
)
def test_instant_without_its_zone_is_refused(wrong: object) -> None:
    """What could be read in two ways, or is not in the calendar, is not guessed."""
    with pytest.raises(ValidationError):
        step(processed_at=wrong)


@pytest.mark.parametrize("far", ["9999-12-31T23:59:59Z", "2201-01-01T00:00:00Z", "1849-12-31T23:59:59Z"])
def test_instant_out_of_reach_is_refused(far: str) -> None:
    """The end of the calendar is no instant in Vietnam, and nobody means it."""
    with pytest.raises(ValidationError, match="the year must be from 1850 to 2200"):
        step(processed_at=far)


@pytest.mark.parametrize("code", ["", "a/b", "có dấu", "x" * 65, "-1"])
def test_code_that_no_url_can_carry_is_refused(code: str) -> None:
    """A dossier code is part of an address."""
    with pytest.raises(ValidationError):
        step(dossier_code=code)
