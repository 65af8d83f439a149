"""The address on which a server of the gateway listens."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from gateway.core.settings import Frozen
from gateway.settings.webhooks import is_loopback

EVERYWHERE: Final = frozenset({"0.0.0.0", "::", ""})  # noqa: S104  # compared with, never bound


class Listen(Frozen):
    """The address on which a server listens."""

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    connections: int = Field(default=1_000, ge=1, description="connections at once; more are refused")
    silent_connections: int = Field(
        default=250, ge=1, description="those of them without a request so far; at one more, the eldest is closed"
    )

    @property
    def is_loopback(self) -> bool:
        return is_loopback(self.host)

    def meets(self, other: Listen) -> bool:
        """Whether both can't listen at once."""
        hosts = {self.host, other.host}
        same = len(hosts) == 1 or bool(hosts & EVERYWHERE) or (self.is_loopback and other.is_loopback)
        return same and self.port == other.port != 0
