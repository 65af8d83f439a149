"""The exchanges and looks of the worker at one upstream: under way, and claimed to begin next."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from gateway.durable.following import Followed, Pace
from gateway.durable.lanes.tables import Claimed
from gateway.durable.lists import ListPace, most_in_list
from gateway.durable.orders import Line

BATCH: Final = 500
"""Exchanges that are under way or claimed at once, and rows that one transaction writes or claims."""
AHEAD_S: Final = 0.25
"""How long what is claimed ahead lasts at the pace of late: few large claims cost less than many small ones, and no
claim may wait for a good part of its lease."""
LEAST_S: Final = 0.01
"""The shortest time that tells a pace."""


@dataclass(slots=True)
class Track:
    """The lines of one upstream, and what is under way there."""

    system: str
    lines: Mapping[str, Line]
    followed: Followed | None
    upstream: str = ""
    sending: int = 0
    looking: int = 0
    waiting: deque[Waiting] = field(default_factory=deque)
    """Claimed, to begin as soon as one before it has ended: so that the system is busy while a turn is written."""
    ended: int = 0
    """Exchanges that ended since the last claim: the next one claims at least so many ahead."""
    rate: float = 0.0
    """Exchanges that end in a second, as of late."""
    counted: tuple[float, int] | None = None
    """Since when exchanges are counted for the rate, and how many."""
    pace: Pace = field(default_factory=Pace)
    paced_at: float = float("-inf")
    groups: list[tuple[list[str], ListPace]] = field(default_factory=list)
    """Operations that are claimed together, first those whose turn it is: each that goes in lists is alone."""

    def __post_init__(self) -> None:
        single = [name for name, line in self.lines.items() if most_in_list(line) == 1]
        listed = [([name], ListPace(most_in_list(line))) for name, line in self.lines.items() if name not in single]
        self.groups = [(single, ListPace(1)), *listed] if single else listed

    def room(self) -> int:
        """How many more exchanges may begin."""
        return min(BATCH, self.limit() - self.sending - self.looking)

    def claimable(self) -> int:
        """How many exchanges to claim: for the room, and ahead for those that will end before the next claim."""
        if self.limit() <= 0:
            return 0
        return min(BATCH, self.room() + max(self.ended, self.ahead) - len(self.waiting))

    @property
    def ahead(self) -> int:
        """Exchanges that will end within :data:`AHEAD_S`."""
        return int(self.rate * AHEAD_S)

    def count(self, now: float) -> None:
        """Notes at each claim, at *now* (seconds), how many exchanges ended since the one before."""
        since, ended = self.counted or (now, 0)
        ended, elapsed = ended + self.ended, now - since
        self.ended = 0
        if elapsed >= LEAST_S:
            self.rate = (self.rate + ended / elapsed) / 2
            since, ended = now, 0
        self.counted = since, ended

    def limit(self) -> int:
        """How many exchanges may be under way now."""
        return next(iter(self.lines.values())).road.room()


@dataclass(frozen=True, slots=True)
class Waiting:
    """Heads of *line* that were claimed at *began* (boot time), to go in one exchange."""

    line: Line
    heads: list[Claimed]
    began: float


def tracks_of(lines: Sequence[Line], followed: Sequence[Followed]) -> list[Track]:
    """One for each upstream of *lines*."""
    grouped: dict[tuple[str, str], dict[str, Line]] = {}
    for line in lines:
        grouped.setdefault((line.system, line.upstream), {})[line.operation] = line
    opened = {(one.line.system, one.line.upstream): one for one in followed}
    return [Track(system, own, opened.get((system, upstream)), upstream) for (system, upstream), own in grouped.items()]
