"""Joins the inbox with HTTP and with the configuration: who may push, what is kept, and who is told of it."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any, Final

import orjson

from gateway.api.auth import Keyring
from gateway.api.dispatch import Dispatcher
from gateway.api.inbound import BytesInWork, InboundCaller, InboundServer, PushDoor, Reader
from gateway.api.inbox import InboxApi
from gateway.api.operators import OperatorAccess
from gateway.api.ops_inbox import InboxOpsApi
from gateway.api.replay import HitReplay
from gateway.api.request_ids import RequestStamps
from gateway.api.result_files import GIVEN_AT, GiveResult, ResultFilesApi
from gateway.api.routes import Routes
from gateway.core.canonical import Canonical
from gateway.core.clock import Clock
from gateway.core.connector import Binding
from gateway.core.events import InboundAnswered, Observer
from gateway.core.inbound import (
    CONFIRM,
    FETCH_FILE,
    PULL,
    UNKNOWN,
    FileAddress,
    InboundSystem,
    Pulled,
    PulledPage,
    PullQuestion,
    PullReceipt,
)
from gateway.core.operation import Operation
from gateway.core.place import process_name
from gateway.core.upstream import Upstream
from gateway.dossiers.inbound import MINISTRIES, PORTAL
from gateway.durable.following import read_file
from gateway.durable.inbox import Inbox
from gateway.durable.inbox_care import InboxCare
from gateway.durable.inbox_desk import InboxDesk
from gateway.durable.inbox_files import FileWay, InboxFiles
from gateway.durable.inbox_pulls import InboxPulls, PullWay
from gateway.durable.inbox_reading import InboxReading
from gateway.durable.orders import Errand
from gateway.durable.result_files import ResultFiles
from gateway.observe.metrics import Metrics
from gateway.observe.store_metrics import watch_inbox
from gateway.order_lines import RingRoad
from gateway.orders import OrderOffice
from gateway.parts import listen
from gateway.pipeline.build import UpstreamRing
from gateway.registry import Plan, UpstreamPlan
from gateway.settings import ConfigurationError, Settings
from gateway.stores import CONTRACTS

SYSTEMS: Final[tuple[InboundSystem, ...]] = (PORTAL, MINISTRIES)
PUSH_KEYS: Final = "*/credentials/push_key"
"""The keys of the mock country, which everybody knows."""
PULLED_BY: Final = "gateway"
"""The caller of messages that nobody pushed."""


class InboxOffice:
    """All that is received from other systems in one process."""

    def __init__(
        self,
        settings: Settings,
        orders: OrderOffice,
        planned: Plan,
        rings: Mapping[tuple[str, str], UpstreamRing],
        clock: Clock,
        observer: Observer,
    ) -> None:
        self._settings = settings
        self._url: str | None = None
        self._metrics: Metrics | None = None
        self._door: Dispatcher | None = None
        self._clock = clock
        self._observer = observer
        self._store = orders.store
        self.inbox = Inbox(orders.store, clock, orders.business, orders.wakes.publish)
        self._reading = InboxReading(orders.store, orders.business)
        inbound, business = settings.inbound, orders.business
        self._results = ResultFiles(orders.store, business, inbound.result_days)
        self._room = BytesInWork(inbound.in_work_bytes)
        ways = file_ways(planned, rings, clock)
        self._files = InboxFiles(
            orders.store,
            business,
            ways,
            worker=process_name(),
            limit=inbound.file_bytes,
            days=inbound.file_days,
            moved=orders.wakes.publish,
        )
        orders.wakes.add(self._files.wake)
        self._pulls = InboxPulls(
            orders.store,
            business,
            pull_ways(planned, rings, clock),
            self._keep_pulled,
            digest_of,
            worker=process_name(),
        )
        self._desk = InboxDesk(orders.store, business, orders.wakes.publish)
        self._care = InboxCare(
            orders.store,
            clock,
            business,
            systems=self._systems(),
            fetched=list(ways),
            file_days=inbound.file_days,
            pulled=lambda: self._pulls.systems,
        )

    async def _keep_pulled(self, system: str, pulled: Pulled, request_id: str) -> bool:
        """Keeps a message that a system was asked for; whether it was there before."""
        reader = Reader(self._store.cipher, self._settings.inbound.file_bytes)
        message = pulled.message
        given = system, pulled.kind, PULLED_BY, request_id, message, content_of(pulled)
        # As large as the system's own limits let an answer be: nobody could be told to send less.
        sealed = await asyncio.to_thread(partial(reader.sealed, limit=None), *given)
        receipt = await self.inbox.keep(sealed)
        if not receipt.repeated:
            self._observer(InboundAnswered(system, pulled.kind, "received"))
        return receipt.repeated

    def add_routes(self, routes: Routes, keys: Keyring, limit: int) -> None:
        """Adds the inbox to the public port; *limit*: bytes of a file."""
        InboxApi(self._reading, keys, self._clock, self._observer).add_to(routes)
        ResultFilesApi(results=self._results, keys=keys, room=self._room, limit=limit, base=self._base).add_to(routes)

    def add_ops_routes(self, routes: Routes, access: OperatorAccess) -> None:
        """Adds what an operator sees of the inbox and does with it to the operator's port."""
        InboxOpsApi(self._desk, frozenset(self._systems()), access, self._clock).add_to(routes)

    def watched_by(self, metrics: Metrics) -> None:
        """Lets *metrics* tell what waits."""
        care = self._care
        self._metrics = metrics
        metrics.expect_inbound(self._kinds())
        watch_inbox(
            metrics,
            lambda: care.levels.waiting,
            lambda: care.levels.oldest_s,
            lambda: care.levels.files,
            lambda: care.levels.pulled_s,
            lambda: care.levels.unread,
        )

    def check(self, settings: Settings) -> None:
        """Refuses what can't be used; reads files.

        Raises:
            ConfigurationError: A published key would be accepted from other machines.
        """
        where = settings.inbound.listen
        if where is not None and not where.is_loopback:
            check_keys(settings)

    def adopt(self, settings: Settings, planned: Plan, rings: Mapping[tuple[str, str], UpstreamRing]) -> None:
        """Goes by these from now on; what is being received or fetched ends as it began."""
        self._settings = settings
        inbound, ways = settings.inbound, file_ways(planned, rings, self._clock)
        self._results.keep_for(inbound.result_days)
        self._room.resize(inbound.in_work_bytes)
        self._pulls.adopt(pull_ways(planned, rings, self._clock))
        self._files.adopt(ways, limit=inbound.file_bytes, days=inbound.file_days)
        self._care.adopt(self._systems(), list(ways), file_days=inbound.file_days)
        if self._metrics is not None:
            self._metrics.expect_inbound(self._kinds())
        if self._door is not None:
            self._door.become(self._dispatcher())

    def _kinds(self) -> list[tuple[str, str]]:
        found = [(name, kind.name) for system in SYSTEMS for kind in system.kinds for name in self._names(system)]
        return [*found, *((name, UNKNOWN) for name in self._pulls.systems)]

    def _base(self) -> str | None:
        """The address under which other systems reach the inbound port."""
        return self._settings.inbound.public_url or self._url

    def _names(self, system: InboundSystem) -> list[str]:
        """The names that *system* has in the inbox."""
        if not system.by_ministry:
            return [system.connector]
        return [f"{system.connector}.{ministry}" for ministry in sorted(self._ministries())]

    def _systems(self) -> list[str]:
        return [name for system in SYSTEMS for name in self._names(system)]

    def _ministries(self) -> frozenset[str]:
        block = self._settings.connectors.get(MINISTRIES.connector)
        return frozenset() if block is None else frozenset(name.replace("-", "_") for name in block.upstreams)

    async def open(self, stack: AsyncExitStack) -> None:
        """Begins to keep; *stack* ends it."""
        for part in (self.inbox, self._files, self._pulls, self._care):
            await part.open()
            stack.push_async_callback(part.close)

    async def listen(
        self, stack: AsyncExitStack, metrics: Metrics, leaving: Callable[[], bool] = lambda: False
    ) -> str | None:
        """Opens the port at which systems push, and gives its address; None where the configuration has none.

        Raises:
            ConfigurationError: A published key would be accepted from other machines, or the port is taken.
        """
        where = self._settings.inbound.listen
        if where is None:
            return None
        self.check(self._settings)
        door = self._door = self._dispatcher()
        self._url = await listen(stack, InboundServer, door, where, "inbound.listen", metrics, leaving)
        return self._url

    def _dispatcher(self) -> Dispatcher:
        inbound, clock = self._settings.inbound, self._clock
        routes = Routes()
        door = PushDoor(
            callers=self._callers(),
            inbox=self.inbox,
            reader=Reader(self._store.cipher, inbound.file_bytes),
            room=self._room,
            limit=inbound.body_bytes,
            ministries=self._ministries(),
            clock=clock,
            observer=self._observer,
        )
        door.add_to(routes, SYSTEMS)
        routes.add("GET", f"{GIVEN_AT}/{{id}}", GiveResult(self._results).answer)
        replay = HitReplay(Keyring((), ()), clock)
        return Dispatcher(routes, clock, RequestStamps(clock), replay, render=door.refused)

    def _callers(self) -> Mapping[bytes, InboundCaller]:
        return {
            digest: InboundCaller(name, caller.networks, frozenset(caller.systems))
            for name, caller in self._settings.inbound.callers.items()
            for digest in caller.digests
        }


def check_keys(settings: Settings) -> None:
    """Refuses the published keys of the mocks.

    Raises:
        ConfigurationError: With the name of the caller that has one.
    """
    folder = Path(settings.contracts) if settings.contracts else CONTRACTS
    published = {hashlib.sha256(path.read_bytes().strip()).digest() for path in folder.glob(PUSH_KEYS)}
    for name, caller in settings.inbound.callers.items():
        if not published.isdisjoint(caller.digests):
            raise ConfigurationError(
                f"inbound.callers.{name}: the published key of the mocks is accepted on loopback only; "
                "give a key of your own",
                rule="published-key",
            )


def file_ways(planned: Plan, rings: Mapping[tuple[str, str], UpstreamRing], clock: Clock) -> dict[str, FileWay]:
    """The way to the files of each system that gives them by an address; *clock* is the machine's."""
    found: dict[str, FileWay] = {}
    by_ministry = {system.connector: system.by_ministry for system in SYSTEMS}
    for up in planned.upstreams:
        give = up.dialect.inbound_file
        if give is None or up.connector not in by_ministry:
            continue
        name = f"{up.connector}.{up.name.replace('-', '_')}" if by_ministry[up.connector] else up.connector
        road = RingRoad(up, rings[up.connector, up.name], clock, lambda _: None)
        found.setdefault(name, FileWay(partial(_fetch, give, road), road.room))
    return found


def pull_ways(planned: Plan, rings: Mapping[tuple[str, str], UpstreamRing], clock: Clock) -> dict[str, PullWay]:
    """The way to what each system has that the configuration lets be asked; *clock* is the machine's."""
    found: dict[str, PullWay] = {}
    for up in planned.upstreams:
        declared, pace = up.dialect.inbound_pull, up.pace
        if declared is None or pace is None:
            continue
        road = RingRoad(up, rings[up.connector, up.name], clock, lambda _: None)
        confirm = None if declared.confirm is None else partial(_confirm, declared.confirm, name_of(up), road)
        found[name_of(up)] = PullWay(pace, partial(_page, declared.page, road), confirm, road.room)
    return found


def name_of(up: UpstreamPlan) -> str:
    """The name of a ministry in the inbox."""
    return f"{up.connector}.{up.name.replace('-', '_')}"


def content_of(pulled: Pulled) -> bytes:
    """The content of a message that a system gave, equal for equal ones: what a later release adds is not said."""
    files = [
        (file.name, file.component_code, file.address, None if file.content is None else _digest(file.content))
        for file in pulled.message.files
    ]
    told = [pulled.receipt, pulled.message.data.model_dump(mode="json", exclude_defaults=True), files]
    try:
        return orjson.dumps(told, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # a whole number that it has no room for
        return json.dumps(told, sort_keys=True, ensure_ascii=False).encode()


def digest_of(pulled: Pulled) -> bytes:
    """The hash by which a message that a system gave is known again."""
    named = f"{pulled.kind} {pulled.message.code} ".encode()
    return hashlib.sha256(named + content_of(pulled)).digest()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _errand(operation: Operation[Any, Any], query: Canonical, request_id: str) -> Errand:
    return Errand(
        operation=operation,
        query=query,
        caller="gateway",
        request_id=request_id,
        purpose=None,
        seconds=operation.deadline_s,
    )


async def _page(
    give: Callable[[PullQuestion, Upstream[Any]], Awaitable[PulledPage]],
    road: RingRoad,
    question: PullQuestion,
    request_id: str,
) -> PulledPage:
    return await give(question, road.upstream(_errand(PULL, question, request_id)))


async def _confirm(
    tell: Callable[[Sequence[str], str, Upstream[Any]], Awaitable[object]],
    system: str,
    road: RingRoad,
    receipts: Sequence[str],
    request_id: str,
) -> None:
    query = PullReceipt(system=system, receipts=tuple(receipts))
    await tell(receipts, system, road.upstream(_errand(CONFIRM, query, request_id)))


async def _fetch(give: Binding, road: RingRoad, address: str, request_id: str) -> bytes | None:
    """The bytes of the file at *address*; None where the sender has no such file."""
    query = FileAddress(address=address)
    given = await give.run(query, road.upstream(_errand(FETCH_FILE, query, request_id)))
    return None if given is None else await read_file(given)
