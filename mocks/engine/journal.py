"""What was asked: a bounded ring, with personal values masked before they get here."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final

from lxml import etree

from mocks.engine.live import HEARTBEAT_S, Follower
from mocks.engine.service import Request

#: Entries that the ring holds; `total` goes on counting.
RING: Final = 5_000
MASK: Final = "***"
_MAX_FIELDS: Final = 64
_MAX_SHOWN: Final = 120
_MAX_DEPTH: Final = 6


@dataclass(slots=True)
class Entry:
    """One arrival; status, fault and the rest are filled in as they become known."""

    system: str
    operation: str | None
    method: str
    path: str
    at: datetime
    masked: dict[str, str]
    status: int | None = None
    """What was sent; None where nothing was (yet)."""
    fault: str | None = None
    breaches: tuple[str, ...] = ()
    near_miss: dict[str, object] | None = None
    number: int = 0
    """Ordinal since start or reset, by which a follower knows an entry again."""

    def as_json(self) -> dict[str, object]:
        shown: dict[str, object] = {
            "system": self.system,
            "operation": self.operation,
            "method": self.method,
            "path": self.path,
            "status": self.status,
            "fault": self.fault,
            "at": self.at.isoformat(timespec="milliseconds"),
            "masked": self.masked,
            "breaches": self.breaches,
        }
        if self.near_miss is not None:
            shown["near_miss"] = self.near_miss
        return shown


class Journal:
    """Counts every arrival since start or reset, and holds the last of them."""

    __slots__ = ("_arrivals", "_counts", "_ring", "followers", "heartbeat_s")

    def __init__(self, size: int = RING) -> None:
        self._ring: deque[Entry] = deque(maxlen=size)
        self._counts: Counter[tuple[str, str | None]] = Counter()
        self._arrivals = 0
        self.followers: set[Follower] = set()
        """Who watches live."""
        self.heartbeat_s = HEARTBEAT_S
        """A follower hears this often that the line is open."""

    def arrived(self, entry: Entry) -> None:
        self._arrivals += 1
        entry.number = self._arrivals
        self._ring.append(entry)
        self._counts[entry.system, entry.operation] += 1
        for follower in self.followers:
            follower.push(entry)

    def finished(self, entry: Entry) -> None:
        """Tells followers again, now that status and fault are known."""
        for follower in self.followers:
            follower.push(entry)

    def total(self, system: str | None = None, operation: str | None = None) -> int:
        """Arrivals that fit both filters, also those that the ring no longer holds."""
        return sum(
            count
            for (of_system, of_operation), count in self._counts.items()
            if system in (None, of_system) and operation in (None, of_operation)
        )

    def entries(self, system: str | None = None, operation: str | None = None, limit: int = 100) -> list[Entry]:
        """The last *limit* entries that fit both filters, newest last."""
        fitting = (e for e in reversed(self._ring) if system in (None, e.system) and operation in (None, e.operation))
        return list(islice(fitting, limit))[::-1]

    def reset(self) -> None:
        self._ring.clear()
        self._counts.clear()
        self._arrivals = 0
        for follower in self.followers:
            follower.begin_anew()


def masked(request: Request, shown: frozenset[str]) -> dict[str, str]:
    """The question's fields, dotted where nested; what *shown* does not name is masked."""
    seen: dict[str, str] = {}
    for name, value in islice((*request.params.items(), *request.query.items()), _MAX_FIELDS):
        seen[showable(name)] = showable(value) if name in shown else MASK
    if request.body:
        for name, leaf, text in islice(_leaves(request), _MAX_FIELDS):
            seen[showable(name)] = showable(text) if leaf in shown else MASK
    return seen


def showable(text: str) -> str:
    """Cut, and without the half characters that a broken URL leaves."""
    shown = text[:_MAX_SHOWN]
    return shown if shown.isascii() else shown.encode("utf-8", "replace").decode()


def _leaves(request: Request) -> Iterable[tuple[str, str, str]]:
    """Dotted name, last name and text of each leaf of the body."""
    if request.body.lstrip()[:1] == b"<" or request.body[:3] == b"\xef\xbb\xbf":
        if (element := request.soap) is not None:
            for child in element.iter(etree.Element):
                if not len(child):
                    name = etree.QName(child).localname
                    yield name, name, child.text or ""
        return
    if request.body.lstrip()[:1] != b"[":
        yield from _json_leaves(request.fields, "", _MAX_DEPTH)
    elif isinstance(request.json, list):
        for index, item in enumerate(request.json):
            if isinstance(item, dict):
                yield from _json_leaves(item, f"[{index}].", _MAX_DEPTH)


def _json_leaves(value: Mapping[str, object], above: str, depth: int) -> Iterable[tuple[str, str, str]]:
    for name, inner in value.items():
        if isinstance(inner, dict) and depth:
            yield from _json_leaves(inner, f"{above}{name}.", depth - 1)
        elif isinstance(inner, dict):
            yield above + name, name, f"{len(inner)} fields"
        elif isinstance(inner, list):
            yield f"{above}{name}[]", name, f"{len(inner)} items"
        else:
            yield above + name, name, str(inner)
