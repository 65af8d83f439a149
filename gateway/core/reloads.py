"""Those above this process who are told of each reload of its configuration: systemd, or the supervisor of workers."""

from __future__ import annotations

from typing import Final, Protocol

SIGHUP: Final = "SIGHUP"
"""The trigger of a reload that a signal asked for."""
CHANGED_FILE: Final = "changed file"
REFUSED_CREDENTIALS: Final = "refused credentials"
FOUND: Final = frozenset({CHANGED_FILE, REFUSED_CREDENTIALS})
"""Triggers of a reload that a process does because it found a file changed."""


class ReloadListener(Protocol):
    """Told when a reload begins and when it has ended; reloads do not overlap."""

    def begun(self, monotonic: float) -> None:
        """One begins at *monotonic* seconds."""
        ...

    def ended(self, trigger: str, refused: str) -> None:
        """The one that *trigger* asked for has ended; *refused* is the id of the rule that the configuration broke,
        empty where it is in use.
        """
        ...


class Unheard:
    """Nobody is above this process."""

    def begun(self, monotonic: float) -> None:
        """See :class:`ReloadListener`."""

    def ended(self, trigger: str, refused: str) -> None:
        """See :class:`ReloadListener`."""
