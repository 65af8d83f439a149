"""The bases of all models, and values that need more than fields."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Self

from pydantic import BaseModel, ConfigDict


class Answered(BaseModel):
    """A value in an answer. Fields that a newer gateway adds are passed over; the API grows by addition alone."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class Asked(BaseModel):
    """A value in a question: a field that it does not have is refused, for it is a typing mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class DateParts(Answered):
    """How a date is written that may be known only as a year or a month."""

    value: str
    precision: str

    @classmethod
    def of(cls, year: int, month: int | None = None, day: int | None = None) -> Self:
        """The date of what is known: ``PartialDate.of(1987)``, ``PartialDate.of(1987, 2, 28)``."""
        if month is None:
            return cls(value=f"{year:04}", precision="year")
        if day is None:
            return cls(value=f"{year:04}-{month:02}", precision="month")
        return cls(value=f"{year:04}-{month:02}-{day:02}", precision="day")

    @classmethod
    def of_date(cls, day: date) -> Self:
        """A whole date."""
        return cls.of(day.year, day.month, day.day)


def as_json(value: object) -> object:
    """*value* of a question's field as JSON has it; within it, what was not said (None) is left out."""
    match value:
        case BaseModel():
            return value.model_dump(mode="json", by_alias=True, exclude_none=True)
        case datetime() if value.tzinfo is None:
            raise TypeError("give a date where a day is asked for, and an instant with its zone")
        case date():
            return value.isoformat()
        case Decimal():
            return str(value)
        case list() | tuple():
            return [as_json(item) for item in value]
        case _:
            return value


def as_text(value: object) -> str:
    """*value* of a question's field as it stands in a path or a query string."""
    found = as_json(value)
    if isinstance(found, bool):
        return "true" if found else "false"
    return str(found)
