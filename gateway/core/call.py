"""One request inside the gateway, and its answer.

These values are made for each request, so they are ``msgspec`` structs: as frozen as a frozen dataclass, and made in a
tenth of its time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, Protocol

import msgspec

from gateway.core.canonical import Canonical, Content
from gateway.core.operation import Operation


@dataclass(frozen=True, slots=True)
class Purpose:
    """The dossier (hồ sơ) that the request belongs to, and the officer who asks."""

    dossier_id: str
    user_id: str


@dataclass(frozen=True, slots=True)
class CacheWish:
    """The caller's ``Cache-Control`` (RFC 9111 section 5.2.1); seconds."""

    no_cache: bool = False
    only_if_cached: bool = False
    max_age: float | None = None
    max_stale: float | None = None
    no_store: bool = False
    """The answer is not kept; such a wish is also *no_cache*."""


NO_WISH = CacheWish()


Priority = Literal["interactive", "batch"]


@dataclass(frozen=True, slots=True)
class Allowance:
    """The rest of a caller's rate. Seconds.

    *most* requests may come at once, *window_s* earns them anew; *remaining* are left, all again after *reset_s*.
    """

    most: int
    window_s: float
    remaining: int
    reset_s: float
    refused_s: float | None = None
    """Set where this request is one too many: when the next one is granted."""


class Trace(msgspec.Struct):
    """Times and decisions of one request, for its log line and Server-Timing; seconds on the monotonic clock."""

    started: float
    queued: float = 0.0
    upstream: float = 0.0
    translate: float = 0.0
    attempts: int = 0
    notes: list[str] = msgspec.field(default_factory=list)
    """Decisions of policies, in order, bounded by the number of attempts."""
    allowance: Allowance | None = None
    """None: the caller has no rate."""


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One request inside the gateway."""

    connector: str
    operation: Operation[Any, Any]
    query: Canonical
    caller: str
    request_id: str
    expires_at: float
    """Monotonic seconds; everything below the HTTP handler spends them."""
    trace: Trace
    purpose: Purpose | None = None
    view: Literal["full", "public"] = "full"
    """public: fields marked personal are cut before anything is kept or rendered."""
    idempotency_key: str | None = None
    may_have_arrived: bool = False
    """The same order was sent before under this key, and its outcome is not known."""
    form: str | None = None
    """Of an order from the store: the form that its dialect's ``prepare`` chose."""
    priority: Priority = "interactive"
    cache: CacheWish = NO_WISH

    def __repr__(self) -> str:
        # The query may hold personal data, and a repr may reach a log.
        return f"Call({self.connector}.{self.operation.name}, request_id={self.request_id!r})"


MOST_SHARED: Final = 32
"""Pointers in an answer up to which it is likely that other answers have the same."""


class Rendered(msgspec.Struct, frozen=True):
    """The JSON of ``data``, made once and kept with the cache entry."""

    data: bytes
    etag: str
    paged: bool = False
    next_page_token: str | None = None
    total: int | None = None
    location: str | None = None
    withheld: tuple[str, ...] = ()
    """JSON pointers into *data*: fields that the caller's view does not have."""
    incomplete: tuple[str, ...] = ()
    """JSON pointers into *data*: what the source gave there could not be read, and is null."""
    rows_left_out: int = 0

    def __repr__(self) -> str:
        return f"Rendered({len(self.data)} bytes, etag={self.etag!r})"


class CacheNote(msgspec.Struct, frozen=True):
    """How the cache took part, for ``Cache-Status`` (RFC 9211). *ttl* in seconds, negative when stale."""

    kind: Literal["hit", "miss", "request", "stale", "bypass"]
    """request: a fresh answer was there, and the request asked for a newer one."""
    ttl: float = 0.0
    detail: str = ""
    fwd_status: int | None = None
    collapsed: bool = False
    stored: bool = False


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of the operation ring; *value* None is a fact: no such record."""

    value: Rendered | Content | None
    fetched_at: datetime
    freshness: Literal["live", "cached", "stale"] = "live"
    age: float = 0.0
    """Seconds since *fetched_at*."""
    cache: CacheNote | None = None
    repeated: bool = False
    """It is the first answer to an order whose Idempotency-Key came again."""
    hit_key: bytes | None = None
    """The cache key of a fresh hit; :class:`HitMemory` replays it by this key."""


# ---- replaying fresh hits


LARGE: Final = 4096
"""Bytes of data from which on it is compressed for a caller that accepts gzip."""


class Packed(msgspec.Struct, frozen=True):
    """The start of a body as the start of a gzip stream: its CRC-32 (*check*) and length (*size*) go into the end."""

    stream: bytes
    check: int
    size: int


class EncodedHit(msgspec.Struct, frozen=True):
    """The bytes of a response that are the same each time a cache entry is replayed; the data itself is the entry's.

    A response is *head*, then header lines of the request, then ``{"data":``, the data, *meta*, the age, the request id
    and *tail*.
    """

    head: bytes
    meta: bytes
    tail: bytes
    packed: Packed | None = None
    """The compressed start of the body, up to the end of the data, where that is large and was asked for."""

    @property
    def size(self) -> int:
        """Bytes."""
        packed = len(self.packed.stream) if self.packed is not None else 0
        return len(self.head) + len(self.meta) + len(self.tail) + packed


class Replay(msgspec.Struct, frozen=True):
    """A fresh cache entry to be replayed; *age* and the rest of its life (*ttl*) in seconds."""

    data: bytes
    encoded: EncodedHit
    age: float
    ttl: float


class HitMemory(Protocol):
    """The cache entries of one operation, as far as they may be replayed without the ring."""

    def attach(self, key: bytes, encoded: EncodedHit) -> None:
        """Keeps *encoded* with the entry of *key*, as long as that entry lives and no longer."""
        ...

    def replay(self, key: bytes, *, gzip: bool) -> Replay | None:
        """The fresh entry of *key*, counted as one more hit; None where the ring has to decide, or where *gzip* is
        accepted and a large entry is not compressed yet.
        """
        ...
