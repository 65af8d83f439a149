"""The events of one record, as they are told to the portal while they happen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

from gateway.core.call import Call


@dataclass(frozen=True, slots=True)
class Notice:
    """One event, with nothing in it that the record's state does not tell the same caller.

    *state* is the record's from this event on; *detail* a word, as that of the history.
    """

    id: int
    """Rises from event to event of the record."""
    kind: str
    at: datetime
    state: str
    detail: str | None


class Feed(Protocol):
    """The events of one record for one client."""

    async def next(self) -> Sequence[Notice]:
        """Waits for events; none at all: the gateway leaves, and the client may come back to another one."""
        ...

    def close(self) -> None:
        """Ends it."""
        ...


FeedSource: TypeAlias = Callable[[Call, int], Awaitable[Feed]]
"""Gives the feed of the record that a call asks for, from the event after the one with this id; 0: from the first.

Raises :class:`~gateway.core.problems.NotFound` for a record that is not followed or is another caller's,
:class:`~gateway.core.problems.Overloaded` or :class:`~gateway.core.problems.RateLimited` where there are too many.
"""
