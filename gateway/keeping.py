"""The orders and the inbox of a deployment with a store: made, opened and begun."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack

import structlog

from gateway.core.clock import Clock
from gateway.observe.event_buffer import EventBuffer
from gateway.observe.metrics import Metrics
from gateway.parts import KeptInbox, KeptOrders
from gateway.pipeline.build import UpstreamRing
from gateway.registry import Plan
from gateway.settings import Settings

log = structlog.get_logger("gateway.keeping")


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
        if unasked := [f"{up.connector}.{up.name}" for up in planned.upstreams if up.pace is not None]:
            log.warning("systems are not asked for what they have: there is no store", systems=unasked)
        return None, None
    from gateway.inbound import InboxOffice  # PostgreSQL's client is loaded only where there is a store
    from gateway.orders import open_office

    office = await open_office(stack, settings, planned, clock, business)
    office.watched_by(metrics)
    counted.add_requests(office.audit)
    inbox = InboxOffice(settings, office, planned, rings, clock, counted)
    inbox.watched_by(metrics)
    stack.callback(counted.flush)  # before the record of look-ups ends
    return office, inbox


async def begin_orders(stack: AsyncExitStack, orders: KeptOrders | None, inbox: KeptInbox | None) -> None:
    """Begins to accept, to send and to receive; *stack* ends it."""
    if orders is not None:
        await orders.open(stack)
    if inbox is not None:
        await inbox.open(stack)
