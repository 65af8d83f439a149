"""Scenarios: named states of the whole country, as YAML files; `calm` has no faults."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from mocks.engine.faults import MAX_FAULTS, PlannedFault

SCENARIOS: Final = Path(__file__).parents[1] / "scenarios"
CALM: Final = "calm"
NAME: Final = re.compile(r"^[a-z0-9][a-z0-9-]{0,62}$")
_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Scenario(BaseModel):
    """A state of the country that can be repeated: a start time and a plan of faults."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    description: str = Field(min_length=1, description="One or two sentences: what happens, and to which systems.")
    description_vi: str = Field(default="", description="The description in Vietnamese, for the page.")
    starts: str | None = Field(
        default=None,
        pattern=rf"^(({'|'.join(_DAYS)}) )?([01]\d|2[0-3]):[0-5]\d$",
        description="The virtual clock moves forward to the next such time in Vietnam: `22:30`, `monday 08:30`.",
    )
    faults: tuple[PlannedFault, ...] = Field(
        default=(),
        strict=False,
        max_length=MAX_FAULTS,
        description="The plan of faults, in the form of `PUT /__mock/faults`.",
    )

    def wait(self, now: datetime) -> timedelta:
        """Returns the time from *now* until the scenario starts."""
        if self.starts is None:
            return timedelta()
        day, _, hour = self.starts.rpartition(" ")
        hours, minutes = map(int, hour.split(":"))
        start = now.replace(hour=hours, minute=minutes, second=0, microsecond=0)
        if day:
            start += timedelta(days=(_DAYS.index(day) - now.weekday()) % 7)
        if start < now:
            start += timedelta(days=7 if day else 1)
        return start - now


@dataclass(frozen=True, slots=True)
class Named:
    """A scenario with its name, and the line of each fault in its file."""

    name: str
    scenario: Scenario
    source: str
    lines: tuple[int, ...] = ()

    @property
    def description(self) -> str:
        return self.scenario.description

    def where(self, position: int) -> str:
        """Returns the place of a fault, `file, line 7`."""
        line = f", line {self.lines[position]}" if position < len(self.lines) else ""
        return self.source + line
