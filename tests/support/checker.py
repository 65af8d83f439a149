"""Compares the mocks' journal with the orders that a gateway answered with 202.

Each order accepted exactly once, the messages of each dossier in their order, nothing missing, nothing invented. Second
messages that were answered "already received", or that replaced an equal one, are listed apart with the tester's mark.

    python -m tests.support.checker JOURNAL ORDERS      # files of JSON lines; exit 1 where something is wrong
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final, Literal

End = Literal["sent", "open", "never"]
Key = tuple[str, str]
"""System and dossier."""
TAKEN: Final = frozenset({"accepted", "supplement_accepted", "added"})
MAY_COME_AGAIN: Final = frozenset({"update"})
"""Messages of which a dossier may have two that are equal: A, then B, then A."""
SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Order:
    """One order that the gateway answered with 202, in the order of its answers."""

    system: str
    """The connector's name; `ministry_portals.<ministry>`."""
    dossier: str
    message: str = "application"
    """`application`, `supplement`, `dossier`, `update`, `step <ThoiDiemXuLy>`."""
    end: End = "sent"
    """`sent`: must arrive; `open`: may have arrived (parked, skipped); `never`: must not (cancelled, refused)."""


@dataclass(frozen=True, slots=True)
class Event:
    """One decision about one dossier."""

    outcome: str
    message: str | None
    content: str | None
    code: str | None
    number: int
    mark: str | None


@dataclass(frozen=True, slots=True)
class Finding:
    """A violation, with the numbers of the arrivals that show it."""

    system: str
    dossier: str
    text: str
    numbers: tuple[int, ...] = ()

    def __str__(self) -> str:
        where = f" (arrivals {', '.join(map(str, self.numbers))})" if self.numbers else ""
        return f"{self.system} {self.dossier}: {self.text}{where}"


@dataclass(frozen=True, slots=True)
class Repeat:
    """A message that changed nothing because the system had it."""

    system: str
    dossier: str
    message: str | None
    """The message that it repeats; None: the system answered "already", and this journal has no equal one."""
    answered: str
    first: int | None
    number: int
    mark: str | None

    def __str__(self) -> str:
        named = self.message or "another message"
        return f"{self.system} {self.dossier}: {named} again, {self.answered}, at {self.mark or 'no mark'}"


@dataclass(slots=True)
class Report:
    """The result; `sound` is the word."""

    orders: int = 0
    taken: int = 0
    unworked: int = 0
    """Arrivals that a fault kept from being worked."""
    missing: list[Finding] = field(default_factory=list)
    doubled: list[Finding] = field(default_factory=list)
    disordered: list[Finding] = field(default_factory=list)
    invented: list[Finding] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    """Reasons why the journal itself can't be believed."""
    repeats: list[Repeat] = field(default_factory=list)
    refusals: list[Finding] = field(default_factory=list)
    """Messages that a system refused: facts, no violations."""

    @property
    def violations(self) -> list[str]:
        """All that is wrong, as sentences."""
        named = {
            "missing": self.missing,
            "doubled": self.doubled,
            "out of order": self.disordered,
            "invented": self.invented,
        }
        found = [f"{name}: {finding}" for name, findings in named.items() for finding in findings]
        return [*(f"journal: {gap}" for gap in self.gaps), *found]

    @property
    def sound(self) -> bool:
        """True when nothing is wrong."""
        return not self.violations

    def by_mark(self) -> dict[str, int]:
        """Counts the second messages by the tester's mark before them."""
        return dict(Counter(repeat.mark or "no mark" for repeat in self.repeats))

    def lines(self) -> Iterator[str]:
        """The report for a reader, long lists cut."""
        yield f"{self.orders} orders, {self.taken} accepted, {self.unworked} arrivals not worked"
        yield from islice(self.violations, SHOWN)
        if len(self.violations) > SHOWN:
            yield f"… {len(self.violations) - SHOWN} more violations"
        yield f"{len(self.repeats)} second messages that changed nothing: {self.by_mark()}"
        yield from (f"  {repeat}" for repeat in islice(self.repeats, SHOWN))
        yield f"{len(self.refusals)} messages refused"
        yield from (f"  {finding}" for finding in islice(self.refusals, SHOWN))


def check(journal: Path, orders: Iterable[Order]) -> Report:
    """Reads the journal from its last start or reset on, and compares it with *orders*."""
    report = Report()
    events = read(journal, report)
    expected: dict[Key, list[Order]] = {}
    for order in orders:
        report.orders += 1
        expected.setdefault((order.system, order.dossier), []).append(order)
    for key in dict.fromkeys((*expected, *events)):
        _compare(key, expected.get(key, []), events.get(key, []), report)
    return report


# ---- reading


def read(journal: Path, report: Report) -> dict[Key, list[Event]]:
    """Returns the decisions by dossier, each in the order in which the system made them."""
    events: dict[Key, list[Event]] = {}
    numbers: set[int] = set()
    mark: str | None = None
    begun = False
    for line in _lines(journal, report):
        match line["event"]:
            case "started" | "reset":
                events, numbers, mark, begun = {}, set(), None, True
                report.unworked = 0
            case "mark":
                mark = line["mark"]
            case "arrived":
                if line["number"] in numbers:
                    report.gaps.append(f"arrival {line['number']} stands there twice")
                numbers.add(line["number"])
                report.unworked += line["outcome"] is None and line["fault"] != "late"
        for decision in line.get("decisions", ()):
            _add(events, line, decision, mark)
    if not begun:
        report.gaps.append("it does not begin with a start or a reset of the mocks")
    lost = sorted(set(range(1, max(numbers, default=0) + 1)) - numbers)
    if lost:
        report.gaps.append(f"{len(lost)} arrivals have no line, the first is {lost[0]}")
    return events


def _lines(journal: Path, report: Report) -> Iterator[dict[str, Any]]:
    with journal.open(encoding="utf-8") as file:
        for number, text in enumerate(file, 1):
            if not text.endswith("\n"):
                report.gaps.append(f"line {number} is cut")
                return
            yield json.loads(text)


def _add(
    events: dict[Key, list[Event]], line: Mapping[str, Any], decision: Mapping[str, str], mark: str | None
) -> None:
    system = line["system"]
    if system == "ministry_portals":
        system = f"{system}.{line['operation'].partition('.')[0]}"
    event = Event(
        decision["outcome"],
        decision.get("message"),
        decision.get("content"),
        decision.get("code"),
        line["number"],
        mark,
    )
    events.setdefault((system, decision["dossier"]), []).append(event)


# ---- comparing


def _compare(key: Key, orders: Sequence[Order], events: Sequence[Event], report: Report) -> None:
    taken: list[Event] = []
    for event in events:
        if event.outcome in TAKEN:
            _check_copy(key, event, taken, report)
            taken.append(event)
        elif event.outcome == "overwritten":
            _check_overwritten(key, event, taken, report)
        elif event.outcome == "repeated":
            _note_repeat(key, event, taken, event.code or "answered as the first", report)
        elif event.outcome == "refused":
            report.refusals.append(Finding(*key, f"refused with {event.code}", (event.number,)))
    report.taken += len(taken)
    _check_counts(key, orders, taken, report)
    _check_sequence(key, orders, taken, report)


def _check_copy(key: Key, event: Event, before: Sequence[Event], report: Report) -> None:
    """An equal message that was accepted once more, although its number is right: it took another's place."""
    twin = _twin(event, before)
    if twin is not None and event.message not in MAY_COME_AGAIN:
        report.doubled.append(Finding(*key, f"{event.message} was accepted again", (twin.number, event.number)))


def _check_overwritten(key: Key, event: Event, taken: list[Event], report: Report) -> None:
    if taken and event.content == taken[-1].content:
        _note_repeat(key, event, taken, "in the place of an equal one", report)
        return
    twin = _twin(event, taken)
    if twin is None:
        report.invented.append(
            Finding(*key, "a message that was never accepted replaced the last one", (event.number,))
        )
    else:
        text = f"an older message ({twin.message}) replaced a newer one ({taken[-1].message})"
        report.disordered.append(Finding(*key, text, (twin.number, taken[-1].number, event.number)))


def _note_repeat(key: Key, event: Event, taken: Sequence[Event], answered: str, report: Report) -> None:
    twin = _twin(event, taken)
    first = None if twin is None else twin.number
    message = None if twin is None else twin.message
    report.repeats.append(Repeat(*key, message, answered, first, event.number, event.mark))


def _twin(event: Event, before: Sequence[Event]) -> Event | None:
    equal = (other for other in before if event.content is not None and other.content == event.content)
    return next(equal, None)


def _check_counts(key: Key, orders: Sequence[Order], taken: Sequence[Event], report: Report) -> None:
    """As often as ordered: neither less nor more."""
    accepted: dict[str | None, list[int]] = {}
    for event in taken:
        accepted.setdefault(event.message, []).append(event.number)
    ends: dict[str, Counter[End]] = {}
    for order in orders:
        ends.setdefault(order.message, Counter())[order.end] += 1
    for message in dict.fromkeys((*ends, *accepted)):
        numbers = tuple(accepted.get(message, ()))
        wanted: Counter[End] = ends.get(message or "", Counter())
        fewest, most = wanted["sent"], wanted["sent"] + wanted["open"]
        if len(numbers) < fewest:
            text = f"{message}: {fewest} ordered, {len(numbers)} accepted"
            report.missing.append(Finding(*key, text, numbers))
        elif len(numbers) > most and not most:
            text = (
                f"{message} was accepted, and it was cancelled"
                if wanted
                else f"{message} was accepted, and never ordered"
            )
            report.invented.append(Finding(*key, text, numbers))
        elif len(numbers) > most and not _seen(report.doubled, key, numbers):
            report.doubled.append(Finding(*key, f"{message}: {most} ordered, {len(numbers)} accepted", numbers))


def _seen(findings: Sequence[Finding], key: Key, numbers: tuple[int, ...]) -> bool:
    """True when the last findings are about these arrivals already."""
    of_key = (found for found in findings if (found.system, found.dossier) == key)
    return any(set(found.numbers) <= set(numbers) for found in of_key)


def _check_sequence(key: Key, orders: Sequence[Order], taken: Sequence[Event], report: Report) -> None:
    """The first acceptances follow the order of the answers."""
    places: dict[str | None, list[int]] = {}
    for place, order in enumerate(orders):
        if order.end != "never":
            places.setdefault(order.message, []).append(place)
    furthest, last = -1, None
    for event in taken:
        waiting = places.get(event.message)
        if not waiting:
            continue
        place = waiting.pop(0)
        if place < furthest and last is not None:
            text = f"{event.message} was accepted after {last.message}"
            report.disordered.append(Finding(*key, text, (last.number, event.number)))
        elif place > furthest:
            furthest, last = place, event


def read_orders(path: Path) -> Iterator[Order]:
    """Reads orders as JSON lines: `{"system", "dossier", "message", "end"}`."""
    with path.open(encoding="utf-8") as file:
        yield from (Order(**json.loads(line)) for line in file)


def main(arguments: Sequence[str]) -> int:
    """Prints the report; 1 where something is wrong."""
    journal, orders = map(Path, arguments)
    report = check(journal, read_orders(orders))
    sys.stdout.write("\n".join(report.lines()) + "\n")
    return 0 if report.sound else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
