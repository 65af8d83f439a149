"""Opens what an operator's console needs: the desk for national systems, the record of actions, events and the page."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace

import structlog

from gateway.api.operators import OperatorAccess
from gateway.api.ops import Ping
from gateway.api.ops_actions import ActionsApi
from gateway.api.ops_events import ConsoleEvents, ConsoleFeed
from gateway.api.ops_pages import add_pages
from gateway.api.ops_systems import SystemsApi
from gateway.api.routes import Routes
from gateway.console_view import ConsoleView
from gateway.core.clock import Clock
from gateway.core.interventions import MemoryBook
from gateway.core.lasting import lasting
from gateway.observe.health import Board
from gateway.observe.metrics import Metrics
from gateway.observe.traffic import Read, Traffic
from gateway.operating import By, SystemsDesk
from gateway.parts import KeptOrders
from gateway.pipeline.build import UpstreamRing
from gateway.pipeline.cache.answer_cache import AnswerCache
from gateway.registry import Plan
from gateway.settings import Settings
from gateway.sharing import Sharing
from gateway.subjects import subject_hash

log = structlog.get_logger("gateway.console")


@dataclass(slots=True)
class Console:
    """The console of one process."""

    desk: SystemsDesk
    view: ConsoleView
    feed: ConsoleFeed
    plan: Plan
    clock: Clock
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def open(self) -> None:
        """Begins to look for operators' orders and to tell of changes."""
        self.tasks = [
            lasting(self.desk.run, self.clock, "operators' orders"),
            lasting(self.feed.run, self.clock, "console"),
        ]
        if self.view.others is not None:
            self.tasks.append(lasting(self.view.others.run, self.clock, "breakers of the others"))

    async def close(self) -> None:
        """Ends."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def ping(self) -> str | None:
        """That the record of actions is lost by a restart, where it is; None where a store keeps it."""
        return "kept without a store: lost by a restart" if self.view.orders is None else None

    @property
    def pings(self) -> Mapping[str, Ping]:
        """Says whether the other gateways are heard, where there is a way to them."""
        return {} if self.view.others is None else {"others": self.view.others.ping}

    def leave(self) -> None:
        """Ends the streams of events."""
        self.feed.leave()

    def for_plan(self, planned: Plan) -> Console:
        """The same console for the operations of another configuration."""
        return Console(self.desk, self.view, self.feed, planned, self.clock)

    def adopt(self, planned: Plan, rings: Mapping[tuple[str, str], UpstreamRing]) -> None:
        """Shows and acts on these upstreams from now on; what was ordered for them is done at the next look."""
        breakers = {names: ring.breaker for names, ring in rings.items()}
        self.desk.adopt(breakers)
        if self.view.others is not None:
            self.view.others.adopt(breakers)
        self.plan, self.view = planned, replace(self.view, plan=planned, rings=rings)
        self.feed.read_from(self.view, [connector.name for connector in planned.connectors])

    async def record(self, who: str, why: str, what: str, target: str, detail: Mapping[str, object]) -> None:
        """Keeps what *who* did elsewhere.

        Raises:
            Overloaded: The store can't keep it now.
        """
        await self.desk.record(By(who, why), what, target, detail)

    async def record_reload(self, who: str, why: str, detail: Mapping[str, object]) -> None:
        """Keeps that *who* let the configuration be read again.

        Raises:
            Overloaded: The store can't keep it now.
        """
        await self.record(who, why, "reload", "configuration", detail)

    def add_ops_routes(self, routes: Routes, access: OperatorAccess) -> None:
        """Adds its routes to the operator's port."""
        operations = [f"{item.connector.name}.{item.operation.name}" for item in self.plan.operations]
        SystemsApi(self.desk, operations, access).add_to(routes)
        ActionsApi(self.desk, self.clock).add_to(routes)
        routes.add("GET", "/api/events", ConsoleEvents(self.feed, access, self.clock))
        add_pages(routes)


async def open_console(
    stack: AsyncExitStack,
    settings: Settings,
    planned: Plan,
    rings: Mapping[tuple[str, str], UpstreamRing],
    cache: AnswerCache,
    seen: tuple[Board, Metrics],
    orders: KeptOrders | None,
    clocks: tuple[Clock, Clock],
    *,
    sharing: Sharing,
) -> Console:
    """The console, which knows already what operators ordered before the start; *stack* ends it.

    *seen*: what was seen of the upstreams, and all that is counted. *clocks*: the machine's, and that of days.
    *sharing*: the book that gateways without a store share, and the breakers that others tell of.
    """
    (board, metrics), (clock, business) = seen, clocks
    desk = SystemsDesk(
        book=orders.interventions(clock) if orders is not None else sharing.book or MemoryBook(clock),
        breakers={names: ring.breaker for names, ring in rings.items()},
        cache=cache,
        board=board,
        clock=clock,
        business=business,
        subjects=subject_hash(settings),
    )
    await desk.look()
    view = ConsoleView(planned, rings, board, desk, cache, orders, sharing.breakers)
    read = Read(metrics.requests.levels, metrics.asked, metrics.upstreams.waits)
    traffic = Traffic(read, [connector.name for connector in planned.connectors], clock)
    console = Console(desk, view, ConsoleFeed(clock, view, traffic), planned, clock)
    console.open()
    stack.push_async_callback(console.close)
    return console
