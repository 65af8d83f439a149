"""The composition root: builds clock, stores, adapters, rings and routes, and owns every lifetime."""

from __future__ import annotations

import asyncio
import importlib.metadata
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import structlog

from gateway.adapters.client_credentials import road_login
from gateway.adapters.errors import BundleError
from gateway.adapters.in_flight import InFlight
from gateway.adapters.rest import RestAdapter
from gateway.api.auth import Keyring
from gateway.api.batch import BatchHandler
from gateway.api.catalogue import Catalogue
from gateway.api.dispatch import Charge, Dispatcher
from gateway.api.docs import asset_handlers, docs_handler, openapi_handler, problem_page
from gateway.api.events import EventsHandler
from gateway.api.openapi import describe
from gateway.api.operations import OperationHandler
from gateway.api.ops import ops_routes
from gateway.api.ops_catalogues import CataloguesApi
from gateway.api.replay import HitReplay
from gateway.api.request_ids import RequestStamps
from gateway.api.routes import Routes
from gateway.api.server import HttpServer
from gateway.core.clock import Clock, SystemClock
from gateway.core.connector import Offer
from gateway.core.events import DriftSeen, Observer
from gateway.observe.event_buffer import EventBuffer, EventListener
from gateway.observe.health import Board
from gateway.observe.logs import RequestLog
from gateway.observe.metrics import Metrics
from gateway.offers import make_offers
from gateway.parts import (
    GRACE_S,
    Adapter,
    KeptInbox,
    KeptOrders,
    business_clocks,
    fan_out,
    listen,
    open_cache,
    rate_limit,
    versioned_lists,
)
from gateway.pipeline.build import (
    UpstreamParts,
    UpstreamRing,
    upstream_ring,
)
from gateway.pipeline.operation.idempotency import IdempotencyKeys
from gateway.pipeline.upstream.daily_quota import DayStore, MemoryDays
from gateway.pipeline.upstream.token import Tokens
from gateway.registry import Plan, UpstreamPlan, plan
from gateway.rights import keyring, operators
from gateway.settings import ConfigurationError, Settings, fingerprint
from gateway.watching import watch, watch_loop

VERSION: Final = importlib.metadata.version("lgsp-gateway")
CONTRACTS: Final = Path(__file__).resolve().parents[1] / "contracts"
log = structlog.get_logger("gateway.app")


@dataclass(frozen=True, slots=True)
class Gateway:
    """A running gateway and where it listens."""

    url: str
    ops_url: str
    plan: Plan
    inbound_url: str | None = None
    """Where systems push to it; None where the configuration opens no port for them."""


@asynccontextmanager
async def running(
    settings: Settings,
    *,
    clock: Clock | None = None,
    request_log: EventListener | None = None,
    log_lines_lost: Callable[[], int] = lambda: 0,
) -> AsyncIterator[Gateway]:
    """A gateway for *settings*, ready when entered, drained when left.

    Args:
        settings: The deployment.
        clock: The machine's, unless a test brings its own.
        request_log: Receives each request; by default a structlog line for each.
        log_lines_lost: Says how many lines of the log were lost, for the metrics.

    Raises:
        ConfigurationError: The gateway can't start as configured; everything that was opened is closed.
    """
    clock = clock or SystemClock()
    planned = plan(settings)
    metrics = Metrics(VERSION, fingerprint(settings))
    metrics.watch_log(log_lines_lost)
    board = Board(((up.connector, up.name) for up in planned.upstreams), clock)
    counted = EventBuffer([metrics, request_log or RequestLog()])
    of_exchanges = fan_out([board, counted])  # only they concern the board
    exposition = partial(_exposition, counted, metrics)
    async with AsyncExitStack() as stack:
        stack.callback(counted.flush)
        adapters = await open_adapters(stack, settings, planned, metrics, counted)
        rings = make_rings(stack, planned, adapters, clock, of_exchanges)
        cache = await open_cache(stack, settings, clock, counted)
        watch(metrics, board, planned, rings, adapters, cache)
        stack.push_async_callback((known := IdempotencyKeys()).close, GRACE_S)
        limit = rate_limit(settings, clock)
        business, days = await business_clocks(stack, settings, clock)
        orders, inbox = await open_orders(stack, settings, planned, rings, clock, business, metrics, counted)
        offers = make_offers(settings, planned, rings, cache, known, (clock, days), counted, limit, orders=orders)
        keys = keyring(settings, offers)
        door, catalogue = make_door(planned, offers, keys, board, clock, counted, limit.charge, inbox)
        leaving = _Leaving()
        more = (inbox, versioned_lists(offers, orders, clock, business))
        ops_door = make_ops_door(settings, planned, catalogue, leaving, exposition, clock, board, orders, more=more)
        gateway = await open_ports(stack, settings, planned, ops_door, door, inbox, metrics)
        await begin_orders(stack, orders, inbox)
        stack.callback(leaving.begin)
        stack.push_async_callback(_cancel, asyncio.create_task(watch_loop(metrics, clock), name="event loop stalls"))
        yield gateway


def _exposition(counted: EventBuffer, metrics: Metrics, accept: str) -> tuple[bytes, str]:
    """The metrics, after all events that came before they were asked for."""
    counted.flush()
    return metrics.exposition(accept)


async def open_ports(
    stack: AsyncExitStack,
    settings: Settings,
    planned: Plan,
    ops_door: Dispatcher,
    door: Dispatcher,
    inbox: KeptInbox | None,
    metrics: Metrics,
) -> Gateway:
    """Lets each door answer at its address; *stack* stops them."""
    ops_url = await listen(stack, HttpServer, ops_door, settings.ops, "ops", metrics)
    url = await listen(stack, HttpServer, door, settings.listen, "listen", metrics)
    inbound_url = None if inbox is None else await inbox.listen(stack, metrics)
    return Gateway(url, ops_url, planned, inbound_url)


@dataclass(slots=True)
class _Leaving:
    begun: bool = False

    def begin(self) -> None:
        self.begun = True

    def ping(self) -> str | None:
        return "leaving" if self.begun else None


def make_adapter(up: UpstreamPlan, contracts: Path, room: InFlight, observer: Observer) -> Adapter:
    """The adapter that the dialect of *up* needs."""
    on_drift = partial(observer, DriftSeen(up.connector, up.name, "request_hash"))
    if up.dialect.adapter == "rest":
        return RestAdapter(up.settings, room=room, on_drift=on_drift)
    from gateway.adapters.soap.adapter import SoapAdapter  # zeep is loaded only where SOAP is spoken

    assert up.dialect.wsdl is not None
    account = up.dialect.username_token
    token = account(up.settings) if account is not None else None
    return SoapAdapter(up.settings, contracts / up.dialect.wsdl, room=room, token=token, on_drift=on_drift)


async def open_adapters(
    stack: AsyncExitStack, settings: Settings, planned: Plan, metrics: Metrics, observer: Observer
) -> dict[tuple[str, str], Adapter]:
    """An open adapter for each upstream, all with one room for their answers; *stack* closes them."""
    room = InFlight(settings.answers.in_flight_bytes)
    stack.callback(room.close)
    metrics.watch_answer_bytes(lambda: room.used)
    contracts = Path(settings.contracts) if settings.contracts else CONTRACTS
    adapters = {(up.connector, up.name): make_adapter(up, contracts, room, observer) for up in planned.upstreams}
    for adapter in adapters.values():
        stack.push_async_callback(adapter.close)
    # All are waited for, so that none opens after *stack* has closed it.
    ended = await asyncio.gather(*(adapter.open() for adapter in adapters.values()), return_exceptions=True)
    for error in ended:
        if isinstance(error, BundleError):
            raise ConfigurationError(str(error)) from error
        if error is not None:
            raise error
    return adapters


def make_rings(
    stack: AsyncExitStack,
    planned: Plan,
    adapters: Mapping[tuple[str, str], Adapter],
    clock: Clock,
    observer: Observer,
) -> dict[tuple[str, str], UpstreamRing]:
    """The ring of each upstream; tokens and the day's quotas are shared, and *stack* closes all."""
    tokens, days = Tokens(), MemoryDays()
    stack.push_async_callback(tokens.close)
    rings = {}
    for up in planned.upstreams:
        names = (up.connector, up.name)
        rings[names] = make_ring(up, adapters[names], tokens, days, clock, observer)
        stack.push_async_callback(rings[names].close)
    return rings


def make_ring(
    up: UpstreamPlan, adapter: Adapter, tokens: Tokens, days: DayStore, clock: Clock, observer: Observer
) -> UpstreamRing:
    """The ring around *adapter*; a dialect's own login goes before the road's."""
    return upstream_ring(
        UpstreamParts(
            connector=up.connector,
            upstream=up.name,
            settings=up.settings,
            policies=up.policies,
            send=adapter.send,
            classify=up.dialect.classify,
            login=up.dialect.login or road_login(up.settings),
            clock=clock,
            observer=observer,
            keyed_writes=up.dialect.keyed_writes,
            tokens=tokens,
            days=days,
        )
    )


async def open_orders(
    stack: AsyncExitStack,
    settings: Settings,
    planned: Plan,
    rings: Mapping[tuple[str, str], UpstreamRing],
    clock: Clock,
    business: Clock,
    metrics: Metrics,
    counted: EventBuffer,
) -> tuple[KeptOrders | None, KeptInbox | None]:
    """The orders and the inbox of a deployment with a store; *stack* closes it."""
    if settings.store is None:
        return None, None
    from gateway.inbound import InboxOffice  # PostgreSQL's client is loaded only where there is a store
    from gateway.orders import open_office

    office = await open_office(stack, settings, planned, rings, clock, business)
    office.watched_by(metrics)
    counted.add(office.audit)
    inbox = InboxOffice(settings, office, planned, rings, clock, counted)
    inbox.watched_by(metrics)
    stack.callback(counted.flush)  # before the record of look-ups ends
    return office, inbox


async def begin_orders(stack: AsyncExitStack, orders: KeptOrders | None, inbox: KeptInbox | None) -> None:
    """Begins to accept, to send and to receive; *stack* ends it, and first of all stops the sending."""
    if orders is not None:
        await orders.open(stack)
        stack.callback(orders.leave)
    if inbox is not None:
        await inbox.open(stack)


def make_door(
    planned: Plan,
    offers: Sequence[Offer],
    keys: Keyring,
    board: Board,
    clock: Clock,
    observer: Observer,
    charge: Charge,
    inbox: KeptInbox | None = None,
) -> tuple[Dispatcher, Catalogue]:
    """The public door with all its routes."""
    routes, replay = Routes(), HitReplay(keys, clock, observer)
    for offer in offers:
        handler = OperationHandler.of(offer, keys, clock, replay)
        routes.add(offer.operation.method, offer.path, handler)
        if offer.operation.events:
            routes.add("GET", f"{offer.path}/events", EventsHandler(handler, clock))
    routes.add("POST", "/v1/batch", BatchHandler({offer.name: offer for offer in offers}, keys, clock))
    upstreams: dict[str, list[str]] = {}
    for up in planned.upstreams:
        upstreams.setdefault(up.connector, []).append(up.name)
    catalogue = Catalogue(planned.connectors, offers, upstreams, board, keys)
    routes.add("GET", "/v1/connectors", catalogue.listing)
    routes.add("GET", "/v1/connectors/{name}", catalogue.one)
    declared = [(offer.connector, offer.operation) for offer in offers]
    routes.add("GET", "/openapi.json", openapi_handler(lambda: describe(declared, VERSION, inbox=inbox is not None)))
    if inbox is not None:
        inbox.add_routes(routes, keys)
    routes.add("GET", "/docs", docs_handler())
    routes.add("GET", "/problems/{code}", problem_page)
    for path, asset in asset_handlers().items():
        routes.add("GET", path, asset)
    return Dispatcher(routes, clock, RequestStamps(clock), replay, observer, charge), catalogue


def make_ops_door(
    settings: Settings,
    planned: Plan,
    catalogue: Catalogue,
    leaving: _Leaving,
    exposition: Callable[[str], tuple[bytes, str]],
    clock: Clock,
    board: Board,
    orders: KeptOrders | None = None,
    *,
    more: Sequence[KeptInbox | CataloguesApi | None] = (),
) -> Dispatcher:
    """The operator's door; *more* adds routes to it."""
    access = operators(settings)
    routes = ops_routes(
        {"configuration": lambda: None, "leaving": leaving.ping},
        exposition,
        lambda: [catalogue.describe(connector) for connector in planned.connectors],
        access,
        {"machine": board.trouble, **({} if orders is None else {"store": orders.ping})},
    )
    for kept in (orders, *more):
        if kept is not None:
            kept.add_ops_routes(routes, access)
    replay = HitReplay(Keyring((), ()), clock)
    return Dispatcher(routes, clock, RequestStamps(clock), replay, guard=access.check)


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
