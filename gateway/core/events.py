"""What happened, told once: policies emit, observers (metrics, logs) listen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias


@dataclass(frozen=True, slots=True)
class RequestFinished:
    """One request of the portal is answered. Durations in seconds."""

    connector: str
    operation: str
    caller: str
    outcome: str
    seconds: float
    upstream_seconds: float


@dataclass(frozen=True, slots=True)
class Attempted:
    """One exchange with an upstream ended; *outcome* is ``ok``, ``no_record`` or the error's reason or code."""

    connector: str
    upstream: str
    operation: str
    outcome: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Retried:
    """An exchange is about to be tried again."""

    connector: str
    upstream: str
    operation: str


@dataclass(frozen=True, slots=True)
class CacheAsked:
    """The cache was asked; *result* is ``hit``, ``miss``, ``stale`` or ``bypass``. Age in seconds."""

    connector: str
    operation: str
    result: str
    age: float


@dataclass(frozen=True, slots=True)
class TokenRenewed:
    """A token was asked for; *outcome* is ``ok`` or the error's reason."""

    connector: str
    upstream: str
    outcome: str


@dataclass(frozen=True, slots=True)
class DriftSeen:
    """An upstream sent something that its contract does not foresee."""

    connector: str
    upstream: str
    kind: str


Event: TypeAlias = RequestFinished | Attempted | Retried | CacheAsked | TokenRenewed | DriftSeen


class Observer(Protocol):
    """Listens; must not raise and must not block."""

    def __call__(self, event: Event, /) -> None: ...


def silence(_: Event, /) -> None:
    """The observer of those who want none."""
