"""Opens what an operator's console needs: the desk for national systems, and the record of actions."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass

from gateway.api.operators import OperatorAccess
from gateway.api.ops_actions import ActionsApi
from gateway.api.ops_systems import SystemsApi
from gateway.api.routes import Routes
from gateway.core.clock import Clock
from gateway.core.interventions import MemoryBook
from gateway.observe.health import Board
from gateway.operating import SystemsDesk
from gateway.parts import KeptOrders
from gateway.pipeline.build import UpstreamRing
from gateway.pipeline.cache.answer_cache import AnswerCache
from gateway.registry import Plan
from gateway.settings import Settings
from gateway.subjects import subject_hash


@dataclass(frozen=True, slots=True)
class Console:
    """The console of one process."""

    desk: SystemsDesk
    plan: Plan
    clock: Clock

    def add_ops_routes(self, routes: Routes, access: OperatorAccess) -> None:
        """Adds its routes to the operator's port."""
        operations = [f"{item.connector.name}.{item.operation.name}" for item in self.plan.operations]
        SystemsApi(self.desk, operations, access).add_to(routes)
        ActionsApi(self.desk, self.clock).add_to(routes)


async def open_console(
    stack: AsyncExitStack,
    settings: Settings,
    planned: Plan,
    rings: Mapping[tuple[str, str], UpstreamRing],
    cache: AnswerCache,
    board: Board,
    orders: KeptOrders | None,
    clocks: tuple[Clock, Clock],
) -> Console:
    """The console, which knows already what operators ordered before the start; *stack* ends it.

    *clocks*: the machine's, and that of days.
    """
    clock, business = clocks
    desk = SystemsDesk(
        book=MemoryBook(clock) if orders is None else orders.interventions(clock),
        breakers={names: ring.breaker for names, ring in rings.items()},
        cache=cache,
        board=board,
        clock=clock,
        business=business,
        subjects=subject_hash(settings),
    )
    await desk.look()
    stack.push_async_callback(_end, asyncio.create_task(desk.run(), name="operators' orders"))
    return Console(desk, planned, clock)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
