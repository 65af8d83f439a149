"""The events of the gateway: policies emit each once, and observers (metrics, logs) receive it."""

from __future__ import annotations

from typing import Final, Literal, Protocol, TypeAlias

import msgspec

BreakerState = Literal["closed", "open", "half_open", "isolated"]
START: Final = "start"
"""Why a breaker is as it is before anything was asked."""
ISOLATED: Final = "isolated"
"""The outcome of a request that nothing answered because an operator has isolated the national system."""
REFUSALS: Final = ("allow_list", "credentials", "officer", "private_address", "road_refused")
"""Reasons of a refusal that only this gateway's operator can end."""
DRIFT_KINDS: Final = ("request_hash", "schema", "unknown_code", "unknown_field", "unreadable", "untranslatable")
MACHINE_REASONS: Final = ("addresses", "descriptors", "memory", "resolver")
"""The parts of the gateway's machine that can be missing for a connection."""


QUOTA_UNKNOWN: Final = "quota_unknown"
"""The reason of a refusal because this gateway can't count a day's quota: no source has a part in it."""


class LookUp(msgspec.Struct, frozen=True):
    """A request that showed a person's data, or an order: the dossier, the officer who asked, and a keyed hash of whom
    it is about.
    """

    dossier: str
    user: str
    subject: str
    identifiers: tuple[str, ...] = ()
    """Keyed hashes of the numbers that name the person or the record, each by itself: by them one is found again,
    whatever was asked. Empty where nobody keeps them."""


class RequestFinished(msgspec.Struct, frozen=True, gc=False):
    """One request of the portal is answered. Durations in seconds.

    A request that was refused before its ring has an empty *caller* if the key was not known, and an empty *connector*
    if no route was found.
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
    look_up: LookUp | None = None
    """Of an order, of a question about a person, and of one whose answer has personal fields."""
    trace: str = ""
    """The traceparent of its span, where it is traced."""
    replayed_age: float | None = None
    """The age of a hit that was replayed without the ring, as told; no :class:`CacheAsked` tells of it."""


class Attempted(msgspec.Struct, frozen=True):
    """One exchange with an upstream ended; *outcome* is ``ok``, ``no_record`` or the error's reason or code.

    *failed*: no answer came, or one that cannot be used, and not because of the caller, one officer or one order.
    """

    connector: str
    upstream: str
    operation: str
    outcome: str
    seconds: float
    failed: bool = False
    cause: str = ""
    """The machine's own words below the outcome, or the status of the answer; never an address or a value."""


class NotAsked(msgspec.Struct, frozen=True):
    """An exchange was refused before it began, by a policy of ours or for want of time; *reason* is the error's.

    *failed*: every caller is refused so, because the source gives no more today.
    """

    connector: str
    upstream: str
    reason: str
    failed: bool = False


class MachineFailed(msgspec.Struct, frozen=True):
    """The gateway's machine could not open a connection, for want of *reason*: no source has a part in it."""

    reason: str


class Retried(msgspec.Struct, frozen=True):
    """An exchange is about to be tried again."""

    connector: str
    upstream: str
    operation: str


class CacheAsked(msgspec.Struct, frozen=True, gc=False):
    """The cache was asked. Age in seconds, as told to the caller.

    *result* is ``hit``, ``stale``, ``miss``, ``collapsed`` (joined a question under way) or ``absent``
    (``only-if-cached``, and nothing there).
    """

    connector: str
    operation: str
    result: str
    age: float


class ServedStale(msgspec.Struct, frozen=True):
    """A stale answer was given; *reason*: an error's, ``revalidating``, ``max_stale``, ``quota_low``."""

    connector: str
    operation: str
    reason: str


class Refreshed(msgspec.Struct, frozen=True):
    """A cached answer was refreshed in the background; *outcome* is ``ok`` or the error's reason or code."""

    connector: str
    operation: str
    outcome: str


class Purged(msgspec.Struct, frozen=True):
    """Cached answers were purged; *what* is ``everything``, ``connector``, ``operation``, ``subject`` or
    ``write``.
    """

    what: str


class SharedCacheUsed(msgspec.Struct, frozen=True):
    """The cache that gateways share was used.

    *result* is ``hit``, ``miss``, ``failed``, ``poisoned`` (an entry that can't be trusted), ``written``, ``outdated``
    (another had written a newer answer), ``dropped`` (too much waited for its return) or ``purged``.
    """

    result: str
    count: int = 1


class SharedCacheMoved(msgspec.Struct, frozen=True):
    """The cache that gateways share is used (*up*), or passed over until it is back; *cause*: the kind of error."""

    up: bool
    cause: str = ""


class TokenRenewed(msgspec.Struct, frozen=True):
    """A token was asked for; *outcome* is ``ok`` or the error's reason, *cause* as that of :class:`Attempted`."""

    connector: str
    upstream: str
    outcome: str
    cause: str = ""


class DriftSeen(msgspec.Struct, frozen=True):
    """An upstream sent something that its contract does not foresee.

    *kind* is one of :data:`DRIFT_KINDS`; ``untranslatable``: an exchange that went well brought what could not be made
    an answer; ``request_hash``: the road says that it carried another message than the one sent.
    """

    connector: str
    upstream: str
    kind: str


class RetryBudgetMoved(msgspec.Struct, frozen=True):
    """How many retries an upstream's budget would grant now."""

    connector: str
    upstream: str
    tokens: int


class BreakerMoved(msgspec.Struct, frozen=True):
    """A breaker is in another state; *why* is the rule that moved it, the operator's reason, or :data:`START`.

    *seconds*: how long it stays so at least, where that is known.
    """

    connector: str
    upstream: str
    state: BreakerState
    why: str
    seconds: float | None = None


class BulkheadMoved(msgspec.Struct, frozen=True):
    """How many exchanges may be in flight; how many are, and how many wait, is read when it is asked for."""

    connector: str
    upstream: str
    limit: int


class QuotaMoved(msgspec.Struct, frozen=True):
    """How many exchanges an upstream still grants today, of how many."""

    connector: str
    upstream: str
    remaining: int
    per_day: int


class CredentialsRefused(msgspec.Struct, frozen=True):
    """An upstream refuses this gateway's credentials, officer or address; its operator must act."""

    connector: str
    upstream: str
    reason: str


INBOUND_RESULTS: Final = (
    "received",
    "repeated",
    "in_work",
    "unauthenticated",
    "forbidden",
    "too_large",
    "not_json",
    "off_contract",
    "unknown_route",
    "busy",
    "internal",
)
"""The ways in which a message that a system pushed is answered."""


class InboundAnswered(msgspec.Struct, frozen=True):
    """A message that a system pushed was answered; *result* is one of :data:`INBOUND_RESULTS`.

    *system* and *kind* are empty where no route was found.
    """

    system: str
    kind: str
    result: str


Event: TypeAlias = (
    RequestFinished
    | InboundAnswered
    | Attempted
    | NotAsked
    | MachineFailed
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
