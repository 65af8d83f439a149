"""The check of an issued paper: what must stand in it, and what was found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

PaperResult: TypeAlias = Literal[
    "good",
    "not_pdf",
    "truncated",
    "too_large",
    "too_costly",
    "encrypted",
    "unreadable",
    "no_text",
    "other_number",
    "other_person",
]
"""good: it opens and belongs to the application · too_costly: reading it took more time or memory than it may ·
no_text: it opens and has no text (a scan), so nobody can say whose it is · other_number, other_person: it opens and
belongs to another application. Only a good one may be given to a portal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """The parts that a paper must have; None: not known, and not compared."""

    number: str | None = field(default=None, repr=False)
    """The paper's own number (số Phiếu)."""
    full_name: str | None = field(default=None, repr=False)
    """The holder's name."""
    identity_number: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class PaperFinding:
    """The finding about one paper; nothing in it is personal."""

    result: PaperResult
    sha256: str
    """Of the bytes as they came, in hexadecimal."""
    pages: int | None = None
    compared: tuple[str, ...] = ()
    """The parts that were found as expected: number, full_name, identity_number."""

    @property
    def deliverable(self) -> bool:
        """Whether it may be given to a portal."""
        return self.result == "good"
