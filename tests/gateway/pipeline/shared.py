"""Gateways that share a Redis, each with rings, cache and source of its own, on one clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from gateway.core.events import Event, SharedCacheUsed
from gateway.pipeline.cache.answer_cache import AnswerCache
from gateway.pipeline.cache.invalidation import InvalidationLog
from gateway.pipeline.cache.memory import MemorySettings
from gateway.pipeline.cache.shared.redis_settings import RedisSettings
from gateway.pipeline.cache.shared.redis_store import RedisStore
from gateway.testing.clock import FakeClock
from tests.gateway.pipeline.harness import World, make_world
from tests.gateway.pipeline.scripted import Deed, ScriptedUpstream

Members: TypeAlias = "Callable[..., Member]"
KEY: Final = "the secret that the gateways of these tests share"


@dataclass(frozen=True, slots=True)
class Member:
    """One gateway of several. Its background task does not run: ``await member.store.turn()`` is one turn of it."""

    world: World
    store: RedisStore
    shared_events: list[Event]

    @property
    def asked(self) -> int:
        """How many exchanges its source saw."""
        return self.world.upstream.count

    def used(self) -> Counter[str]:
        """How the shared cache was used, by result."""
        found: Counter[str] = Counter()
        for event in self.shared_events:
            if isinstance(event, SharedCacheUsed):
                found[event.result] += event.count
        return found

    async def close(self) -> None:
        """Ends it."""
        await self.world.close()


def make_member(
    url: str,
    clock: FakeClock,
    *deeds: Deed,
    always: Deed | None = None,
    operation: Mapping[str, Any] | None = None,
    **settings: Any,
) -> Member:
    """A gateway on the Redis at *url*; answers are fresh for a minute unless *operation* says otherwise."""
    invalidations, events = InvalidationLog(), list[Event]()
    found = RedisSettings.model_validate({"url": url, "key": KEY, **settings})
    store = RedisStore(found, invalidations=invalidations, clock=clock, observer=events.append)
    caching = AnswerCache(
        MemorySettings(jitter=0),
        clock=clock,
        observer=events.append,
        shared=store,
        invalidations=invalidations,
        hashes=store.hashes,
    )
    world = make_world(
        ScriptedUpstream(*deeds, always=always, clock=clock),
        operation={"fresh_s": 60.0, **(operation or {})},
        caching=caching,
    )
    return Member(world, store, events)


async def together(*gateways: Member) -> None:
    """One turn of each gateway's background task, in this order."""
    for gateway in gateways:
        await gateway.store.turn()
