"""The first level of the cache: entries in this process, bounded by number and bytes, least recently used out first."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from pydantic import Field

from gateway.core.call import EncodedHit
from gateway.core.settings import Frozen
from gateway.pipeline.cache.cache_key import CacheKey
from gateway.pipeline.cache.store import Entry

LARGEST_PART: Final = 8
"""An entry that would take more than this part of the bytes is not kept: it would push out too many others."""

_NOT_RESTING: Final = float("-inf")
"""One number for all entries: a new one each would be 32 bytes."""


class MemorySettings(Frozen):
    """Limits of the cache in this process."""

    entries: int = Field(default=100_000, gt=0)
    data_bytes: int = Field(default=256 * 1024 * 1024, gt=0, description="bytes of all answers, with what keeps them")
    jitter: float = Field(
        default=0.1, ge=0, le=0.5, description="part by which lives of ten seconds and more are shortened at random"
    )
    hot_hits: int = Field(
        default=10, ge=1, description="hits after which an entry is renewed before its end, in its last tenth"
    )


class MemoryEntry:
    """An entry, with the counts and marks that it got since it was stored.

    *encoded*: bytes that replay it, once they were made; they count in :attr:`Memory.size` and go with the entry.
    *version*: the version of the invalidation log for which the entry was found current.
    """

    __slots__ = ("encoded", "entry", "hits", "resting_until", "version")

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.hits = 0
        self.resting_until = _NOT_RESTING
        self.version = -1
        self.encoded: EncodedHit | None = None


class Memory:
    """Entries by key."""

    def __init__(self, settings: MemorySettings) -> None:
        self._entries = settings.entries
        self._bytes = settings.data_bytes
        self._held: OrderedDict[CacheKey, MemoryEntry] = OrderedDict()
        self._size = 0
        self._round: list[CacheKey] = []
        self.evicted = 0
        """Entries that had to leave for want of room."""

    def __len__(self) -> int:
        return len(self._held)

    @property
    def size(self) -> int:
        """Bytes held, encoded hits included."""
        return self._size

    def get(self, key: CacheKey) -> MemoryEntry | None:
        """The entry of *key*, which is now the most recently used."""
        found = self._held.get(key)
        if found is not None:
            self._held.move_to_end(key)
        return found

    def put(self, key: CacheKey, entry: Entry) -> MemoryEntry | None:
        """Keeps *entry*, unless it is too large or the answer to a later question is here already."""
        size = entry.size + len(key)
        old = self._held.get(key)
        if size > self._bytes // LARGEST_PART or (old is not None and entry.order < old.entry.order):
            return None
        self.drop(key)
        held = self._held[key] = MemoryEntry(entry)
        self._size += size
        self._make_room()
        return held

    def attach(self, key: CacheKey, encoded: EncodedHit) -> None:
        """Keeps *encoded* with the entry of *key*, if it has none yet, or none that is compressed."""
        held = self._held.get(key)
        if held is None:
            return
        old = held.encoded
        if old is None or (old.packed is None and encoded.packed is not None):
            held.encoded = encoded
            self._size += encoded.size - (old.size if old is not None else 0)
            self._make_room()

    def drop(self, key: CacheKey) -> None:
        """Forgets *key*."""
        held = self._held.pop(key, None)
        if held is not None:
            self._size -= held.entry.size + len(key)
            if held.encoded is not None:
                self._size -= held.encoded.size

    def sweep(self, now: float, most: int) -> None:
        """Drops the unusable ones of the next *most* entries, in turn; personal data must not stay only because it is
        not asked for again.
        """
        if not self._round:
            self._round = list(self._held)
        for key in self._round[-most:]:
            held = self._held.get(key)
            if held is not None and now >= held.entry.keep_until:
                self.drop(key)
        del self._round[-most:]

    def _make_room(self) -> None:
        while len(self._held) > self._entries or self._size > self._bytes:
            self.drop(next(iter(self._held)))
            self.evicted += 1
