"""Rules for the values of a question, beyond their types."""

from __future__ import annotations

from datetime import date
from typing import Final

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticKnownError

from gateway.core.days import YEARS
from gateway.core.mistakes import YEAR_RANGE


def _whole(value: object) -> object:
    if type(value) is not int:
        raise PydanticKnownError("int_type")
    return value


def _in_reach(day: date) -> date:
    if day.year not in YEARS:
        raise YEAR_RANGE.error()
    return day


WHOLE: Final = BeforeValidator(_whole)
"""Marks a choice of whole numbers: without it, true and 1.0 are taken for 1."""
IN_REACH: Final = AfterValidator(_in_reach)
"""Marks a day that is reckoned with: the calendar does not end near it."""
