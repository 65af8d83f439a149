"""The journal of requests: a ring buffer of fixed size; personal values are masked before they are stored."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import Final, Literal

from lxml import etree

from mocks.engine.decisions import Decision, summary
from mocks.engine.journal_file import JournalFile
from mocks.engine.live import HEARTBEAT_S, Follower
from mocks.engine.service import Request

#: Maximum number of entries; `total` counts all requests.
RING: Final = 5_000
MASK: Final = "***"
_MAX_FIELDS: Final = 64
_MAX_SHOWN: Final = 120
_MAX_DEPTH: Final = 6
_MAX_DECISIONS: Final = 20


@dataclass(slots=True)
class Entry:
    """One request; status, fault and the other fields are set when they are known."""

    system: str
    operation: str | None
    method: str
    path: str
    at: datetime
    masked: dict[str, str]
    status: int | None = None
    """The HTTP status sent; None while or when nothing was sent."""
    fault: str | None = None
    breaches: tuple[str, ...] = ()
    near_miss: dict[str, object] | None = None
    number: int = 0
    """Ordinal since start or reset; the page uses it to recognise an entry."""
    outcome: str | None = None
    """The one word for its decisions; None where it did not work the message (yet), `mixed` for a list in parts."""
    decisions: tuple[Decision, ...] = ()
    """The first decisions about single dossiers."""
    written: bool = False
    """True when the file has the arrival."""
    worked_at: datetime | None = None
    """The virtual time at which the system worked the message, where that was after its arrival (`late`)."""
    direction: Literal["in", "out"] = "in"
    """`out`: the system pushed the message to the province."""

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
            "outcome": self.outcome,
            "direction": self.direction,
        }
        if self.decisions:
            shown["decisions"] = [decision.as_json() for decision in self.decisions]
        if self.near_miss is not None:
            shown["near_miss"] = self.near_miss
        if self.worked_at is not None:
            shown["worked_at"] = self.worked_at.isoformat(timespec="milliseconds")
        return shown


class Journal:
    """Counts every request since start or reset, and keeps the last ones."""

    __slots__ = ("_arrivals", "_counts", "_departures", "_ring", "file", "followers", "heartbeat_s")

    def __init__(self, size: int = RING, *, file: JournalFile | None = None) -> None:
        self._ring: deque[Entry] = deque(maxlen=size)
        self._counts: Counter[tuple[str, str | None]] = Counter()
        self._arrivals = 0
        self._departures = 0
        self.file = file
        """The file that keeps every arrival; None: the ring alone."""
        self.followers: set[Follower] = set()
        """The pages that follow the journal live."""
        self.heartbeat_s = HEARTBEAT_S
        """Seconds between keep-alive messages to a follower."""

    def arrived(self, entry: Entry) -> None:
        self._arrivals += 1
        entry.number = self._arrivals
        self._ring.append(entry)
        self._counts[entry.system, entry.operation] += 1
        for follower in self.followers:
            follower.push(entry)

    def left(self, entry: Entry) -> None:
        """Adds a message that a system pushes; it is not counted among the arrivals."""
        self._departures += 1
        entry.number = -self._departures
        self._ring.append(entry)
        if self.file is not None:
            facts = {"system": entry.system, "operation": entry.operation, "shown": entry.masked, "direction": "out"}
            self.file.note("pushed", **facts)
        for follower in self.followers:
            follower.push(entry)

    def decided(self, entry: Entry, request: Request, status: int | None) -> None:
        """Takes over what the system decided, and writes the line of the file; a second call writes none.

        Of a long list the ring keeps the first decisions alone, so that memory is bounded.
        """
        entry.breaches = tuple(request.breaches)
        entry.outcome = summary(request.decisions)
        first = request.decisions[:_MAX_DECISIONS]
        entry.decisions = tuple(decision for decision in first if decision.dossier is not None)
        if self.file is None or entry.written:
            return
        entry.written = True
        facts: dict[str, object] = {
            "number": entry.number,
            "system": entry.system,
            "operation": entry.operation,
            "method": entry.method,
            "path": entry.path,
            "direction": "in",
            "at": entry.at.isoformat(timespec="milliseconds"),
            "status": status,
            "fault": entry.fault,
            "shown": {name: value for name, value in entry.masked.items() if value != MASK},
        }
        self.file.message("arrived", facts, request.decisions, entry.breaches)

    def worked(self, entry: Entry, request: Request) -> None:
        """Takes over what the system decided about a late message, and writes a second line."""
        self.decided(entry, request, entry.status)
        if self.file is not None:
            assert entry.worked_at is not None, "it was worked"
            facts: dict[str, object] = {
                "number": entry.number,
                "system": entry.system,
                "operation": entry.operation,
                "direction": "in",
                "at": entry.worked_at.isoformat(timespec="milliseconds"),
            }
            self.file.message("worked", facts, request.decisions, entry.breaches)
        self.finished(entry)

    def finished(self, entry: Entry) -> None:
        """Sends the entry to followers again, with status and fault set."""
        for follower in self.followers:
            follower.push(entry)

    def total(self, system: str | None = None, operation: str | None = None) -> int:
        """Counts the requests that fit both filters, including those no longer in the ring."""
        return sum(
            count
            for (of_system, of_operation), count in self._counts.items()
            if system in (None, of_system) and operation in (None, of_operation)
        )

    def entries(self, system: str | None = None, operation: str | None = None, limit: int = 100) -> list[Entry]:
        """Returns the last *limit* entries that fit both filters, newest last."""
        fitting = (e for e in reversed(self._ring) if system in (None, e.system) and operation in (None, e.operation))
        return list(islice(fitting, limit))[::-1]

    def reset(self) -> None:
        self._ring.clear()
        self._counts.clear()
        self._arrivals = self._departures = 0
        if self.file is not None:
            self.file.note("reset")
        for follower in self.followers:
            follower.begin_anew()


def masked(request: Request, shown: frozenset[str]) -> dict[str, str]:
    """Returns the request's fields, nested names joined by dots; fields not in *shown* are masked."""
    seen: dict[str, str] = {}
    for name, text in islice((*request.params.items(), *request.query.items()), _MAX_FIELDS):
        seen[_label(name[:_MAX_SHOWN])] = showable(text) if name in shown else MASK
    if request.body:
        for name, leaf, value in islice(_leaves(request), _MAX_FIELDS):
            seen[_label(name[:_MAX_SHOWN])] = showable(_text(value)) if leaf in shown else MASK
    return seen


def _text(value: object) -> str:
    if isinstance(value, dict):
        return f"{len(value)} fields"
    return f"{len(value)} items" if isinstance(value, list) else str(value)


def showable(text: str) -> str:
    """Shortens *text* and replaces the invalid characters that a broken URL leaves."""
    shown = text[:_MAX_SHOWN]
    return shown if shown.isascii() else shown.encode("utf-8", "replace").decode()


@lru_cache(maxsize=8_192)
def _label(name: str) -> str:
    """Returns the name of a field as shown; messages of one call have the same names."""
    return showable(name)


def _leaves(request: Request) -> Iterable[tuple[str, str, object]]:
    """Yields the dotted name, last name and value of each leaf of the body."""
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


def _json_leaves(value: Mapping[str, object], above: str, depth: int) -> Iterable[tuple[str, str, object]]:
    for name, inner in value.items():
        if isinstance(inner, dict) and depth:
            yield from _json_leaves(inner, f"{above}{name}.", depth - 1)
        elif isinstance(inner, list):
            yield f"{above}{name}[]", name, inner
        else:
            yield above + name, name, inner
