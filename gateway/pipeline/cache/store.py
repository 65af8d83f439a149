"""The cached entry, and the protocol of the store that several gateways share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Protocol

import msgspec

from gateway.core.call import Rendered
from gateway.pipeline.cache.cache_key import CacheKey
from gateway.pipeline.cache.invalidation import Tag

OVERHEAD_BYTES: Final = 1_500
"""Bytes of an entry in the memory of the process beside its data and its key (tracemalloc: 470, once hit 1,130)."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A kept answer. Instants are monotonic seconds of this process; *value* None: the register has no such record."""

    value: Rendered | None
    fetched_at: datetime
    asked_at: float
    """Wall clock, seconds: when the question began. The newer of two answers has the later question."""
    order: int
    """The same in this process's own order of events, which no clock moves."""
    stored_at: float
    fresh_until: float
    keep_until: float
    tags: tuple[Tag, ...] = ()

    @property
    def size(self) -> int:
        """Bytes that it takes, roughly."""
        return size_of(self.value)


def size_of(value: Rendered | None) -> int:
    """Bytes that the entry of *value* takes, roughly."""
    return OVERHEAD_BYTES + (len(value.data) if value is not None else 0)


class SharedStore(Protocol):
    """A second level that other gateways read and write too. It never raises: what it can't do, it does not do."""

    @property
    def ready(self) -> bool:
        """Whether asking makes sense now."""
        ...

    async def get(self, key: CacheKey, until: float) -> Entry | None:
        """The newest entry of *key*, at *until* (monotonic) at the latest; None if there is none or it can't be read in
        time.

        Its *order* is left to the asker.
        """
        ...

    def put(self, key: CacheKey, entry: Entry) -> None:
        """Queues *entry* to be written; an older entry does not replace a newer one."""
        ...

    def purge(self, tags: Sequence[Tag], at: float) -> None:
        """Queues a purge of *tags*, asked for at *at* (wall clock), for the other gateways."""
        ...

    def renewed(self, key: CacheKey, at: float) -> None:
        """Queues the news for other gateways that the answer of *key* was asked for anew at *at* (wall clock)."""
        ...

    async def open(self) -> None:
        """Begins to look for the store; a store that is down is not an error."""
        ...

    async def close(self) -> None:
        """Ends what runs, and writes what still waits if that can be done at once."""
        ...


class NoSharedStore:
    """The second level of a gateway that has none."""

    ready = False

    async def get(self, key: CacheKey, until: float) -> Entry | None:  # noqa: ARG002  # the protocol's signature
        return None

    def put(self, key: CacheKey, entry: Entry) -> None:
        """Does nothing: there is no other gateway."""

    def purge(self, tags: Sequence[Tag], at: float) -> None:
        """Does nothing: there is no other gateway."""

    def renewed(self, key: CacheKey, at: float) -> None:
        """Does nothing: there is no other gateway."""

    async def open(self) -> None:
        """Does nothing: there is no store."""

    async def close(self) -> None:
        """Does nothing: there is no task to end."""
