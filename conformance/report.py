"""The report of a check: one finding per rule, call and case; scores; as lines and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

#: Differences printed per rule; the report gives the number of the others.
MAX_DIFFERENCES: Final = 5


@dataclass(frozen=True, slots=True)
class Difference:
    """One broken rule: its place (JSON pointer or XPath), the expected value, and the value found, masked."""

    at: str
    expected: str
    met: str
    sample: int | None = None

    def __str__(self) -> str:
        which = "" if self.sample is None else f" (sample {self.sample})"
        return printable(f"{self.at or '/'}: expected {self.expected}, got {self.met}{which}")


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one rule for one case of one call."""

    call: str
    case: str
    rule: str
    differences: tuple[Difference, ...] = ()

    @property
    def holds(self) -> bool:
        return not self.differences


@dataclass(frozen=True, slots=True)
class NotChecked:
    """A case that was not checked, and the reason; it does not count in the score."""

    call: str
    case: str
    why: str


@dataclass(slots=True)
class ServiceReport:
    """All findings about one service (one OpenAPI file or WSDL) of a contract."""

    contract: str
    service: str
    findings: list[Finding] = field(default_factory=list)
    not_checked: list[NotChecked] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"{self.contract}/{self.service}"

    @property
    def held(self) -> int:
        return sum(finding.holds for finding in self.findings)

    def as_json(self) -> dict[str, object]:
        return {
            "contract": self.contract,
            "service": self.service,
            "held": self.held,
            "checked": len(self.findings),
            "score": score(self.held, len(self.findings)),
            "rules": [_finding_json(finding) for finding in self.findings],
            "not_checked": [{"call": one.call, "case": one.case, "why": one.why} for one in self.not_checked],
        }


@dataclass(frozen=True, slots=True)
class Report:
    """The findings about one target."""

    target: str
    services: tuple[ServiceReport, ...]

    @property
    def held(self) -> int:
        return sum(service.held for service in self.services)

    @property
    def checked(self) -> int:
        return sum(len(service.findings) for service in self.services)

    @property
    def holds(self) -> bool:
        """True when all rules hold, and at least one was checked for each service."""
        return self.held == self.checked and bool(self.services) and all(one.findings for one in self.services)

    def failures(self) -> Iterator[Finding]:
        for service in self.services:
            yield from (finding for finding in service.findings if not finding.holds)

    def as_json(self) -> dict[str, object]:
        return {
            "target": self.target,
            "held": self.held,
            "checked": self.checked,
            "score": score(self.held, self.checked),
            "contracts": [service.as_json() for service in self.services],
        }

    def summary(self) -> Iterator[str]:
        """Yields one line per service and one for the total."""
        for service in self.services:
            yield f"{service.name}: {_scored(service.held, len(service.findings))}"
        yield f"all: {_scored(self.held, self.checked)}"


def printable(text: str) -> str:
    """Returns *text* safe for a terminal and for UTF-8: control characters of a system's answer have no effect."""
    return "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in text)


def score(held: int, checked: int) -> float:
    """Returns the percentage of rules that hold, rounded down, so that 100 means all."""
    return held * 1000 // checked / 10 if checked else 0.0


def report_lines(name: str, findings: Iterable[Finding]) -> Iterator[str]:
    """Yields the findings of one case as text: rules that hold in one line, each failed rule with its differences."""
    held: dict[tuple[str, str], list[str]] = {}
    broken = []
    for finding in findings:
        if finding.holds:
            held.setdefault((finding.call, finding.case), []).append(finding.rule)
        else:
            broken.append(finding)
    for (call, case), rules in held.items():
        yield f"ok    {name} {call} {case}: {', '.join(rules)}"
    for finding in broken:
        yield f"FAIL  {name} {finding.call} {finding.case}: {finding.rule}"
        for difference in finding.differences[:MAX_DIFFERENCES]:
            yield f"        {difference}"
        if len(finding.differences) > MAX_DIFFERENCES:
            yield f"        and {len(finding.differences) - MAX_DIFFERENCES} more"


def _scored(held: int, checked: int) -> str:
    return f"{held} of {checked} rules hold, {score(held, checked):g} %"


def _finding_json(finding: Finding) -> dict[str, object]:
    return {
        "call": finding.call,
        "case": finding.case,
        "rule": finding.rule,
        "holds": finding.holds,
        "differences": [
            {
                "at": printable(one.at),
                "expected": printable(one.expected),
                "met": printable(one.met),
                "sample": one.sample,
            }
            for one in finding.differences
        ],
    }
