"""The health of upstreams, as the catalogue and the operator's port show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Health:
    """How an upstream has been since *since*; *why* is the reason word of its last failure, or the operator's words.

    ``isolated``: an operator has taken it out of service, until *until*.
    """

    state: Literal["unknown", "up", "failing", "isolated"]
    since: datetime
    why: str | None = None
    until: datetime | None = None


class HealthBoard(Protocol):
    """Gives the health of each upstream."""

    def of(self, connector: str, upstream: str) -> Health: ...
