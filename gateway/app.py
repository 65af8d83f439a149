"""The composition root: builds what outlives configurations, the first of them, and owns every lifetime."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog

from gateway.adapters.in_flight import InFlight
from gateway.api.auth import Keyring
from gateway.api.dispatch import Dispatcher
from gateway.api.operators import OperatorAccess, Sessions
from gateway.api.ops_reload import ReloadApi, Reloading
from gateway.api.server import HttpServer
from gateway.api.traced import TracedDispatcher
from gateway.configuration_file import ConfigurationFile
from gateway.console import open_console
from gateway.core.clock import Clock, SystemClock
from gateway.core.lasting import lasting
from gateway.core.place import own_place
from gateway.core.reloads import ReloadListener, Unheard
from gateway.descriptors import beside_the_public_port, open_limit, public_connections
from gateway.disks import DiskWatch, folders_of, read_disks
from gateway.generation import Generation, Generations, Shared, contracts_of, make_generation
from gateway.keeping import begin_orders, open_orders
from gateway.leaving import Leaving
from gateway.lint import forgotten_keys
from gateway.observe.disk_metrics import watch_disks
from gateway.observe.event_buffer import EventBuffer, RequestListener
from gateway.observe.event_log import EventLog
from gateway.observe.health import Board
from gateway.observe.logs import Level, RequestLog
from gateway.observe.metrics import Metrics
from gateway.parts import GRACE_S, KeptOrders, business_clocks, catalogues_of, fan_out, listen, open_cache
from gateway.pipeline.operation.idempotency import IdempotencyKeys
from gateway.probing import warm_up
from gateway.registry import Plan, plan
from gateway.reload import Reloader
from gateway.routing import VERSION
from gateway.settings import ConfigurationError, Settings, fingerprint
from gateway.sharing import open_sharing
from gateway.upstreams import WayMaker, Ways
from gateway.watching import watch, watch_loop

log = structlog.get_logger("gateway.app")


@dataclass(frozen=True, slots=True)
class Gateway:
    """A running gateway and where it listens."""

    url: str
    ops_url: str
    plan: Plan
    """As it began."""
    inbound_url: str | None
    """Where systems push to it; None where the configuration opens no port for them."""
    reloading: Reloading
    """Reads the configuration again."""


@asynccontextmanager
async def running(
    settings: Settings,
    *,
    clock: Clock | None = None,
    request_log: RequestListener | None = None,
    log_lines_lost: Callable[[], int] = lambda: 0,
    file: ConfigurationFile | None = None,
    set_log_level: Callable[[Level], None] = lambda _: None,
    above: ReloadListener | None = None,
) -> AsyncIterator[Gateway]:
    """A gateway for *settings*, ready when entered, drained when left.

    Args:
        settings: The deployment.
        clock: The machine's, unless a test brings its own.
        request_log: Receives each request; by default a structlog line for each.
        log_lines_lost: Says how many lines of the log were lost, for the metrics.
        file: Where *settings* were read, to be read again when it changes.
        set_log_level: Lets the log have the lines from a level on.
        above: Told of each reload.

    Raises:
        ConfigurationError: The gateway can't start as configured; everything that was opened is closed.
    """
    clock, planned = clock or SystemClock(), plan(settings)
    metrics = Metrics(VERSION, fingerprint(settings))
    metrics.watch_log(log_lines_lost)
    events = EventBuffer([metrics.requests, request_log or RequestLog()], [metrics, EventLog(clock)])
    warn_of_forgotten_keys(settings, planned)
    async with AsyncExitStack() as stack:
        stack.callback(events.flush)
        shared, ways, closing = await open_shared(stack, settings, planned, clock, metrics, events, set_log_level)
        orders, inbox = shared.orders, shared.inbox
        lines = None if orders is None else await orders.prepare(settings, planned, ways.rings)
        api = ReloadApi(shared.console.record_reload)
        first = make_generation(shared, settings, planned, ways, lines, api)
        generations = closing.generations = Generations(shared, first)
        reloader = Reloader(generations, file, metrics, clock, api, above or Unheard())
        events.add(reloader)
        door = open_traces(stack, settings, first.door, orders)
        ports = await stack.enter_async_context(AsyncExitStack())
        gateway = await open_ports(ports, settings, shared, first, reloader, door)
        await begin_orders(stack, orders, inbox)
        leave_in_order(stack, ports, shared, generations)
        run_beside(stack, partial(watch_loop, metrics, clock), clock, "event loop stalls")
        run_beside(stack, reloader.watch, clock, "configuration")
        run_beside(stack, watched_disks(settings, metrics, clock).run, clock, "room on the disks")
        warmed = planned.upstreams if settings.warm_up else ()
        run_beside(stack, partial(warm_up, warmed, ways.rings, clock), clock, "warm up")
        yield gateway


def warn_of_forgotten_keys(settings: Settings, planned: Plan) -> None:
    """Says in the log, once a deployment, that an Idempotency-Key is known by one of several processes alone."""
    place = own_place()
    if place is None or place.slot == 0:
        for one in forgotten_keys(settings, planned, 1 if place is None else place.workers):
            log.warning(one.says, rule=one.rule)


def watched_disks(settings: Settings, metrics: Metrics, clock: Clock) -> DiskWatch:
    """The watch over the disks of a deployment, of which *metrics* tell."""
    disks = DiskWatch(partial(read_disks, folders_of(settings)), clock)
    watch_disks(metrics, disks.free, disks.size)
    return disks


def leave_in_order(stack: AsyncExitStack, ports: AsyncExitStack, shared: Shared, generations: Generations) -> None:
    """Lets *stack* end what began: readiness first, then what sends and streams, then *ports*, and the acceptance after
    them, so that an order that came in is kept.
    """
    stack.push_async_callback(ports.aclose)
    for part in (shared.console, shared.orders):
        if part is not None:
            stack.callback(part.leave)
    stack.push_async_callback(generations.leave)


async def open_shared(
    stack: AsyncExitStack,
    settings: Settings,
    planned: Plan,
    clock: Clock,
    metrics: Metrics,
    events: EventBuffer,
    set_log_level: Callable[[Level], None],
) -> tuple[Shared, Ways, Closing]:
    """All that outlives configurations, and the ways of the first, by which the store works; *stack* closes them."""
    board = Board(((up.connector, up.name) for up in planned.upstreams), clock)
    room = open_room(stack, settings, metrics)
    # Only exchanges concern the board.
    sharing = await open_sharing(stack, settings, clock, metrics)
    maker = WayMaker(room, sharing.days, clock, events, fan_out([board, events]), sharing.tokens)
    ways = await maker.open(planned, contracts_of(settings))
    closing = Closing(ways)
    stack.push_async_callback(closing.close)
    cache = await open_cache(stack, settings, clock, events, sharing.cache_news)
    watch(metrics, board, cache)
    stack.push_async_callback((known := IdempotencyKeys()).close, GRACE_S)
    business, days = await business_clocks(stack, settings, clock)
    orders, inbox = await open_orders(stack, settings, planned, ways.rings, clock, business, metrics, events)
    sharing = await sharing.open(stack, settings, clock, metrics, orders)
    seen, clocks = (board, metrics), (clock, business)
    console = await open_console(stack, settings, planned, ways.rings, cache, seen, orders, clocks, sharing=sharing)
    shared = Shared(
        clock=clock,
        days=days,
        business=business,
        metrics=metrics,
        board=board,
        events=events,
        room=room,
        ways=maker,
        cache=cache,
        known=known,
        buckets=sharing.rates,
        keys=Keyring((), ()),
        access=OperatorAccess({}, sessions=Sessions(clock)),
        leaving=Leaving(),
        exposition=partial(_exposition, events, metrics),
        set_log_level=set_log_level,
        orders=orders,
        inbox=inbox,
        console=console,
        catalogues=catalogues_of(orders),
    )
    return shared, ways, closing


@dataclass(slots=True)
class Closing:
    """Closes the connections of the first configuration, or of all that there were once they take turns."""

    ways: Ways
    generations: Generations | None = None

    async def close(self) -> None:
        """Closes them."""
        await (self.ways if self.generations is None else self.generations).close()


def open_room(stack: AsyncExitStack, settings: Settings, metrics: Metrics) -> InFlight:
    """The room for the answers of all upstreams; *stack* closes it."""
    room = InFlight(settings.answers.in_flight_bytes)
    stack.callback(room.close)
    metrics.watch_answer_bytes(lambda: room.used)
    return room


async def open_ports(
    stack: AsyncExitStack,
    settings: Settings,
    shared: Shared,
    first: Generation,
    reloader: Reloader,
    door: Dispatcher,
) -> Gateway:
    """Lets each door answer at its address, *door* at the public one; *stack* stops them.

    The public port takes fewer connections than configured where the process may not open so many files: the operator's
    port and the systems have theirs left.
    """
    public = settings.listen
    taken = public_connections(public.connections, beside_the_public_port(settings, first.plan), open_limit())
    if taken < public.connections:
        log.warning("the limit of open files is low: fewer connections", connections=taken, wanted=public.connections)
        public = public.model_copy(update={"connections": taken})
    ends, inbox, metrics = shared.leaving.has_begun, shared.inbox, shared.metrics
    ops_url = await listen(stack, HttpServer, first.ops_door, settings.ops, "ops", metrics, ends)
    url = await listen(stack, HttpServer, door, public, "listen", metrics, ends)
    inbound_url = None if inbox is None else await inbox.listen(stack, metrics, ends)
    return Gateway(url, ops_url, first.plan, inbound_url, reloader)


def _exposition(events: EventBuffer, metrics: Metrics, accept: str) -> tuple[bytes, str]:
    events.flush()
    return metrics.exposition(accept)


def open_traces(stack: AsyncExitStack, settings: Settings, door: Dispatcher, orders: KeptOrders | None) -> Dispatcher:
    """*door* with a span for each request, and *orders* with theirs, where the configuration wants them; *stack* sends
    the last of them.

    Raises:
        ConfigurationError: The libraries for it are not installed.
    """
    block = settings.traces
    if block is None:
        return door
    from gateway.observe.tracing import Tracer

    headers = {} if block.authorization is None else {"Authorization": block.authorization.get_secret_value()}
    try:
        tracer = Tracer(block.endpoint, block.ratio, VERSION, headers)
    except ModuleNotFoundError as error:
        raise ConfigurationError(f"traces: {error.name} is not installed; install lgsp-gateway[traces]") from None
    stack.push_async_callback(asyncio.to_thread, tracer.close)
    if orders is not None:
        orders.traced_by(tracer)
    return TracedDispatcher(door, tracer)


def run_beside(stack: AsyncExitStack, work: Callable[[], Coroutine[Any, Any, None]], clock: Clock, name: str) -> None:
    """Runs *work* beside the requests; *stack* ends it."""
    stack.push_async_callback(_cancel, lasting(work, clock, name))


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
