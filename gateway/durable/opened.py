"""Orders that were accepted or opened here a moment ago, as they were before they were encrypted.

Whoever holds the same encrypted bytes has the same message: each was encrypted with a random number of its own, and one
that is edited is encrypted anew. So nothing here can be out of date.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gateway.core.call import Purpose
from gateway.core.canonical import Canonical

MOST: Final = 1_000
MOST_BYTES: Final = 8 * 1024 * 1024
"""Of their encrypted forms."""
KEPT_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Message:
    """The content of an order, and for which dossier, by which officer."""

    query: Canonical
    purpose: Purpose | None
    trace: str = ""
    """The traceparent of its acceptance, where it was traced."""


class OpenedOrders:
    """Up to :data:`MOST` orders of the last :data:`KEPT_S` seconds, and as many of the time before it."""

    def __init__(self) -> None:
        self._newer: dict[bytes, Message] = {}
        self._older: dict[bytes, Message] = {}
        self._bytes = 0
        self._since: float | None = None

    def __len__(self) -> int:
        return len(self._newer) + len(self._older)

    def keep(self, encrypted: bytes, message: Message) -> None:
        """Keeps *message* for a while; where there are too many, the oldest go."""
        if len(encrypted) > MOST_BYTES:
            return
        if len(self._newer) >= MOST or self._bytes + len(encrypted) > MOST_BYTES:
            self.turn()
        self._newer[encrypted] = message
        self._bytes += len(encrypted)

    def get(self, encrypted: bytes) -> Message | None:
        """The message that *encrypted* holds, if it is kept."""
        return self._newer.get(encrypted) or self._older.get(encrypted)

    def age(self, now: float) -> None:
        """Forgets what is too old at *now*, in seconds of a clock that only runs forward."""
        if self._since is None:
            self._since = now
        elif now - self._since >= KEPT_S:
            self.turn()
            self._since = now

    def turn(self) -> None:
        """Forgets all but the newer half."""
        self._older, self._newer, self._bytes = self._newer, {}, 0
