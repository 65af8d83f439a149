"""One configuration, built: its ways to upstreams, its rings and its routes. The next one is built beside it, and takes
its place at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from gateway.adapters.in_flight import InFlight
from gateway.api.auth import Keyring
from gateway.api.dispatch import Dispatcher
from gateway.api.operators import OperatorAccess
from gateway.api.ops_reload import ReloadApi
from gateway.console import Console
from gateway.core.clock import Clock
from gateway.core.inbound import FETCH_FILE
from gateway.dossiers.catalogue import CatalogueKeeper
from gateway.leaving import Leaving
from gateway.observe.event_buffer import EventBuffer
from gateway.observe.health import Board
from gateway.observe.logs import Level
from gateway.observe.metrics import Metrics
from gateway.offers import make_offers
from gateway.parts import KeptInbox, KeptLines, KeptOrders, OpsRoutes, rate_limit, versioned_lists
from gateway.pipeline.cache.answer_cache import AnswerCache
from gateway.pipeline.operation.idempotency import IdempotencyKeys
from gateway.pipeline.operation.rate_limit import RateStore
from gateway.registry import Plan
from gateway.rights import keyring, operators
from gateway.routing import make_door, make_ops_door
from gateway.settings import Settings
from gateway.upstreams import CONTRACTS, WayMaker, Ways
from gateway.watching import watch_upstreams

SPARE_S: Final = 5.0
"""Beyond the longest time limit, for which the connections of a replaced configuration are kept."""
MOST_ENDING: Final = 16
"""Replaced configurations whose requests may be under way; the next one waits for the eldest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """The state, the stores and the listeners that outlive configurations."""

    clock: Clock
    days: Clock
    """The clock of the days of a call to a system."""
    business: Clock
    """The clock of days and time limits."""
    metrics: Metrics
    board: Board
    events: EventBuffer
    room: InFlight
    ways: WayMaker
    cache: AnswerCache
    known: IdempotencyKeys
    buckets: RateStore
    keys: Keyring
    """Of the callers that are accepted now: requests and streams that began by an earlier configuration ask it too."""
    access: OperatorAccess
    """The rights of operators now: streams that began by an earlier configuration ask it too."""
    leaving: Leaving
    exposition: Callable[[str], tuple[bytes, str]]
    set_log_level: Callable[[Level], None]
    orders: KeptOrders | None
    inbox: KeptInbox | None
    console: Console
    catalogues: CatalogueKeeper


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """One configuration, built."""

    settings: Settings
    plan: Plan
    ways: Ways
    lines: KeptLines | None
    keys: Keyring
    access: OperatorAccess
    door: Dispatcher
    ops_door: Dispatcher

    @property
    def longest_s(self) -> float:
        """Seconds after which nothing that began by it can be under way."""
        limits = [FETCH_FILE.deadline_s, *(item.operation.deadline_s for item in self.plan.operations)]
        return max(*limits, *(up.policies.attempt_timeout_s for up in self.plan.upstreams)) + SPARE_S


def contracts_of(settings: Settings) -> Path:
    """The folder of the pinned contracts."""
    return Path(settings.contracts) if settings.contracts else CONTRACTS


def make_generation(
    shared: Shared, settings: Settings, planned: Plan, ways: Ways, lines: KeptLines | None, reload: ReloadApi
) -> Generation:
    """A configuration with its rings and routes; it waits for the disk, and changes nothing that is shared."""
    clock, clocks = shared.clock, (shared.clock, shared.days)
    limit = rate_limit(settings, clock, shared.buckets)
    offers = make_offers(
        settings, planned, ways.rings, shared.cache, shared.known, clocks, shared.events, limit, orders=lines
    )
    orders, inbox, board = shared.orders, shared.inbox, shared.board
    add_inbox = None if inbox is None else partial(inbox.add_routes, limit=settings.inbound.file_bytes)
    door, catalogue = make_door(planned, offers, shared.keys, board, clock, shared.events, limit.charge, add_inbox)
    told = {
        "machine": board.trouble,
        "reload": reload.ping,
        "operators": shared.console.ping,
        **shared.console.pings,
        **({} if orders is None else {"store": orders.ping}),
    }
    lists = versioned_lists(offers, shared.catalogues, clock, shared.business, shared.console.record)
    parts: list[OpsRoutes | None] = [reload, orders, inbox, shared.console.for_plan(planned), lists]
    ops_door = make_ops_door(
        shared.access,
        shared.leaving,
        lambda: [shared.console.view.board_entry(catalogue.describe(one)) for one in planned.connectors],
        shared.exposition,
        clock,
        told,
        [part for part in parts if part is not None],
    )
    return Generation(
        settings=settings,
        plan=planned,
        ways=ways,
        lines=lines,
        keys=keyring(settings, offers),
        access=operators(settings),
        door=door,
        ops_door=ops_door,
    )


class Generations:
    """The configuration in use, and those before it whose last requests are under way."""

    def __init__(self, shared: Shared, first: Generation) -> None:
        """Begins with *first*, by whose doors the ports answer from now on."""
        self._shared = shared
        self.current = first
        self._door, self._ops_door = first.door, first.ops_door
        self._ending: dict[asyncio.Task[None], Generation] = {}
        self._adopt(first)

    async def build(self, settings: Settings, planned: Plan, reload: ReloadApi) -> Generation:
        """The next configuration, beside the present one, of which nothing changes.

        Raises:
            ConfigurationError: It can't be used here; what was opened for it is closed.
        """
        shared, present = self._shared, self.current
        while len(self._ending) >= MOST_ENDING:
            await asyncio.wait(self._ending, return_when=asyncio.FIRST_COMPLETED)
        if shared.inbox is not None:
            await asyncio.to_thread(shared.inbox.check, settings)
        ways = await shared.ways.open(planned, contracts_of(settings), present.ways)
        lines: KeptLines | None = None
        try:
            if shared.orders is not None:
                lines = await shared.orders.prepare(settings, planned, ways.rings)
            return await asyncio.to_thread(make_generation, shared, settings, planned, ways, lines, reload)
        except BaseException:
            await self._close(ways, lines, [present, *self._ending.values()])
            raise

    def swap(self, fresh: Generation) -> None:
        """Puts *fresh* in the place of the present configuration between two requests; those that have begun end by
        the one that they began on, with the rights that their caller has now.
        """
        shared, before = self._shared, self.current
        self.current = fresh
        fresh.ways.take_over(before.ways)
        self._adopt(fresh)
        for names in before.ways.by_upstream.keys() - fresh.ways.by_upstream.keys():
            shared.metrics.upstreams.forget(names)
        if shared.inbox is not None:
            shared.inbox.adopt(fresh.settings, fresh.plan, fresh.ways.rings)
        self._door.become(fresh.door)
        self._ops_door.become(fresh.ops_door)
        ending = asyncio.create_task(self._end(before), name="end a configuration")
        self._ending[ending] = before
        ending.add_done_callback(self._ending.pop)

    def _adopt(self, fresh: Generation) -> None:
        shared, settings = self._shared, fresh.settings
        shared.room.resize(settings.answers.in_flight_bytes)
        shared.cache.retune(settings.cache)
        shared.set_log_level(settings.log.level)
        shared.keys.become(fresh.keys)
        shared.access.become(fresh.access)
        shared.board.know(fresh.ways.by_upstream)
        watch_upstreams(shared.metrics, fresh.plan, fresh.ways.rings, fresh.ways.adapters)
        shared.console.adopt(fresh.plan, fresh.ways.rings)
        if fresh.lines is not None:
            fresh.lines.adopt()

    async def _end(self, before: Generation) -> None:
        await self._shared.clock.sleep(before.longest_s)
        others = [one for one in self._ending.values() if one is not before]
        await self._close(before.ways, before.lines, [self.current, *others])

    @staticmethod
    async def _close(ways: Ways, lines: KeptLines | None, heirs: Sequence[Generation]) -> None:
        await ways.close([heir.ways for heir in heirs])
        if lines is not None:
            await lines.close([heir.lines for heir in heirs])

    async def leave(self) -> None:
        """Begins to end the gateway, for as long as the configuration in use says."""
        shared = self._shared
        await shared.leaving.lame_duck(self.current.settings.drain.lame_duck_s, shared.clock)

    async def close(self) -> None:
        """Closes all connections, those of replaced configurations too."""
        ending = dict(self._ending)
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)
        for one in (*ending.values(), self.current):
            await self._close(one.ways, one.lines, [])
