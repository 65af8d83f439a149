"""What is kept, and the store that several gateways share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Protocol

import msgspec

from gateway.core.call import Rendered
from gateway.pipeline.cache.cache_key import CacheKey
from gateway.pipeline.cache.invalidation import Tag

OVERHEAD_BYTES: Final = 1_500
"""What an entry weighs in the memory of the process beside its data and its key (tracemalloc: 900, once hit 1,560)."""


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
        return OVERHEAD_BYTES + (len(self.value.data) if self.value is not None else 0)


class SharedStore(Protocol):
    """A second level that other gateways read and write too. It never fails: what it can't do it leaves undone."""

    @property
    def ready(self) -> bool:
        """Whether asking makes sense now."""
        ...

    async def get(self, key: CacheKey, until: float) -> Entry | None:
        """The newest entry of *key*, at *until* (monotonic) at the latest; None where there is none or none can be had.

        Its *order* is left to the asker.
        """
        ...

    def put(self, key: CacheKey, entry: Entry) -> None:
        """Leaves *entry* to be written; an older one does not replace a newer."""
        ...

    def purge(self, tags: Sequence[Tag], at: float) -> None:
        """Leaves a purge of *tags*, asked for at *at* (wall clock), to be told to the other gateways."""
        ...

    async def open(self) -> None:
        """Begins to look for the store; a store that is away is no error."""
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
        """Nobody to tell."""

    def purge(self, tags: Sequence[Tag], at: float) -> None:
        """Nobody to tell."""

    async def open(self) -> None:
        """Nothing to look for."""

    async def close(self) -> None:
        """Nothing to end."""
