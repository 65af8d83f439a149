"""A world whose records are kept, and what an answer shows of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gateway.api.response import cache_status
from gateway.core.call import Answer
from gateway.core.message import Exchange, Outcome, Reply, ReplyKind
from gateway.pipeline.cache.answer_cache import AnswerCache
from gateway.pipeline.cache.memory import MemorySettings
from gateway.testing.clock import FakeClock
from tests.gateway.pipeline.harness import World
from tests.gateway.pipeline.scripted import Deed, ScriptedUpstream

Worlds = Callable[..., World]


def kept(
    worlds: Worlds, *deeds: Deed, always: Deed | None = None, more: Mapping[str, Any] | None = None, **law: Any
) -> World:
    """A world whose records are kept by *law*, for exactly so long; *more* goes to the world."""
    clock = FakeClock()
    caching = AnswerCache(MemorySettings(jitter=0), clock=clock)
    upstream = ScriptedUpstream(*deeds, always=always, clock=clock)
    return worlds(upstream, operation={"fresh_s": 60.0, **law}, caching=caching, **(more or {}))


def shown(answer: Answer) -> tuple[str, str]:
    """``meta.freshness`` and ``Cache-Status``."""
    assert answer.cache is not None
    return answer.freshness, cache_status(answer.cache)


def no_record(_: Exchange, reply: Reply) -> Outcome:
    """404 is their "no such record"."""
    return ReplyKind.NO_RECORD if reply.status == 404 else None
