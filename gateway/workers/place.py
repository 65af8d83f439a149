"""The words that pass between the supervisor and a worker."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from gateway.core.place import WorkerPlace


class Briefing(BaseModel):
    """All that a worker has to know, as one line of JSON on its standard input, which then stays open: its end is the
    supervisor's.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    slot: int
    workers: int
    config: Path
    overrides: dict[str, Any]
    """The command line's part of the configuration."""
    folder: Path
    ready: int
    """The descriptor on which the worker says that it answers, and that it has read its configuration again."""
    secret: str = Field(repr=False)

    @property
    def place(self) -> WorkerPlace:
        """The worker's place."""
        return WorkerPlace(self.slot, self.workers, self.folder, self.secret)


class Ready(BaseModel):
    """The word of a worker that answers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str
    inbound_url: str | None


class Reread(BaseModel):
    """The word of a worker that has read its configuration again."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    refused: str
    """The id of the rule that the configuration broke; empty where it is in use."""
    found: bool = False
    """Whether it found a file changed by itself; else the supervisor had told it to read."""
