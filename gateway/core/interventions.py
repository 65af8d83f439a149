"""Operators' orders about national systems: not to ask one for a while, now or as a maintenance that is announced;
and news that every gateway of a deployment must hear.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal, Protocol, TypeAlias

from gateway.core.actions import FIRST, Action, Recorded, hash_of
from gateway.core.clock import Clock

IsolationKind: TypeAlias = Literal["isolation", "maintenance"]
KEPT: Final = timedelta(days=7)
"""How long an isolation is listed after its end: a wall clock that jumps ahead must not end one."""
MOST_ACTIONS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Isolation:
    """An upstream that is not asked from *starts* until *ends*; a maintenance may be announced before it starts."""

    connector: str
    upstream: str
    kind: IsolationKind
    who: str
    why: str
    starts: datetime
    ends: datetime
    id: int = 0
    """Given by the book that keeps it."""

    @property
    def names(self) -> tuple[str, str]:
        """Of the upstream."""
        return self.connector, self.upstream


@dataclass(frozen=True, slots=True)
class News:
    """A deed that is done at once on each gateway, asked for at *at*.

    ``purge``: *connector* and *name* (an operation) as far as they are given, and *subject*, which may be a person.
    ``close_breaker``: that of the upstream *name*.
    """

    what: Literal["purge", "close_breaker"]
    at: datetime
    connector: str = ""
    name: str = ""
    subject: str = ""
    id: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """All that a book tells: isolations that nobody ended, and the news of the last minute."""

    isolations: Sequence[Isolation] = ()
    news: Sequence[News] = ()


class InterventionBook(Protocol):
    """Keeps what operators ordered, each together with its record.

    Deeds raise :class:`~gateway.core.problems.Overloaded` where they can't be kept now.
    """

    @property
    def most(self) -> int | None:
        """See :class:`gateway.core.actions.ActionRecord`."""
        ...

    async def isolate(self, wanted: Isolation, did: Action) -> Isolation:
        """Keeps *wanted* and gives it with its number."""
        ...

    async def release(self, numbers: Sequence[int], did: Action) -> None:
        """Ends the isolations of these numbers, whether they have begun or not."""
        ...

    async def publish(self, news: News, did: Action) -> int:
        """Tells *news* to the other gateways, and gives its number; 0 where there are no others."""
        ...

    async def look(self) -> Known:
        """All that is known now; what was known last where the book can't be read."""
        ...

    async def actions(self, most: int, before: int) -> list[Recorded]:
        """See :class:`gateway.core.actions.ActionRecord`."""
        ...


class MemoryBook:
    """The book of a gateway without a store: it is lost with the process, and no other gateway reads it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._isolations: dict[int, Isolation] = {}
        self._rows: deque[Recorded] = deque(maxlen=MOST_ACTIONS)
        self._number = 0

    @property
    def most(self) -> int | None:
        """See :class:`gateway.core.actions.ActionRecord`."""
        return self._rows.maxlen

    async def isolate(self, wanted: Isolation, did: Action) -> Isolation:
        """See :class:`InterventionBook`."""
        self._record(did)
        kept = replace(wanted, id=self._number)
        self._isolations[kept.id] = kept
        return kept

    async def release(self, numbers: Sequence[int], did: Action) -> None:
        """See :class:`InterventionBook`."""
        self._record(did)
        for number in numbers:
            self._isolations.pop(number, None)

    async def publish(self, news: News, did: Action) -> int:  # noqa: ARG002  # there are no others
        """See :class:`InterventionBook`."""
        self._record(did)
        return 0

    async def look(self) -> Known:
        """See :class:`InterventionBook`."""
        past = self._clock.now() - KEPT
        self._isolations = {number: one for number, one in self._isolations.items() if one.ends > past}
        return Known(tuple(self._isolations.values()))

    async def actions(self, most: int, before: int) -> list[Recorded]:
        """See :class:`gateway.core.actions.ActionRecord`."""
        return [row for row in reversed(self._rows) if row.id < before][:most]

    def _record(self, did: Action) -> None:
        self._number += 1
        previous = self._rows[-1].hash if self._rows else FIRST
        self._rows.append(Recorded(self._number, did, previous, hash_of(self._number, did, previous)))
