"""Facts that gateways of one deployment know of each other, as bytes: where they are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol


class FactsAway(Exception):
    """The facts could not be read or written now."""


class FactStore(Protocol):
    """Keeps bytes by kind and name. All raise :class:`FactsAway`."""

    async def put(self, kind: str, facts: Mapping[str, bytes]) -> None:
        """Keeps *facts* by their names, in place of those of the same names."""
        ...

    async def find(self, kind: str, name: str) -> bytes | None:
        """One of them."""
        ...

    async def all(self, kind: str) -> Mapping[str, bytes]:
        """All of them by name."""
        ...

    async def drop(self, kind: str, names: Sequence[str]) -> None:
        """Forgets some."""
        ...
