"""The routes of the public port and of the operator's port."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Sequence
from typing import Final

from gateway.api.auth import Keyring
from gateway.api.batch import BatchHandler
from gateway.api.catalogue import Catalogue
from gateway.api.dispatch import Charge, Dispatcher
from gateway.api.docs import asset_handlers, docs_handler, openapi_handler, problem_page
from gateway.api.events import EventsHandler
from gateway.api.openapi import describe
from gateway.api.operations import OperationHandler
from gateway.api.ops import ops_routes
from gateway.api.ops_pages import refuse_with_page
from gateway.api.replay import HitReplay
from gateway.api.request_ids import RequestStamps
from gateway.api.routes import Routes
from gateway.core.clock import Clock
from gateway.core.connector import Offer
from gateway.core.events import Observer
from gateway.leaving import Leaving
from gateway.observe.health import Board
from gateway.parts import KeptInbox, KeptOrders, OpsRoutes
from gateway.registry import Plan
from gateway.rights import operators
from gateway.settings import Settings

VERSION: Final = importlib.metadata.version("lgsp-gateway")


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
    leaving: Leaving,
    exposition: Callable[[str], tuple[bytes, str]],
    clock: Clock,
    board: Board,
    kept: tuple[KeptOrders | None, KeptInbox | None, OpsRoutes, OpsRoutes],
) -> Dispatcher:
    """The operator's door, with the routes of orders, inbox, console and catalogues, as far as they are *kept*."""
    orders = kept[0]
    access = operators(settings)
    routes = ops_routes(
        {"configuration": lambda: None, "leaving": leaving.ping},
        exposition,
        lambda: [catalogue.describe(connector) for connector in planned.connectors],
        access,
        {"machine": board.trouble, **({} if orders is None else {"store": orders.ping})},
    )
    for part in kept:
        if part is not None:
            part.add_ops_routes(routes, access)
    replay = HitReplay(Keyring((), ()), clock)
    return Dispatcher(routes, clock, RequestStamps(clock), replay, guard=access.check, render=refuse_with_page)
