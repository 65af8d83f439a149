"""Answers that are still true: a bounded memory of rendered answers, least recently used out first."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace

from gateway.core.clock import Clock
from gateway.core.events import CacheAsked, Observer
from gateway.core.operation import Answer, CacheNote, CacheWish, Call, Rendered
from gateway.core.problems import NotCached
from gateway.core.steps import Next


@dataclass(frozen=True, slots=True)
class CacheKey:
    """What makes two calls the same question; it can't be built without operation, query, view and purpose class."""

    connector: str
    operation: str
    query: bytes
    view: str
    personal: bool

    @classmethod
    def of(cls, call: Call) -> CacheKey:
        query = call.query.__pydantic_serializer__.to_json(call.query)
        return cls(call.connector, call.operation.name, query, call.view, call.operation.needs_purpose())


@dataclass(frozen=True, slots=True)
class Entry:
    """A kept answer. Monotonic seconds."""

    answer: Answer
    stored_at: float
    fresh_until: float
    size: int


class Memory:
    """Entries by key, bounded by number and by bytes of rendered data."""

    def __init__(self, *, entries: int = 100_000, data_bytes: int = 64 * 1024 * 1024) -> None:
        self._entries = entries
        self._bytes = data_bytes
        self._held: OrderedDict[CacheKey, Entry] = OrderedDict()
        self._size = 0

    def __len__(self) -> int:
        return len(self._held)

    def get(self, key: CacheKey) -> Entry | None:
        found = self._held.get(key)
        if found is not None:
            self._held.move_to_end(key)
        return found

    def put(self, key: CacheKey, entry: Entry) -> None:
        old = self._held.pop(key, None)
        self._size += entry.size - (old.size if old else 0)
        self._held[key] = entry
        while self._held and (len(self._held) > self._entries or self._size > self._bytes):
            _, dropped = self._held.popitem(last=False)
            self._size -= dropped.size


class Caching:
    """What the rings of all operations share: the memory, and what must be closed."""

    def __init__(self, *, entries: int, data_bytes: int) -> None:
        self.memory = Memory(entries=entries, data_bytes=data_bytes)

    async def close(self) -> None:
        """Ends what runs in the background."""


def is_fresh(entry: Entry, now: float, wish: CacheWish) -> bool:
    """Whether *entry* answers a call with *wish* (RFC 9111 section 4.2)."""
    if wish.no_cache or now >= entry.fresh_until:
        return False
    return wish.max_age is None or now - entry.stored_at <= wish.max_age


@dataclass(frozen=True, slots=True)
class Cache:
    """The cache step: only reads whose operation has a freshness are kept, and never a file or an error."""

    memory: Memory
    clock: Clock
    observer: Observer

    async def __call__(self, proceed: Next[Call, Answer], call: Call) -> Answer:
        operation = call.operation
        if operation.effect != "read" or operation.fresh_s <= 0 or operation.streams():
            if call.cache.only_if_cached:
                raise NotCached
            return replace(await proceed(call), cache=CacheNote("bypass"))
        key = CacheKey.of(call)
        now = self.clock.monotonic()
        entry = self.memory.get(key)
        if entry is not None and is_fresh(entry, now, call.cache):
            age = now - entry.stored_at
            self.observer(CacheAsked(call.connector, operation.name, "hit", age))
            note = CacheNote("hit", ttl=entry.fresh_until - now)
            return replace(entry.answer, freshness="cached", age=age, cache=note)
        self.observer(CacheAsked(call.connector, operation.name, "miss", 0.0))
        if call.cache.only_if_cached:
            raise NotCached
        answer = await proceed(call)
        life = operation.fresh_s if answer.value is not None else min(operation.negative_s, operation.fresh_s)
        now = self.clock.monotonic()
        size = len(answer.value.data) if isinstance(answer.value, Rendered) else 0
        self.memory.put(key, Entry(answer, now, now + life, size + len(key.query) + 512))
        return replace(answer, cache=CacheNote("miss", ttl=life, stored=True))
