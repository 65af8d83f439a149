"""How a gateway ends."""

from __future__ import annotations

from pydantic import Field

from gateway.core.settings import Frozen


class DrainSettings(Frozen):
    """How a gateway ends; seconds."""

    lame_duck_s: float = Field(
        default=0.0,
        ge=0,
        le=300,
        description="how long /readyz says 503 before the ports close, so that load balancers look elsewhere first; "
        "answers of that time say Connection: close",
    )
