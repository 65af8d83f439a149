"""Decides which claimed heads go in one exchange: those of one operation and form that their dialect takes in lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gateway.durable.lanes.tables import Claimed
from gateway.durable.orders import Line

MOST: Final = 500
"""Orders in one exchange, whatever a dialect says."""


def most_in_list(line: Line) -> int:
    """How many orders of *line* one exchange may take."""
    order = line.order
    if order.send_many is None and order.ask_many is None:
        return 1
    return max(1, min(MOST, order.most_in_list(line.settings)))


def exchanges(line: Line, claimed: Sequence[Claimed]) -> list[list[Claimed]]:
    """*claimed*, all of *line*, in exchanges; each in the sequence in which they were claimed."""
    most = most_in_list(line)
    grouped: dict[tuple[bool, str | None, int], list[Claimed]] = {}
    found: list[list[Claimed]] = []
    for one in claimed:
        alike = line.order.ask_many if one.unknown else line.order.send_many
        limit = most if one.list_most is None else min(most, one.list_most)
        # Of an order that may have arrived, "we have it" is success, and of another it is a refusal.
        if alike is None or limit == 1 or one.preparing or (one.may_have_arrived and not one.unknown):
            found.append([one])
        else:
            grouped.setdefault((one.unknown, one.form, limit), []).append(one)
    for (_, _, limit), members in grouped.items():
        found += [members[start : start + limit] for start in range(0, len(members), limit)]
    return found


@dataclass(slots=True)
class ListPace:
    """How many orders of an operation one exchange takes, as seen last: fewer where heads have to go alone."""

    most: int
    seen: float = 0.0

    def wanted(self, room: int) -> int:
        """How many heads to claim for *room* exchanges."""
        return max(room, int(room * (self.seen or self.most)))

    def saw(self, kept: int, used: int, *, given_back: bool) -> None:
        """Learns from a claim: *kept* heads went in *used* exchanges; others did not fit and were *given_back*."""
        if given_back:
            self.seen = max(1.0, kept / max(1, used))
        else:
            self.seen = min(float(self.most), 2.0 * (self.seen or self.most))
