"""Stores the answers of one operation in both levels, under its law."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import partial
from typing import Final

from msgspec.structs import replace

from gateway.core.call import Answer, CacheNote, Call
from gateway.core.canonical import Content
from gateway.core.clock import Clock
from gateway.pipeline.cache.cache_key import CacheKey
from gateway.pipeline.cache.freshness import LONG_S, Law
from gateway.pipeline.cache.invalidation import SKEW_S, InvalidationLog, Tag, Tagger
from gateway.pipeline.cache.memory import Memory, MemoryEntry
from gateway.pipeline.cache.store import Entry, SharedStore

ROUNDING_S: Final = 0.002
"""Instants travel in whole milliseconds."""


def jittered(life: float, part: float, dice: random.Random) -> float:
    """*life* shortened at random by at most its *part*, so that what was stored together does not end together.

    Never longer, because the time for which an answer is fresh is a promise. Short lives are not changed.
    """
    return life * (1.0 - part * dice.random()) if life >= LONG_S else life


@dataclass(frozen=True, slots=True, kw_only=True)
class TieredStore:
    """Keeps and finds answers of one operation."""

    law: Law
    memory: Memory
    shared: SharedStore
    invalidations: InvalidationLog
    tagger: Tagger
    common_tags: tuple[Tag, ...]
    subject_fields: tuple[str, ...]
    """Attributes of a query that identify its subject."""
    clock: Clock
    jitter: float
    dice: random.Random

    def tags_of(self, call: Call) -> tuple[Tag, ...]:
        """All tags of an answer to *call*."""
        return (*self.common_tags, *self.tagger.subjects_of(call, self.subject_fields))

    def find(self, key: CacheKey, now: float) -> MemoryEntry | None:
        """The entry, if it can still be used; a purged or expired entry is dropped."""
        held = self.memory.get(key)
        if held is None:
            return None
        if held.version != self.invalidations.version:
            entry = held.entry
            if not self.invalidations.is_current(entry.tags, entry.order) or self._renewed_elsewhere(key, entry):
                self.memory.drop(key)
                return None
            held.version = self.invalidations.version
        if now >= held.keep_until:
            self.memory.drop(key)
            return None
        return held

    def keep(self, key: CacheKey, call: Call, answer: Answer, order: int, asked_at: float) -> CacheNote:
        """Keeps *answer* to a question that began at *order*, unless it was purged meanwhile, and says so."""
        assert not isinstance(answer.value, Content)
        found = answer.value is not None
        life = jittered(self.law.life(found=found), self.jitter, self.dice)
        tags = self.tags_of(call)
        if life <= 0 or not self.invalidations.is_current(tags, order):
            return CacheNote("miss")
        now = self.clock.monotonic()
        entry = Entry(
            value=answer.value,
            fetched_at=answer.fetched_at,
            asked_at=asked_at,
            order=order,
            stored_at=now,
            fresh_until=now + life,
            keep_until=now + life + self.law.keep(found=found),
            tags=tags,
        )
        held = self.memory.put(key, entry)
        if held is None:
            return CacheNote("miss")
        held.version = self.invalidations.version
        self.shared.put(key, entry)
        return CacheNote("miss", ttl=life, stored=True)

    async def look_further(self, key: CacheKey, until: float) -> bool:
        """Copies the entry of the second level, if it is newer than the one here; returns whether it did."""
        order = self.invalidations.tick()
        entry = await self.shared.get(key, until)
        if entry is None or not self.invalidations.is_current_elsewhere(entry.tags, entry.asked_at):
            return False
        if entry.asked_at + ROUNDING_S < self.invalidations.renewal(partial(self._names, key)).at:
            return False
        held = self.find(key, self.clock.monotonic())
        if held is not None and held.entry.asked_at >= entry.asked_at:
            return False
        return self.memory.put(key, self._lawful(replace(entry, order=order))) is not None

    def tell_renewed(self, key: CacheKey, asked_at: float) -> None:
        """Tells other gateways that a caller wanted the answer of *key* anew: what they hold of it is outdated."""
        self.shared.renewed(key, asked_at)

    def _names(self, key: CacheKey) -> list[bytes]:
        return [hashes.of("entry", key) for hashes in self.tagger.hashes]

    def _renewed_elsewhere(self, key: CacheKey, entry: Entry) -> bool:
        """Whether another gateway has a newer answer than *entry*, which was here before the news of it."""
        renewal = self.invalidations.renewal(partial(self._names, key))
        return entry.order < renewal.order and entry.asked_at < renewal.at + SKEW_S

    def _lawful(self, entry: Entry) -> Entry:
        """*entry* with a life no longer than this process's law allows, whatever another gateway has written."""
        found = entry.value is not None
        fresh_until = min(entry.fresh_until, entry.stored_at + self.law.life(found=found))
        keep_until = min(entry.keep_until, fresh_until + self.law.keep(found=found))
        return replace(entry, fresh_until=fresh_until, keep_until=keep_until)
