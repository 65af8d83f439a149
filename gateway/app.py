"""The composition root: builds clock, stores, adapters, rings and routes, and owns every lifetime."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog

from gateway.api.dispatch import Dispatcher
from gateway.api.server import HttpServer
from gateway.console import open_console
from gateway.core.clock import Clock, SystemClock
from gateway.descriptors import beside_the_public_port, open_limit, public_connections
from gateway.keeping import begin_orders, open_orders
from gateway.leaving import Leaving
from gateway.observe.event_buffer import EventBuffer, EventListener
from gateway.observe.health import Board
from gateway.observe.logs import RequestLog
from gateway.observe.metrics import Metrics
from gateway.offers import make_offers
from gateway.parts import GRACE_S, KeptInbox, business_clocks, fan_out, listen, open_cache, rate_limit, versioned_lists
from gateway.pipeline.operation.idempotency import IdempotencyKeys
from gateway.probing import warm_up
from gateway.registry import Plan, plan
from gateway.rights import keyring
from gateway.routing import VERSION, make_door, make_ops_door
from gateway.settings import Settings, fingerprint
from gateway.sharing import open_sharing
from gateway.upstreams import make_rings, open_adapters
from gateway.watching import watch, watch_loop

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
    exposition = partial(_exposition, counted, metrics)
    async with AsyncExitStack() as stack:
        stack.callback(counted.flush)
        adapters = await open_adapters(stack, settings, planned, metrics, counted)
        sharing = await open_sharing(stack, settings, clock, metrics)
        rings = make_rings(stack, planned, adapters, clock, fan_out([board, counted]), sharing.days)
        await sharing.open(stack, metrics)
        cache = await open_cache(stack, settings, clock, counted)
        watch(metrics, board, planned, rings, adapters, cache)
        stack.push_async_callback((known := IdempotencyKeys()).close, GRACE_S)
        limit = rate_limit(settings, clock, sharing.rates)
        business, days = await business_clocks(stack, settings, clock)
        orders, inbox = await open_orders(stack, settings, planned, rings, clock, business, metrics, counted)
        offers = make_offers(settings, planned, rings, cache, known, (clock, days), counted, limit, orders=orders)
        keys = keyring(settings, offers)
        door, catalogue = make_door(planned, offers, keys, board, clock, counted, limit.charge, inbox)
        leaving = Leaving()
        desk = await open_console(stack, settings, planned, rings, cache, (board, metrics), orders, (clock, business))
        kept = (orders, inbox, desk, versioned_lists(offers, orders, clock, business))
        ops_door = make_ops_door(settings, planned, catalogue, leaving, exposition, clock, board, kept)
        gateway = await open_ports(stack, settings, planned, ops_door, door, inbox, metrics, leaving)
        await begin_orders(stack, orders, inbox, desk)
        stack.push_async_callback(leaving.lame_duck, settings.drain.lame_duck_s, clock)
        run_beside(stack, watch_loop(metrics, clock), "event loop stalls")
        run_beside(stack, warm_up(planned.upstreams if settings.warm_up else (), rings, clock), "warm up")
        yield gateway


async def open_ports(
    stack: AsyncExitStack,
    settings: Settings,
    planned: Plan,
    ops_door: Dispatcher,
    door: Dispatcher,
    inbox: KeptInbox | None,
    metrics: Metrics,
    leaving: Leaving,
) -> Gateway:
    """Lets each door answer at its address; *stack* stops them.

    The public port takes fewer connections than configured where the process may not open so many files: the operator's
    port and the systems have theirs left.
    """
    public = settings.listen
    taken = public_connections(public.connections, beside_the_public_port(settings, planned), open_limit())
    if taken < public.connections:
        log.warning("the limit of open files is low: fewer connections", connections=taken, wanted=public.connections)
        public = public.model_copy(update={"connections": taken})
    ends = leaving.has_begun
    ops_url = await listen(stack, HttpServer, ops_door, settings.ops, "ops", metrics, ends)
    url = await listen(stack, HttpServer, door, public, "listen", metrics, ends)
    inbound_url = None if inbox is None else await inbox.listen(stack, metrics, ends)
    return Gateway(url, ops_url, planned, inbound_url)


def _exposition(counted: EventBuffer, metrics: Metrics, accept: str) -> tuple[bytes, str]:
    counted.flush()
    return metrics.exposition(accept)


def run_beside(stack: AsyncExitStack, work: Coroutine[Any, Any, None], name: str) -> None:
    """Runs *work* beside the requests; *stack* ends it."""
    stack.push_async_callback(_cancel, asyncio.create_task(work, name=name))


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
