"""The offers of a deployment: each planned operation with the ring that answers it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gateway.core.call import Answer, Call
from gateway.core.clock import Clock
from gateway.core.connector import Offer
from gateway.core.events import Observer
from gateway.core.steps import Next, compose
from gateway.core.upstream import Officer
from gateway.parts import KeptLines, rate_limit
from gateway.pipeline.build import OperationParts, OperationRing, UpstreamRing, operation_ring
from gateway.pipeline.cache.answer_cache import AnswerCache
from gateway.pipeline.operation.call_connector import CallConnector
from gateway.pipeline.operation.choose_upstream import ChooseUpstream, UnknownUpstream, slug_of
from gateway.pipeline.operation.idempotency import IdempotencyKeys
from gateway.pipeline.operation.look_up import SubjectHash
from gateway.pipeline.operation.rate_limit import CallerRateLimit
from gateway.registry import OperationPlan, Plan
from gateway.rights import officers
from gateway.settings import Settings
from gateway.subjects import subject_hash


def make_offers(
    settings: Settings,
    planned: Plan,
    rings: Mapping[tuple[str, str], UpstreamRing],
    cache: AnswerCache,
    idempotency_keys: IdempotencyKeys,
    clocks: tuple[Clock, Clock],
    observer: Observer,
    limit: CallerRateLimit | None = None,
    *,
    orders: KeptLines | None = None,
) -> list[Offer]:
    """An offer for each planned operation; those that *orders* keeps are accepted and sent later.

    *clocks*: the machine's, and that of the days of a call to a system.
    """
    clock, _ = clocks
    limit = limit or rate_limit(settings, clock)
    bench = _Bench(
        rings, cache, idempotency_keys, clocks, observer, limit, orders, officers(settings), subject_hash(settings)
    )
    offers = []
    for group in planned.by_operation():
        if group[0].operation.upstream_from is None:
            offers.append(offer_of(group[0], bench.answered(group[0]), orders))
        else:
            present = [slug_of(up.name) for up in planned.upstreams if up.connector == group[0].connector.name]
            offers.append(bench.choice(group, present))
    return offers


@dataclass(frozen=True, slots=True)
class _Bench:
    """All that the rings of operations are made of."""

    rings: Mapping[tuple[str, str], UpstreamRing]
    cache: AnswerCache
    idempotency_keys: IdempotencyKeys
    clocks: tuple[Clock, Clock]
    observer: Observer
    limit: CallerRateLimit
    orders: KeptLines | None
    officer_of: Callable[[Call], Officer | None]
    subjects: SubjectHash

    def answered(self, item: OperationPlan) -> OperationRing:
        """The ring of *item*, around its source or around the store."""
        up, (clock, days) = item.upstream, self.clocks
        upstream = self.rings[up.connector, up.name]
        asked = CallConnector(
            item.binding,
            up.settings,
            upstream.run,
            clock,
            self.officer_of,
            upstream.untranslatable,
            self.observer,
            up.name,
            days,
        )
        orders = self.orders
        if orders is None:
            return self._ring(item, asked, durable=False)
        return self._ring(item, orders.step(item, asked), durable=orders.keeps(item))

    def choice(self, group: Sequence[OperationPlan], present: Sequence[str]) -> Offer:
        """The offer of an operation whose path names the upstream, one of *present*."""
        first = group[0]
        field = first.operation.upstream_from
        assert field is not None, "its path names the upstream"
        rings = {slug_of(item.upstream.name): self.answered(item).run for item in group}
        nowhere = self._ring(first, UnknownUpstream(field, tuple(rings), present), durable=True)
        return Offer(
            connector=first.connector,
            operation=first.operation,
            upstream=", ".join(item.upstream.name for item in group),
            run=compose([ChooseUpstream(field, rings)], nowhere.run),
        )

    def _ring(self, item: OperationPlan, source: Next[Call, Answer], *, durable: bool) -> OperationRing:
        up = item.upstream
        parts = OperationParts(
            connector=item.connector.name,
            operation=item.operation,
            source=source,
            durable=durable,
            cache=self.cache,
            clock=self.clocks[0],
            observer=self.observer,
            rates=self.limit.rates,
            buckets=self.limit.store,
            idempotency_keys=self.idempotency_keys,
            keyed_writes=up.dialect.keyed_writes,
            known_again=up.dialect.known_again,
            subjects=self.subjects,
            recorded=self.orders is not None,
            scarce=self.rings[up.connector, up.name].scarce,
        )
        return operation_ring(parts)


def offer_of(item: OperationPlan, ring: OperationRing, orders: KeptLines | None) -> Offer:
    """The offer of *item*, which *ring* answers and *orders* tells the events of."""
    feed = None if orders is None else orders.feed(item)
    up = item.upstream.name
    return Offer(
        connector=item.connector, operation=item.operation, upstream=up, run=ring.run, hits=ring.hits, feed=feed
    )
