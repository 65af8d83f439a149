"""The end of a gateway, step by step: readiness first, then the ports, then what is under way."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from gateway.core.clock import Clock

log = structlog.get_logger("gateway.drain")


@dataclass(slots=True)
class Leaving:
    """Whether the gateway has begun to end."""

    begun: bool = False

    def begin(self) -> None:
        """It begins to end."""
        self.begun = True

    def has_begun(self) -> bool:
        """Whether it has: then each answer says ``Connection: close``."""
        return self.begun

    def ping(self) -> str | None:
        """Why it is not ready, None while it is."""
        return "leaving" if self.begun else None

    async def lame_duck(self, seconds: float, clock: Clock) -> None:
        """Begins to end; for *seconds* everything is answered as before, so that load balancers look elsewhere."""
        self.begin()
        log.info("leaving: not ready any more", lame_duck_s=seconds)
        if seconds:
            await clock.sleep(seconds)
        log.info("leaving: no new connections")
