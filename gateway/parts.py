"""The parts that the composition root joins, as it sees them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import AsyncExitStack
from typing import Final, Protocol

from aiohttp import web

from gateway.adapters.followed_clock import FollowedClock, FollowedDays
from gateway.api.auth import Keyring
from gateway.api.dispatch import Dispatcher
from gateway.api.operators import OperatorAccess
from gateway.api.ops_catalogues import CataloguesApi, Record
from gateway.api.port import Port
from gateway.api.routes import Routes
from gateway.api.server import HttpServer, Room
from gateway.core.call import Answer, Call
from gateway.core.clock import Clock
from gateway.core.connector import Offer
from gateway.core.events import Event, Observer
from gateway.core.facts import FactStore
from gateway.core.feeds import FeedSource
from gateway.core.interventions import InterventionBook
from gateway.core.message import Exchange, Reply
from gateway.core.place import own_place
from gateway.core.quota_memory import QuotaMemory
from gateway.core.steps import Next
from gateway.core.tracing import Tracer
from gateway.dossiers.catalogue import CatalogueKeeper, MemoryCatalogues
from gateway.observe.event_buffer import RequestListener
from gateway.observe.metrics import Metrics
from gateway.pipeline.build import UpstreamRing
from gateway.pipeline.cache.answer_cache import AnswerCache
from gateway.pipeline.cache.cache_key import KeyedHash
from gateway.pipeline.cache.invalidation import InvalidationLog
from gateway.pipeline.cache.store import SharedStore
from gateway.pipeline.operation.rate_limit import CallerRateLimit, MemoryRates, RateStore
from gateway.registry import OperationPlan, Plan
from gateway.settings import ConfigurationError, Listen, Settings

GRACE_S: Final = 15.0
_PORTS: Final = {"listen": "public", "ops": "operator", "inbound.listen": "inbound"}


class Adapter(Protocol):
    """Sends the exchanges of an upstream."""

    @property
    def certificate_ends_at(self) -> float: ...

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def send(self, exchange: Exchange) -> Reply: ...


class OrderLevels(Protocol):
    """How many orders wait, as counted last."""

    @property
    def lanes(self) -> Mapping[tuple[str, ...], float]: ...

    @property
    def oldest_s(self) -> Mapping[tuple[str, ...], float]: ...

    @property
    def overdue(self) -> Mapping[tuple[str, ...], float]: ...


class CacheLink(SharedStore, Protocol):
    """Tells other caches of purges, and hears of theirs into *invalidations*."""

    invalidations: InvalidationLog

    @property
    def hashes(self) -> Sequence[KeyedHash]: ...


class KeptLines(Protocol):
    """The orders of one configuration that a store keeps."""

    def adopt(self) -> None: ...

    async def close(self, heirs: Sequence[object] = ()) -> None: ...

    def keeps(self, item: OperationPlan) -> bool: ...

    def feed(self, item: OperationPlan) -> FeedSource | None: ...

    def step(self, item: OperationPlan, asked: Next[Call, Answer]) -> Next[Call, Answer]: ...


class KeptOrders(Protocol):
    """The orders that are kept in a store, and the record of who looked at whom."""

    @property
    def audit(self) -> RequestListener: ...

    async def open(self, stack: AsyncExitStack) -> None: ...

    def leave(self) -> None: ...

    async def prepare(
        self, settings: Settings, planned: Plan, rings: Mapping[tuple[str, str], UpstreamRing]
    ) -> KeptLines: ...

    def ping(self) -> str | None: ...

    def watched_by(self, metrics: Metrics) -> None: ...

    def traced_by(self, tracer: Tracer) -> None: ...

    @property
    def levels(self) -> OrderLevels: ...

    @property
    def targets(self) -> AbstractSet[str]: ...

    def quotas(self) -> QuotaMemory: ...

    def facts(self) -> FactStore: ...

    def interventions(self, clock: Clock) -> InterventionBook: ...

    def catalogues(self) -> CatalogueKeeper: ...

    def add_ops_routes(self, routes: Routes, access: OperatorAccess) -> None: ...


class OpsRoutes(Protocol):
    """A part that has routes on the operator's port."""

    def add_ops_routes(self, routes: Routes, access: OperatorAccess) -> None: ...


class KeptInbox(Protocol):
    """Keeps what systems push to the province, and gives it to the province's own system."""

    async def open(self, stack: AsyncExitStack) -> None: ...

    async def listen(
        self, stack: AsyncExitStack, metrics: Metrics, leaving: Callable[[], bool] = lambda: False
    ) -> str | None: ...

    def check(self, settings: Settings) -> None: ...

    def adopt(self, settings: Settings, planned: Plan, rings: Mapping[tuple[str, str], UpstreamRing]) -> None: ...

    def add_routes(self, routes: Routes, keys: Keyring, limit: int) -> None: ...

    def add_ops_routes(self, routes: Routes, access: OperatorAccess) -> None: ...


def fan_out(observers: Sequence[Observer]) -> Observer:
    """One observer that passes each event to all of *observers*."""

    def notify(event: Event, /) -> None:
        for observer in observers:
            observer(event)

    return notify


def rate_limit(settings: Settings, clock: Clock, buckets: RateStore | None = None) -> CallerRateLimit:
    """The rates of all callers, and their *buckets*; new ones unless given."""
    rates = {name: caller.rate for name, caller in settings.callers.items() if caller.rate is not None}
    return CallerRateLimit(rates, buckets or MemoryRates(), clock)


async def listen(
    stack: AsyncExitStack,
    server_of: type[HttpServer],
    door: Dispatcher,
    where: Listen,
    key: str,
    metrics: Metrics,
    leaving: Callable[[], bool] = lambda: False,
) -> str:
    """Lets *door* answer at *where* and gives its address; *stack* stops it.

    A worker shares its ports with the others, and answers operators at a socket of its own, for the supervisor.

    Args:
        stack: Stops it.
        server_of: The server below the door.
        door: Answers requests.
        where: The address.
        key: That of *where* in the configuration.
        metrics: Tells of its connections.
        leaving: Whether the gateway has begun to end: then each connection is closed after its answer.

    Raises:
        ConfigurationError: The address can't be had.
    """
    server = server_of(door, door.new_id, room=Room(where.connections, where.silent_connections), leaving=leaving)
    metrics.watch_connections(_PORTS[key], lambda: server.open)
    place = own_place()
    if place is not None and key == "ops":
        runner = web.ServerRunner(server, shutdown_timeout=GRACE_S)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.UnixSite(runner, str(place.ops_socket)).start()
        return f"unix:{place.ops_socket}"
    try:
        port = await Port.open(server, where.host, where.port, shared=place is not None)
    except OSError as error:
        raise ConfigurationError(f"{key}: could not listen on {where.host}:{where.port} ({error.strerror})") from None
    stack.push_async_callback(port.close, GRACE_S)
    return port.url


async def business_clocks(stack: AsyncExitStack, settings: Settings, clock: Clock) -> tuple[Clock, Clock]:
    """The clock of days and time limits, which is *clock*, or on a laptop the mock country's; and the clock of one call
    to a system: the same day, with the time limits of *clock*. *stack* closes them.
    """
    if settings.clock.follow is None:
        return clock, clock
    followed = FollowedClock(clock, settings.clock.follow)
    stack.push_async_callback(followed.close)
    await followed.open()
    return followed, FollowedDays(clock, followed)


async def open_cache(
    stack: AsyncExitStack, settings: Settings, clock: Clock, observer: Observer, news: CacheLink | None = None
) -> AnswerCache:
    """The open cache; *stack* closes it. *news*: where purges reach other workers without Redis."""
    cache = make_cache(settings, clock, observer, news)
    stack.push_async_callback(cache.close)
    await cache.open()
    return cache


def make_cache(settings: Settings, clock: Clock, observer: Observer, news: CacheLink | None = None) -> AnswerCache:
    """The cache, with Redis behind it where configuration has one, or *news* between workers."""
    if news is not None:
        return AnswerCache(
            settings.cache,
            clock=clock,
            observer=observer,
            shared=news,
            invalidations=news.invalidations,
            hashes=news.hashes,
        )
    if settings.cache.redis is None:
        return AnswerCache(settings.cache, clock=clock, observer=observer)
    from gateway.pipeline.cache.shared.redis_store import RedisStore  # its client is loaded only where there is a Redis

    invalidations = InvalidationLog()
    shared = RedisStore(settings.cache.redis, invalidations=invalidations, clock=clock, observer=observer)
    return AnswerCache(
        settings.cache, clock=clock, observer=observer, shared=shared, invalidations=invalidations, hashes=shared.hashes
    )


def catalogues_of(orders: KeptOrders | None) -> CatalogueKeeper:
    """The versions of catalogues: kept in the store, else until the process ends."""
    return MemoryCatalogues() if orders is None else orders.catalogues()


def versioned_lists(
    offers: Sequence[Offer], keeper: CatalogueKeeper, clock: Clock, business: Clock, record: Record
) -> CataloguesApi:
    """The catalogues whose versions an operator sees."""
    listed = {offer.name: offer for offer in offers if offer.operation.versioned}
    return CataloguesApi(listed, keeper, clock, business, record)
