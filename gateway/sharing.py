"""Joins what gateways of one deployment share, as the configuration says: through Redis, or within one machine."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog

from gateway.core.clock import Clock
from gateway.core.interventions import InterventionBook
from gateway.core.place import WorkerPlace, own_place, process_name
from gateway.observe.metrics import Metrics
from gateway.observe.sharing import watch_link, watch_quota_shares
from gateway.parts import CacheLink, KeptOrders
from gateway.peers.breaker_views import BreakerViews
from gateway.peers.caller_rates import FolderRates, SharedRates
from gateway.peers.folder_ledger import RESERVE, FolderLedger, ReserveLedger, usable
from gateway.peers.quota_shares import QuotaShares
from gateway.peers.remembered_ledger import RememberedLedger
from gateway.pipeline.cache.invalidation import InvalidationLog
from gateway.pipeline.operation.rate_limit import MemoryRates, RateStore
from gateway.pipeline.upstream.daily_quota import DayStore, MemoryDays
from gateway.pipeline.upstream.token import NoShelf, TokenShelf
from gateway.settings import Settings

if TYPE_CHECKING:
    from gateway.peers.facts import Facts  # its cryptography is loaded only where it is used

log = structlog.get_logger("gateway.sharing")
PART: Final = 2 * RESERVE
"""A process takes this part of a day's quota at a time from its machine's file."""


@dataclass(frozen=True, slots=True)
class Sharing:
    """The counts of this process: its own, or those that it shares."""

    days: DayStore = field(default_factory=MemoryDays)
    rates: RateStore = field(default_factory=MemoryRates)
    tokens: TokenShelf = field(default_factory=NoShelf)
    book: InterventionBook | None = None
    """Where operators' orders reach other gateways without a store."""
    cache_news: CacheLink | None = None
    """Where purges reach the other workers without Redis."""
    breakers: BreakerViews | None = None
    """The circuit breakers of the others."""

    ledger: RememberedLedger | None = None
    """The ledger of the day's quotas, which a store may remember."""

    async def open(
        self, stack: AsyncExitStack, settings: Settings, clock: Clock, metrics: Metrics, orders: KeptOrders | None
    ) -> Sharing:
        """Begins to share, once the rings are made; *stack* ends it. Where the store of *orders* remembers the quotas
        and there is no Redis, the breakers of the others are seen through that store.
        """
        if self.ledger is not None and orders is not None:
            stack.push_async_callback(self.ledger.close)
            await self.ledger.open(orders.quotas())
        if isinstance(self.rates, SharedRates):
            stack.push_async_callback(self.rates.close)
            await self.rates.open()
        if isinstance(self.days, QuotaShares):
            days = self.days
            stack.push_async_callback(days.close)
            await days.open()
            watch_quota_shares(metrics, lambda: _by_upstream(days.held()), lambda: dict(days.waits))
        if orders is None or settings.cache.redis is not None:
            return self
        from gateway.peers.facts import Facts  # its cryptography is loaded only where it is used
        from gateway.stores import keys_of  # loaded where there is a store

        return replace(self, breakers=views_of(stack, Facts(orders.facts(), keys_of(settings), clock), clock))


def _by_upstream(held: Mapping[str, int]) -> dict[tuple[str, ...], float]:
    return {tuple(name.split(".", 1)): float(units) for name, units in held.items()}


async def open_sharing(stack: AsyncExitStack, settings: Settings, clock: Clock, metrics: Metrics) -> Sharing:
    """The counts that *settings* let gateways share; *stack* closes the way to them."""
    folder = Path(settings.state_dir) if settings.state_dir else None
    place = own_place()
    if settings.cache.redis is None and place is not None:
        return among_workers(stack, place, folder, clock)
    if settings.cache.redis is None:
        if folder is None:
            return Sharing()
        ledger = RememberedLedger(FolderLedger(folder, alone=True), clock, spare=False)
        return Sharing(days=QuotaShares(ledger, clock, part=PART), ledger=ledger)
    from gateway.peers.facts import Facts
    from gateway.peers.facts_book import FactsBook
    from gateway.peers.redis_facts import RedisFacts  # its client is loaded only where there is a Redis
    from gateway.peers.redis_ledger import RedisLedger
    from gateway.peers.redis_link import RedisLink

    link = RedisLink(settings.cache.redis, clock)
    stack.push_async_callback(link.close)
    await link.open()
    watch_link(metrics, lambda: link.up)
    root = RedisLedger(link)
    if folder is not None and not await asyncio.to_thread(usable, folder):
        log.warning("the state folder can't be written: shares of the day's quotas are not remembered over a restart")
        folder = None
    ledger = RememberedLedger(root, clock, spare=True)
    reserve = ReserveLedger(folder, ledger)
    stack.push_async_callback(reserve.close)
    sealing = [secret.get_secret_value() for secret in (settings.cache.redis.key, *settings.cache.redis.previous_keys)]
    facts = Facts(RedisFacts(link), sealing, clock)
    return Sharing(
        days=QuotaShares(reserve, clock, part=PART),
        rates=SharedRates(root, clock),
        tokens=shelf_of(stack, facts, clock),
        book=FactsBook(facts, clock),
        breakers=views_of(stack, facts, clock),
        ledger=ledger,
    )


def views_of(stack: AsyncExitStack, facts: Facts, clock: Clock) -> BreakerViews:
    """Where the breakers of the others are seen; *stack* lets them forget this process."""
    place = own_place()
    slot = None if place is None else place.slot
    views = BreakerViews(facts, clock, key=secrets.token_hex(8), instance=process_name(), worker=slot)
    stack.push_async_callback(views.leave)
    return views


def shelf_of(stack: AsyncExitStack, facts: Facts, clock: Clock) -> TokenShelf:
    """Where tokens are shared; *stack* closes it."""
    from gateway.peers.shared_tokens import SharedTokens

    shelf = SharedTokens(facts, clock)
    stack.push_async_callback(shelf.close)
    return shelf


def among_workers(stack: AsyncExitStack, place: WorkerPlace, folder: Path | None, clock: Clock) -> Sharing:
    """The sharing of a machine's workers without Redis, in files: quotas in the state *folder*, which outlives them."""
    from gateway.peers.cache_news import CacheNews  # its cryptography is loaded only where it is used
    from gateway.peers.facts import Facts, FolderFacts
    from gateway.peers.facts_book import FactsBook

    facts = Facts(FolderFacts(place.folder), [place.secret], clock)
    ledger = RememberedLedger(FolderLedger(folder or place.folder), clock, spare=False)
    return Sharing(
        days=QuotaShares(ledger, clock, part=PART),
        rates=SharedRates(FolderRates(place.folder), clock),
        tokens=shelf_of(stack, facts, clock),
        book=FactsBook(facts, clock),
        cache_news=CacheNews(facts, InvalidationLog(), clock),
        breakers=views_of(stack, facts, clock),
        ledger=ledger,
    )
