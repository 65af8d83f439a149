"""The events of the gateway: policies emit each once, and observers (metrics, logs) receive it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, Protocol, TypeAlias

BreakerState = Literal["closed", "open", "half_open", "isolated"]
START: Final = "start"
"""Why a breaker is as it is before anything was asked."""


class RequestFinished(NamedTuple):
    """One request of the portal is answered. Durations in seconds.

    A request that was refused before its ring has an empty *caller* if the key was not known, and an empty *connector*
    if no route was found.

    A named tuple, as are all events that every request makes: a frozen dataclass takes three times as long to make.
    """

    connector: str
    operation: str
    caller: str
    outcome: str
    seconds: float
    upstream_seconds: float
    queued_seconds: float = 0.0
    attempts: int = 0
    decisions: tuple[str, ...] = ()
    """The decisions of the policies, in order."""
    request_id: str = ""
    translate_seconds: float = 0.0
    cache: str = ""
    """How the cache took part: ``hit``, ``miss``, ``stale`` or ``bypass``; empty where it was not reached."""
    detail: str = ""
    """The sentence of an error that a developer or an operator must look into: ours, a refusal of the gateway, or an
    answer that breaks its contract (with the fields that break it). Empty otherwise; never personal data."""


class Attempted(NamedTuple):
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


class CacheAsked(NamedTuple):
    """The cache was asked. Age in seconds, as told to the caller.

    *result* is ``hit``, ``stale``, ``miss``, ``collapsed`` (joined a question under way) or ``absent``
    (``only-if-cached``, and nothing there).
    """

    connector: str
    operation: str
    result: str
    age: float


@dataclass(frozen=True, slots=True)
class ServedStale:
    """A stale answer was given; *reason*: an error's, ``revalidating``, ``max_stale``, ``quota_low``."""

    connector: str
    operation: str
    reason: str


@dataclass(frozen=True, slots=True)
class Refreshed:
    """A cached answer was refreshed in the background; *outcome* is ``ok`` or the error's reason or code."""

    connector: str
    operation: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Purged:
    """Cached answers were purged; *what* is ``everything``, ``connector``, ``operation``, ``subject`` or
    ``write``.
    """

    what: str


@dataclass(frozen=True, slots=True)
class SharedCacheUsed:
    """The cache that gateways share was used.

    *result* is ``hit``, ``miss``, ``failed``, ``poisoned`` (an entry that can't be trusted), ``written``, ``outdated``
    (another had written a newer answer), ``dropped`` (too much waited for its return) or ``purged``.
    """

    result: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class SharedCacheMoved:
    """The cache that gateways share is used (*up*), or passed over until it is back."""

    up: bool


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


@dataclass(frozen=True, slots=True)
class RetryBudgetMoved:
    """How many retries an upstream's budget would grant now."""

    connector: str
    upstream: str
    tokens: int


@dataclass(frozen=True, slots=True)
class BreakerMoved:
    """A breaker is in another state; *why* is the rule that moved it, the operator's reason, or :data:`START`.

    *seconds*: how long it stays so at least, where that is known.
    """

    connector: str
    upstream: str
    state: BreakerState
    why: str
    seconds: float | None = None


class BulkheadMoved(NamedTuple):
    """Exchanges in flight, exchanges waiting for a place, and how many may be in flight."""

    connector: str
    upstream: str
    in_use: int
    waiting: int
    limit: int


@dataclass(frozen=True, slots=True)
class QuotaMoved:
    """How many exchanges an upstream still grants today."""

    connector: str
    upstream: str
    remaining: int


@dataclass(frozen=True, slots=True)
class CredentialsRefused:
    """An upstream refuses this gateway's credentials, officer or address; its operator must act."""

    connector: str
    upstream: str
    reason: str


Event: TypeAlias = (
    RequestFinished
    | Attempted
    | Retried
    | CacheAsked
    | ServedStale
    | Refreshed
    | Purged
    | SharedCacheUsed
    | SharedCacheMoved
    | TokenRenewed
    | DriftSeen
    | RetryBudgetMoved
    | BreakerMoved
    | BulkheadMoved
    | QuotaMoved
    | CredentialsRefused
)


class Observer(Protocol):
    """Listens; must not raise and must not block."""

    def __call__(self, event: Event, /) -> None: ...


def silence(_: Event, /) -> None:
    """An observer that ignores every event."""
