"""The first level of the cache: entries in this process, bounded by number and bytes, least recently used out first."""

from __future__ import annotations

import struct
from collections import OrderedDict
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from pydantic import Field

from gateway.core.call import EncodedHit
from gateway.core.settings import Frozen
from gateway.pipeline.cache.cache_key import CacheKey
from gateway.pipeline.cache.invalidation import TAG_BYTES, Tag
from gateway.pipeline.cache.store import Entry, size_of

LARGEST_PART: Final = 8
"""An entry that would take more than this part of the bytes is not kept: it would push out too many others."""
_LIFE: Final = struct.Struct("=3d")
_KEPT: Final = struct.Struct("=16xd")
"""The last of :data:`_LIFE` alone, for the sweep, which looks at thousands of entries."""
_NUMBERS: Final = struct.Struct("=5dq")
"""Of an entry: those of :data:`_LIFE`, when it was asked, when fetched (both of the wall clock), its order."""
_LENGTH: Final = bytes([TAG_BYTES])
_NOT_RESTING: Final = float("-inf")


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

    Many are kept, so its numbers and tags are packed into one string of bytes: each float by itself would take 32 bytes
    and a reference.

    *value*: the answer; None: the register has no such record.
    *encoded*: bytes that replay it, once they were made; they count in :attr:`Memory.size` and go with the entry.
    *version*: the version of the invalidation log for which the entry was found current.
    """

    __slots__ = ("_packed", "encoded", "hits", "resting_until", "value", "version")

    def __init__(self, entry: Entry) -> None:
        self.value = entry.value
        life = (entry.stored_at, entry.fresh_until, entry.keep_until)
        numbers = _NUMBERS.pack(*life, entry.asked_at, entry.fetched_at.timestamp(), entry.order)
        self._packed = _with_tags(numbers, entry.tags)
        self.hits = 0
        self.resting_until = _NOT_RESTING
        self.version = -1
        self.encoded: EncodedHit | None = None

    @property
    def entry(self) -> Entry:
        """The entry as it was stored."""
        stored_at, fresh_until, keep_until, asked_at, fetched_at, order = _NUMBERS.unpack_from(self._packed)
        return Entry(
            value=self.value,
            fetched_at=datetime.fromtimestamp(fetched_at, UTC),
            asked_at=asked_at,
            order=order,
            stored_at=stored_at,
            fresh_until=fresh_until,
            keep_until=keep_until,
            tags=tuple(self._tags()),
        )

    @property
    def life(self) -> tuple[float, float, float]:
        """When it was stored, until when it is fresh, and until when it is kept; monotonic seconds."""
        return _LIFE.unpack_from(self._packed)

    @property
    def keep_until(self) -> float:
        """The last of :attr:`life`."""
        found: float = _KEPT.unpack_from(self._packed)[0]
        return found

    @property
    def fetched_at(self) -> datetime:
        """When the source gave it, UTC."""
        return datetime.fromtimestamp(_NUMBERS.unpack_from(self._packed)[4], UTC)

    @property
    def size(self) -> int:
        """As :attr:`gateway.pipeline.cache.store.Entry.size`."""
        return size_of(self.value)

    def _tags(self) -> Iterator[Tag]:
        packed, at = self._packed, _NUMBERS.size
        while at < len(packed):
            end = at + 1 + packed[at]
            yield Tag(packed[at + 1 : end])
            at = end


def _with_tags(numbers: bytes, tags: tuple[Tag, ...]) -> bytes:
    """*numbers*, and behind them each tag behind its length."""
    for tag in tags:
        if len(tag) != TAG_BYTES:
            return b"".join([numbers, *[b"%c%b" % (len(one), one) for one in tags]])
    return _LENGTH.join((numbers, *tags))


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

    def resize(self, settings: MemorySettings) -> None:
        """Keeps as much as *settings* allow from now on; the least recently used leave first."""
        self._entries, self._bytes = settings.entries, settings.data_bytes
        self._make_room()

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
            self._size -= held.size + len(key)
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
            if held is not None and now >= held.keep_until:
                self.drop(key)
        del self._round[-most:]

    def _make_room(self) -> None:
        while len(self._held) > self._entries or self._size > self._bytes:
            self.drop(next(iter(self._held)))
            self.evicted += 1
