"""Named points at which a test ends or stops the process, as SIGKILL and SIGSTOP would.

``LGSP_CRASH_AT=<point>[:n]`` and ``LGSP_STOP_AT=<point>[:n]`` name the n-th passing of a point; a gateway that does not
listen on loopback refuses them.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, Literal, get_args

Point = Literal[
    "accept.before_commit",
    "accept.committed",
    "lane.claimed",
    "send.marked",
    "send.bytes_left",
    "send.answered",
    "result.committed",
    "follow.asked",
    "certificate.fetching",
    "webhook.sending",
    "store.migrating",
    "drain.begun",
    "inbox.before_commit",
    "inbox.committed",
    "inbox.file_fetching",
    "pull.kept",
    "pull.confirmed",
]
POINTS: Final[tuple[str, ...]] = get_args(Point)
CRASH: Final = "LGSP_CRASH_AT"
STOP: Final = "LGSP_STOP_AT"


@dataclass(slots=True)
class Armed:
    """A point, the passings left until it acts, and the signal it sends."""

    point: str
    left: int
    number: signal.Signals


_armed: list[Armed] = []


def read(environment: Mapping[str, str]) -> list[Armed]:
    """The points that *environment* names; raises :class:`ValueError` with one sentence for a wrong one."""
    found = []
    for variable, number in ((CRASH, signal.SIGKILL), (STOP, signal.SIGSTOP)):
        if not (given := environment.get(variable)):
            continue
        point, _, times = given.partition(":")
        if point not in POINTS:
            near = get_close_matches(point, POINTS, 1)
            raise ValueError(f"{variable}: {point!r} is not a point" + (f"; did you mean {near[0]}?" if near else ""))
        if times and not (times.isascii() and times.isdigit() and int(times) > 0):
            raise ValueError(f"{variable}: {times!r} is not a number of passings from 1 on")
        found.append(Armed(point, int(times or 1), number))
    return found


def arm(points: list[Armed]) -> None:
    """Lets *points* act, in place of those before."""
    _armed[:] = points


def reach(point: Point) -> None:
    """Ends or stops the process where *point* is armed and this is its passing."""
    for armed in _armed:
        if armed.point == point:
            armed.left -= 1
            if armed.left == 0:
                os.kill(os.getpid(), armed.number)
