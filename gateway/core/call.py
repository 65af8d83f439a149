"""One request inside the gateway, and its answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from gateway.core.canonical import Canonical, Content
from gateway.core.operation import Operation


@dataclass(frozen=True, slots=True)
class Purpose:
    """For which dossier (hồ sơ), and which officer asks."""

    dossier_id: str
    user_id: str


@dataclass(frozen=True, slots=True)
class CacheWish:
    """The caller's ``Cache-Control`` (RFC 9111 section 5.2.1); seconds."""

    no_cache: bool = False
    only_if_cached: bool = False
    max_age: float | None = None
    max_stale: float | None = None


NO_WISH = CacheWish()


Priority = Literal["interactive", "batch"]


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a caller's rate still grants. Seconds.

    *most* requests may come at once, *window_s* earns them anew; *remaining* are left, all again after *reset_s*.
    """

    most: int
    window_s: float
    remaining: int
    reset_s: float
    refused_s: float | None = None
    """Set where this request is one too many: when the next one is granted."""


@dataclass(slots=True)
class Trace:
    """What one request met on its way, for its log line and Server-Timing; seconds on the monotonic clock."""

    started: float
    queued: float = 0.0
    upstream: float = 0.0
    translate: float = 0.0
    attempts: int = 0
    notes: list[str] = field(default_factory=list)
    """What policies decided, in order, bounded by the number of attempts."""
    allowance: Allowance | None = None
    """None: the caller has no rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request inside the gateway."""

    connector: str
    operation: Operation[Any, Any]
    query: Canonical
    caller: str
    request_id: str
    expires_at: float
    """Monotonic seconds; spent by everything below the door."""
    trace: Trace
    purpose: Purpose | None = None
    view: Literal["full", "public"] = "full"
    """public: fields marked personal are cut before anything is kept or rendered."""
    idempotency_key: str | None = None
    may_have_arrived: bool = False
    """The same order was sent before under this key, and nobody knows what became of it."""
    priority: Priority = "interactive"
    cache: CacheWish = NO_WISH


@dataclass(frozen=True, slots=True)
class Rendered:
    """The JSON of ``data``, made once and kept with the cache entry."""

    data: bytes = field(repr=False)
    etag: str
    paged: bool = False
    next_page_token: str | None = None
    total: int | None = None
    location: str | None = None


@dataclass(frozen=True, slots=True)
class CacheNote:
    """How the cache took part, for ``Cache-Status`` (RFC 9211). *ttl* in seconds, negative when stale."""

    kind: Literal["hit", "miss", "stale", "bypass"]
    ttl: float = 0.0
    detail: str = ""
    fwd_status: int | None = None
    collapsed: bool = False
    stored: bool = False


class Replayable(Protocol):
    """An answer from the cache that stands: whoever asks the same plain question would be given it again."""

    def replay(self, now: float) -> tuple[float, float] | None:
        """Its age and the rest of its life at *now* (seconds, monotonic), and it counts as given; None where it does
        not stand any more.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the operation ring gives; *value* None is a fact: no such record."""

    value: Rendered | Content | None
    fetched_at: datetime
    freshness: Literal["live", "cached", "stale"] = "live"
    age: float = 0.0
    """Seconds since *fetched_at*."""
    cache: CacheNote | None = None
    standing: Replayable | None = field(default=None, compare=False, repr=False)
    """Set where nothing but the cache has a say in the next answer to the same question."""
