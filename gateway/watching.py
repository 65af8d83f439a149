"""Lets the metrics read what the parts of a running gateway know."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

from gateway.core.clock import Clock
from gateway.observe.health import Board
from gateway.observe.metrics import Metrics
from gateway.parts import Adapter
from gateway.pipeline.build import UpstreamRing
from gateway.pipeline.cache.answer_cache import AnswerCache
from gateway.pipeline.upstream.daily_quota import UpstreamQuota
from gateway.registry import Plan

STALL_EVERY_S: Final = 0.05


def watch(metrics: Metrics, board: Board, cache: AnswerCache) -> None:
    """Lets *metrics* tell how each upstream is, and how full the cache is."""
    metrics.watch_upstreams(board.all)
    memory = cache.memory
    metrics.watch_cache(memory.__len__, lambda: memory.size, lambda: memory.evicted)


def watch_upstreams(
    metrics: Metrics,
    planned: Plan,
    rings: Mapping[tuple[str, str], UpstreamRing],
    adapters: Mapping[tuple[str, str], Adapter],
) -> None:
    """Lets *metrics* tell what is under way at each upstream of a configuration."""
    metrics.expect(
        [(item.connector.name, item.operation.name) for item in planned.operations],
        [(up.connector, up.name) for up in planned.upstreams],
    )
    for names, ring in rings.items():
        metrics.upstreams.watch_bulkhead(names, ring.bulkhead.in_use, ring.bulkhead.waiting)
        if ring.quota is not None:
            metrics.upstreams.watch_quota(names, partial(_left, ring.quota), partial(_per_day, ring.quota))
        else:
            metrics.upstreams.forget_quota(names)
        if ring.token is not None:
            metrics.upstreams.watch_token(names, ring.token.age_s)
        metrics.upstreams.watch_certificate(names, partial(_ends_at, adapters[names]))


def _left(quota: UpstreamQuota) -> int:
    return quota.remaining


def _per_day(quota: UpstreamQuota) -> int:
    return quota.per_day


def _ends_at(adapter: Adapter) -> float:
    return adapter.certificate_ends_at


async def watch_loop(metrics: Metrics, clock: Clock) -> None:
    """Notes, twenty times a second and until cancelled, by how much the event loop was late."""
    while True:
        before = clock.monotonic()
        await clock.sleep(STALL_EVERY_S)
        late = clock.monotonic() - before - STALL_EVERY_S
        metrics.stalls.observe(max(0.0, late))
