"""What is kept, found and brought in from the second level, under the law of one operation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from gateway.core.call import Answer, Rendered
from gateway.pipeline.cache.answer_cache import AnswerCache
from gateway.pipeline.cache.cache_key import CacheKey
from gateway.pipeline.cache.invalidation import SKEW_S, Tag
from gateway.pipeline.cache.memory import MemorySettings
from gateway.pipeline.cache.store import Entry
from gateway.pipeline.cache.tiers import TieredStore
from gateway.testing.clock import FakeClock
from tests.gateway.pipeline.cache.entries import entry_of, key_of
from tests.gateway.pipeline.harness import RECORD, World, make_world

FAR: Final = 1e9


@dataclass
class Second:
    """A second level that has one entry, and remembers what it was told."""

    entry: Entry | None = None
    ready: bool = True
    put_: list[Entry] = field(default_factory=list)

    async def get(self, key: CacheKey, until: float) -> Entry | None:
        """What there is."""
        return self.entry

    def put(self, key: CacheKey, entry: Entry) -> None:
        """Remembers."""
        self.put_.append(entry)

    def purge(self, tags: Sequence[Tag], at: float) -> None:
        """Nobody to tell."""

    async def open(self) -> None:
        """Nothing to open."""

    async def close(self) -> None:
        """Nothing to close."""


def shelf_of(second: Second, clock: FakeClock, **law: Any) -> tuple[TieredStore, World]:
    """A shelf with *second* behind it, and a world that makes calls for it."""
    operation = replace(RECORD, **{"fresh_s": 60.0, "stale_s": 600.0, **law})
    caching = AnswerCache(MemorySettings(jitter=0), clock=clock, shared=second)
    return caching.tiers("register", operation), make_world(clock=clock, caching=caching)


async def test_what_is_kept_goes_to_both_levels() -> None:
    """An answer is in memory at once, and left to the second level."""
    clock, second = FakeClock(), Second()
    tiers, world = shelf_of(second, clock)
    answer = Answer(value=Rendered(b"{}", "e"), fetched_at=clock.now())

    note = tiers.keep(key_of(), world.call(), answer, tiers.invalidations.tick(), clock.now().timestamp())

    held = tiers.find(key_of(), clock.monotonic())
    assert (note.stored, note.ttl) == (True, 60.0)
    assert held is not None
    assert second.put_ == [held.entry]
    assert held.entry.keep_until == clock.monotonic() + 660.0


async def test_no_such_record_without_a_life_is_not_kept() -> None:
    """``negative_s: 0`` asks the register each time."""
    clock, second = FakeClock(), Second()
    tiers, world = shelf_of(second, clock, negative_s=0.0)
    answer = Answer(value=None, fetched_at=clock.now())

    note = tiers.keep(key_of(), world.call(), answer, tiers.invalidations.tick(), 0.0)

    assert (note.stored, second.put_, len(tiers.memory)) == (False, [], 0)


async def test_what_another_wrote_lives_no_longer_than_our_law() -> None:
    """An entry that claims to be fresh for a year gets the life that this process gives, counted from its storing."""
    clock = FakeClock()
    second = Second(entry_of(clock, asked_ago=10.0, life=3e7, keep=3e7))
    tiers, _ = shelf_of(second, clock)

    assert await tiers.look_further(key_of(), FAR)
    held = tiers.find(key_of(), clock.monotonic())
    assert held is not None
    assert held.entry.fresh_until == clock.monotonic() + 50.0
    assert held.entry.keep_until == clock.monotonic() + 650.0


async def test_an_older_entry_of_another_does_not_replace_ours() -> None:
    """Only what was asked for later than what is here is brought in."""
    clock = FakeClock()
    second = Second(entry_of(clock, b"old", asked_ago=5.0))
    tiers, world = shelf_of(second, clock)
    answer = Answer(value=Rendered(b"new", "e"), fetched_at=clock.now())
    tiers.keep(key_of(), world.call(), answer, tiers.invalidations.tick(), clock.now().timestamp())

    assert not await tiers.look_further(key_of(), FAR)
    held = tiers.find(key_of(), clock.monotonic())
    assert held is not None
    assert held.entry.value == answer.value


async def test_a_purged_entry_of_another_is_not_brought_in() -> None:
    """A purge is newer than what was stored before it, and than what may have been, by clocks that differ."""
    clock = FakeClock()
    second = Second()
    tiers, world = shelf_of(second, clock)
    tags = tiers.tags_of(world.call("a"))
    tiers.invalidations.add(tags[-1], clock.now().timestamp())
    second.entry = entry_of(clock, tags=tags)

    at_once = await tiers.look_further(key_of(), FAR)
    await clock.advance(SKEW_S + 0.1)
    second.entry = entry_of(clock, tags=tags)
    later = await tiers.look_further(key_of(), FAR)

    assert (at_once, later) == (False, True)


async def test_a_purge_while_redis_is_read_forgets_what_comes_from_it() -> None:
    """The order of an entry from elsewhere is that of the look that brought it, not of its arrival."""
    clock = FakeClock()
    tiers, world = shelf_of(Second(), clock)
    tags = tiers.tags_of(world.call("a"))

    class Slow(Second):
        """A purge comes while it is read."""

        async def get(self, key: CacheKey, until: float) -> Entry | None:
            """What there was."""
            tiers.invalidations.add(tags[-1], clock.now().timestamp() - 2 * SKEW_S)
            return entry_of(clock, tags=tags)

    slow = replace(tiers, shared=Slow())
    await slow.look_further(key_of(), FAR)

    assert slow.find(key_of(), clock.monotonic()) is None
