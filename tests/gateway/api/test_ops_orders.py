"""The bodies of the operator's API for orders."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from gateway.api.ops_orders import PauseBody
from gateway.api.request import invalid


@pytest.mark.parametrize(
    ("until", "code"),
    [("tomorrow", "not_an_instant"), ("2027-01-01", "not_an_instant"), ("2027-01-01T00:00:00", "not_an_instant")],
)
def test_instant_of_an_operator_says_its_form(until: str, code: str) -> None:
    """An operator who gives a day, or leaves the zone out, is told what to write."""
    with pytest.raises(ValidationError) as caught:
        PauseBody.model_validate_json(f'{{"reason": "they called", "target": "x", "until": "{until}"}}')
    [error] = invalid(caught.value).errors

    assert (error.pointer, error.mistake.code) == ("/until", code)
    assert "+07:00" in error.mistake.en


@pytest.mark.parametrize("until", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"])
def test_pause_has_an_end_that_can_be_kept(until: str) -> None:
    """One that the store could keep and nobody could read again is refused."""
    with pytest.raises(ValidationError):
        PauseBody.model_validate_json(f'{{"reason": "they called", "target": "x", "until": "{until}"}}')
