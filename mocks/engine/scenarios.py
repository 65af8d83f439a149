"""Named states of the whole country, as YAML beside the code; `calm` is the one without faults."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import yaml
from pydantic import BaseModel, ConfigDict, Field

from mocks.engine.faults import PlannedFault

SCENARIOS: Final = Path(__file__).parents[1] / "scenarios"
CALM: Final = "calm"


class Scenario(BaseModel):
    """A bad day (or a good one) that can be had again."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    description: str
    faults: tuple[PlannedFault, ...] = Field(default=())


def load_scenarios(folder: Path = SCENARIOS) -> dict[str, Scenario]:
    """All scenarios by name.

    Raises:
        pydantic.ValidationError: a file that is no scenario.
    """
    return {
        path.stem: Scenario.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        for path in sorted(folder.glob("*.yaml"))
    }
