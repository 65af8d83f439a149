"""Decides how a cached answer may be used: a pure function over frozen values (RFC 9111, RFC 5861).

::

    stored          fresh until              + swr_s                    + stale_s
      ├── Fresh ────────┼── StaleWhileRevalidate ──┼── StaleIfError ───────────┼── Miss

The law of an operation sets how long each lasts; a caller may ask for less, and for more only within the law.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal, Self, TypeAlias

import msgspec

from gateway.core.call import CacheWish
from gateway.core.operation import Operation
from gateway.pipeline.cache.store import Entry

EARLY: Final = 0.9
"""The part of its life after which a hot entry is renewed before it ends (FusionCache's eager refresh)."""
LONG_S: Final = 10.0
"""Shorter lives than this are neither jittered nor renewed early: no herd has time to gather behind them."""


@dataclass(frozen=True, slots=True)
class Law:
    """How old an answer of one operation may be, in seconds; what is never stale has zeros."""

    fresh_s: float
    swr_s: float = 0.0
    soft_timeout_s: float = 0.0
    stale_s: float = 0.0
    negative_s: float = 60.0

    @classmethod
    def of(cls, operation: Operation[Any, Any]) -> Self:
        """The numbers of *operation*; zeros for staleness where the operation is never stale."""
        if operation.never_stale:
            return cls(operation.fresh_s, negative_s=operation.negative_s)
        return cls(
            operation.fresh_s, operation.swr_s, operation.soft_timeout_s, operation.stale_s, operation.negative_s
        )

    def life(self, *, found: bool) -> float:
        """How long an answer is fresh; "no such record" for *negative_s*, never longer than a record."""
        return self.fresh_s if found else min(self.negative_s, self.fresh_s)

    def keep(self, *, found: bool) -> float:
        """How long an answer can be used after its life; "no such record" can not: the record may exist by now."""
        return max(self.swr_s, self.stale_s) if found else 0.0


class Fresh(msgspec.Struct, frozen=True):
    """Answers from the entry; *refresh* asks for a renewal in the background."""

    age: float
    ttl: float
    refresh: bool = False


class StaleWhileRevalidate(msgspec.Struct, frozen=True):
    """Answers at once though its life is over, while one renewal runs (RFC 5861 section 3)."""

    age: float
    ttl: float
    refresh: bool


class StaleAccepted(msgspec.Struct, frozen=True):
    """Answers at once without a renewal: the caller said ``max-stale``, or the source's quota is nearly spent."""

    age: float
    ttl: float
    reason: Literal["max_stale", "quota_low"]


class StaleIfError(msgspec.Struct, frozen=True):
    """Asks the source; the entry is used if the source fails (RFC 5861 section 4) or is slower than the soft timeout.

    *soft_timeout_s* 0: the source has the time that the caller has. *passed_over*: see :class:`Miss`.
    """

    soft_timeout_s: float
    passed_over: bool = False


class Miss(msgspec.Struct, frozen=True):
    """Asks the source; no older answer can be used in its place.

    *passed_over*: an entry is fresh, and the caller's wish is for a newer answer.
    """

    passed_over: bool = False


class NotHere(msgspec.Struct, frozen=True):
    """The request says ``only-if-cached`` and no entry can answer it (RFC 9111 section 5.2.1.7)."""


Decision: TypeAlias = Fresh | StaleWhileRevalidate | StaleAccepted | StaleIfError | Miss | NotHere
MISS: Final = Miss()
PASSED_OVER: Final = Miss(passed_over=True)
NOT_HERE: Final = NotHere()


def decide(
    entry: Entry | None,
    now: float,
    wish: CacheWish,
    law: Law,
    *,
    hot: bool = False,
    resting: bool = False,
    scarce: bool = False,
) -> Decision:
    """The decision for one caller.

    Args:
        entry: The cached entry, if there is one.
        now: Monotonic seconds.
        wish: The caller's ``Cache-Control``.
        law: The operation's numbers.
        hot: Whether the entry is asked often enough to be renewed early.
        resting: Whether a renewal failed a moment ago, so that none begins now.
        scarce: Whether the source's quota is nearly spent.
    """
    if entry is None or wish.no_cache or now >= entry.keep_until:
        if wish.only_if_cached:
            return NOT_HERE
        return PASSED_OVER if entry is not None and now < entry.fresh_until else MISS
    age, ttl = max(0.0, now - entry.stored_at), entry.fresh_until - now
    past = max(-ttl, age - wish.max_age) if wish.max_age is not None else -ttl
    if ttl > 0 and (past <= 0 or (wish.max_stale is not None and past <= wish.max_stale)):
        return Fresh(age, ttl, refresh=hot and not resting and now >= early_at(entry))
    if wish.max_stale is not None and past <= wish.max_stale:
        return StaleAccepted(age, ttl, "max_stale")
    if wish.only_if_cached:
        return NOT_HERE
    # max-age is a preference: it asks the source, and RFC 5861 section 4 stands in "regardless of other freshness".
    if wish.max_age is not None:
        if stands_in(entry, now, law):
            return StaleIfError(0.0, passed_over=ttl > 0)
        return PASSED_OVER if ttl > 0 else MISS
    if -ttl < law.swr_s:
        return StaleWhileRevalidate(age, ttl, refresh=not resting)
    if not stands_in(entry, now, law):
        return MISS
    if scarce:
        return StaleAccepted(age, ttl, "quota_low")
    return StaleIfError(law.soft_timeout_s)


def early_at(entry: Entry) -> float:
    """The time from which a hot *entry* is renewed early; its end if its life is short."""
    return early_in(entry.stored_at, entry.fresh_until)


def early_in(stored_at: float, fresh_until: float) -> float:
    """As :func:`early_at`, for the life from *stored_at* to *fresh_until*."""
    life = fresh_until - stored_at
    return stored_at + life * EARLY if life >= LONG_S else fresh_until


def stands_in(entry: Entry | None, now: float, law: Law) -> bool:
    """Whether *entry* may still be used if the source fails."""
    if entry is None or law.stale_s <= 0:
        return False
    return now < entry.keep_until and now - entry.fresh_until < law.stale_s
