"""The routes of the public port and of the operator's port."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from gateway.api.auth import Keyring
from gateway.api.batch import BatchHandler
from gateway.api.catalogue import Catalogue
from gateway.api.dispatch import Charge, Dispatcher
from gateway.api.docs import asset_handlers, docs_handler, openapi_handler, problem_page
from gateway.api.events import EventsHandler
from gateway.api.openapi import describe
from gateway.api.operations import OperationHandler
from gateway.api.operators import OperatorAccess
from gateway.api.ops import Ping, ops_routes
from gateway.api.ops_pages import refuse_with_page
from gateway.api.replay import HitReplay
from gateway.api.request_ids import RequestStamps
from gateway.api.routes import Routes
from gateway.core.clock import Clock
from gateway.core.connector import Offer
from gateway.core.events import Observer
from gateway.leaving import Leaving
from gateway.observe.health import Board
from gateway.parts import OpsRoutes
from gateway.registry import Plan

VERSION: Final = importlib.metadata.version("lgsp-gateway")


def make_door(
    planned: Plan,
    offers: Sequence[Offer],
    keys: Keyring,
    board: Board,
    clock: Clock,
    observer: Observer,
    charge: Charge,
    add_inbox: Callable[[Routes, Keyring], None] | None = None,
) -> tuple[Dispatcher, Catalogue]:
    """The public door with all its routes, those of an inbox among them where there is one."""
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
    routes.add(
        "GET", "/openapi.json", openapi_handler(lambda: describe(declared, VERSION, inbox=add_inbox is not None))
    )
    if add_inbox is not None:
        add_inbox(routes, keys)
    routes.add("GET", "/docs", docs_handler())
    routes.add("GET", "/problems/{code}", problem_page)
    for path, asset in asset_handlers().items():
        routes.add("GET", path, asset)
    return Dispatcher(routes, clock, RequestStamps(clock), replay, observer, charge), catalogue


def make_ops_door(
    access: OperatorAccess,
    leaving: Leaving,
    listing: Callable[[], Sequence[object]],
    exposition: Callable[[str], tuple[bytes, str]],
    clock: Clock,
    told: Mapping[str, Ping],
    parts: Iterable[OpsRoutes],
) -> Dispatcher:
    """The operator's door with the routes of *parts*; ``/connectors`` answers *listing*. ``/readyz`` shows *told*
    and is ready all the same.

    It is made for each configuration: what must outlive one is given to it.
    """
    routes = ops_routes(
        {"configuration": lambda: None, "leaving": leaving.ping},
        exposition,
        listing,
        access,
        told,
    )
    for part in parts:
        part.add_ops_routes(routes, access)
    replay = HitReplay(Keyring((), ()), clock)
    return Dispatcher(routes, clock, RequestStamps(clock), replay, guard=access.check, render=refuse_with_page)
