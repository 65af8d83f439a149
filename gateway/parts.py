"""The parts that the composition root joins, as it sees them."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Protocol

from gateway.api.operators import OperatorAccess
from gateway.api.routes import Routes
from gateway.core.call import Answer, Call
from gateway.core.clock import Clock
from gateway.core.connector import Offer
from gateway.core.feeds import FeedSource
from gateway.core.message import Exchange, Reply
from gateway.core.steps import Next
from gateway.observe.event_buffer import EventListener
from gateway.observe.metrics import Metrics
from gateway.pipeline.build import OperationRing
from gateway.pipeline.operation.rate_limit import CallerRateLimit, MemoryRates
from gateway.registry import OperationPlan
from gateway.settings import Settings


class Adapter(Protocol):
    """Sends the exchanges of an upstream."""

    @property
    def certificate_ends_at(self) -> float: ...

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def send(self, exchange: Exchange) -> Reply: ...


class KeptOrders(Protocol):
    """The orders that are kept in a store, and the record of who looked at whom."""

    @property
    def audit(self) -> EventListener: ...

    def keeps(self, item: OperationPlan) -> bool: ...

    def feed(self, item: OperationPlan) -> FeedSource | None: ...

    def step(self, item: OperationPlan, asked: Next[Call, Answer]) -> Next[Call, Answer]: ...

    async def open(self, stack: AsyncExitStack) -> None: ...

    def leave(self) -> None: ...

    def ping(self) -> str | None: ...

    def watched_by(self, metrics: Metrics) -> None: ...

    def add_ops_routes(self, routes: Routes, access: OperatorAccess) -> None: ...


def offer_of(item: OperationPlan, ring: OperationRing, orders: KeptOrders | None) -> Offer:
    """The offer of *item*, which *ring* answers and *orders* tells the events of."""
    feed = None if orders is None else orders.feed(item)
    up = item.upstream.name
    return Offer(
        connector=item.connector, operation=item.operation, upstream=up, run=ring.run, hits=ring.hits, feed=feed
    )


def rate_limit(settings: Settings, clock: Clock) -> CallerRateLimit:
    """The rates of all callers, and their buckets."""
    rates = {name: caller.rate for name, caller in settings.callers.items() if caller.rate is not None}
    return CallerRateLimit(rates, MemoryRates(), clock)
