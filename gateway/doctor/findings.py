"""The findings of the doctor: what was tried, what is wrong with it, and the sentence for that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from gateway.api.texts import Text
from gateway.doctor.advice import ADVICE, OTHER

State = Literal["well", "warning", "wrong"]
STATES: Final[tuple[State, ...]] = ("well", "warning", "wrong")
"""From the best to the worst."""
Fact = str | int | float | bool | list[str]


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing that is wrong; *reason* is a stable word, *cause* the machine's own words below it."""

    reason: str
    state: Literal["warning", "wrong"] = "wrong"
    facts: Mapping[str, object] = field(default_factory=dict)
    cause: str = ""

    @property
    def text(self) -> Text:
        """Says what is wrong and what to do, in one sentence of each language."""
        en, vi = ADVICE.get(self.reason, OTHER)
        said = {"reason": self.reason, **self.facts}
        return Text(en.format_map(said), vi.format_map(said))


@dataclass(frozen=True, slots=True)
class Finding:
    """How one part of the deployment is: a system, the store, Redis, a disk, the limit of descriptors."""

    subject: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    complaints: tuple[Complaint, ...] = ()

    @property
    def state(self) -> State:
        """The worst of its complaints."""
        return max((complaint.state for complaint in self.complaints), key=STATES.index, default="well")


def as_json(findings: list[Finding]) -> dict[str, object]:
    """*findings* for programs; ``well`` where nothing is wrong (a warning may be)."""
    return {
        "well": all(finding.state != "wrong" for finding in findings),
        "findings": [
            {
                "subject": finding.subject,
                "state": finding.state,
                "facts": dict(finding.facts),
                "complaints": [
                    {
                        "reason": complaint.reason,
                        "state": complaint.state,
                        "says": complaint.text.en,
                        "says_vi": complaint.text.vi,
                        "cause": complaint.cause or None,
                    }
                    for complaint in finding.complaints
                ],
            }
            for finding in findings
        ],
    }
