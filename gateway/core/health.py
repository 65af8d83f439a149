"""The health of upstreams, as the catalogue and the operator's port show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, Protocol, TypeAlias, get_args

from gateway.core.interventions import Isolation

State: TypeAlias = Literal["unknown", "up", "failing", "isolated"]
STATES: Final[tuple[State, ...]] = get_args(State)


@dataclass(frozen=True, slots=True)
class Health:
    """How an upstream has been since *since*; *why* is the reason word of its last failure, or the operator's words.

    ``isolated``: an operator has taken it out of service, until *until*.
    """

    state: State
    since: datetime
    why: str | None = None
    until: datetime | None = None


class HealthBoard(Protocol):
    """Gives the health of each upstream."""

    def of(self, connector: str, upstream: str) -> Health: ...

    def announced(self, connector: str, upstream: str) -> Sequence[Isolation]:
        """The maintenances that have not begun, the nearest first."""
        ...
