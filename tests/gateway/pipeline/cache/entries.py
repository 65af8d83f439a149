"""Entries for the tests of stores."""

from __future__ import annotations

from gateway.core.call import Rendered
from gateway.pipeline.cache.cache_key import AccessScope, CacheKey
from gateway.pipeline.cache.invalidation import Tag
from gateway.pipeline.cache.store import Entry
from gateway.testing.clock import FakeClock


def key_of(code: str = "a") -> CacheKey:
    """The key of a question about *code*."""
    return CacheKey(
        connector="register",
        operation="record",
        query=b'{"code":"%b"}' % code.encode(),
        scope=AccessScope("full", ""),
        purpose="none",
    )


def entry_of(
    clock: FakeClock,
    data: bytes | None = b'{"code":"a"}',
    *,
    order: int = 1,
    asked_ago: float = 0.0,
    life: float = 60.0,
    keep: float = 600.0,
    tags: tuple[Tag, ...] = (),
) -> Entry:
    """An entry asked for *asked_ago* seconds before now on *clock*; *data* None: no such record."""
    stored_at = clock.monotonic() - asked_ago
    return Entry(
        value=None if data is None else Rendered(data, 'W/"e"', total=3, paged=True, next_page_token="p2"),
        fetched_at=clock.now(),
        asked_at=round(clock.now().timestamp() - asked_ago, 3),
        order=order,
        stored_at=stored_at,
        fresh_until=stored_at + life,
        keep_until=stored_at + life + keep,
        tags=tags,
    )
