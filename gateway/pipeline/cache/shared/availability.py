"""Whether a helper that the gateway can do without is asked: pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class Up:
    """It is asked; so many questions in a row have failed."""

    failures: int = 0


@dataclass(frozen=True, slots=True)
class Down:
    """Nobody asks it before *until* (monotonic seconds), and then only the one who looks whether it is back."""

    until: float


Link: TypeAlias = Up | Down


def decide(link: Link, event: Literal["worked", "failed"], now: float, *, failures: int, open_s: float) -> Link:
    """The next state: down after so many *failures* in a row, for *open_s* at a time, up as soon as it works."""
    if event == "worked":
        return Up()
    if isinstance(link, Down) or link.failures + 1 >= failures:
        return Down(now + open_s)
    return Up(link.failures + 1)
