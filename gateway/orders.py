"""Joins the store with the rings: which operations are durable, how the worker reaches each upstream, what is read."""

from __future__ import annotations

import os
import random
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Protocol

from gateway.api.operators import OperatorAccess
from gateway.api.ops_dossiers import DossiersApi
from gateway.api.ops_orders import OrdersApi
from gateway.api.routes import Routes
from gateway.core.call import Answer, Call, Rendered, Trace
from gateway.core.canonical import Canonical
from gateway.core.clock import Clock
from gateway.core.connector import Binding
from gateway.core.feeds import FeedSource
from gateway.core.operation import Operation
from gateway.core.steps import Next
from gateway.core.upstream import Officer, Upstream
from gateway.dossiers.catalogue import CatalogueKeeper
from gateway.durable import crash_points, inbox
from gateway.durable.accept import Acceptor, AcceptOrder
from gateway.durable.audit_writer import AuditWriter
from gateway.durable.care import StoreCare
from gateway.durable.catalogues import StoredCatalogues
from gateway.durable.changes import ChangeWatch
from gateway.durable.desk import Desk
from gateway.durable.dossier_desk import DossierDesk
from gateway.durable.event_streams import EventStreams
from gateway.durable.following import Followed, Looking
from gateway.durable.interventions import StoreBook
from gateway.durable.kept_cases import CancelOrder, ReadCase, ReadFile
from gateway.durable.lane_levels import LaneLevels
from gateway.durable.orders import Errand, Line
from gateway.durable.release import Releases
from gateway.durable.sending import SPARE_S, Sending
from gateway.durable.store import Store, StoreError
from gateway.durable.wakes import Wakes
from gateway.durable.webhooks import EntryOf, Webhook, WebhookOutbox
from gateway.durable.worker import Worker, WorkerSettings
from gateway.durable.worth_report import WorthReport
from gateway.observe.metrics import Metrics
from gateway.papers.check import PaperCheck
from gateway.pipeline.build import UpstreamRing
from gateway.pipeline.operation.call_connector import BoundUpstream, render
from gateway.pipeline.upstream.breaker import Closed, HalfOpen
from gateway.registry import OperationPlan, Plan, UpstreamPlan
from gateway.rights import officers
from gateway.settings import ConfigurationError, Settings
from gateway.stores import store_of
from gateway.webhooks import webhook_lines

GRACE_S: Final = 15.0
MARGIN_S: Final = 1.0
"""Seconds of a lease in which a message can still begin to leave."""
SHORTEST_WITH_WEBHOOKS_S: Final = SPARE_S + MARGIN_S + 1.0


class Part(Protocol):
    """A part with a life of its own."""

    async def open(self) -> None: ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class RingRoad:
    """The way to one upstream through its ring. *clock* is the machine's: deadlines are real time."""

    plan: UpstreamPlan
    ring: UpstreamRing
    clock: Clock
    officer_of: Callable[[Call], Officer | None]

    def upstream(self, errand: Errand) -> Upstream[Any]:
        """See :class:`gateway.durable.orders.Road`."""
        now = self.clock.monotonic()
        call = Call(
            connector=self.plan.connector,
            operation=errand.operation,
            query=errand.query,
            caller=errand.caller,
            request_id=errand.request_id,
            expires_at=now + errand.seconds,
            trace=Trace(now),
            purpose=errand.purpose,
            idempotency_key=errand.token,
            may_have_arrived=errand.may_have_arrived,
            form=errand.form,
            priority="batch",
        )
        return BoundUpstream(
            self.plan.settings, call, self.officer_of(call), self.ring.run, self.clock, gate=errand.gate
        )

    def room(self) -> int:
        """See :class:`gateway.durable.orders.Road`."""
        if self.ring.scarce():
            return 0
        match self.ring.breaker.state:
            case Closed():
                return self.plan.policies.bulkhead.limit
            case HalfOpen():
                return 1
            case _:
                return 0

    def daily_quota(self) -> tuple[int | None, float]:
        """See :class:`gateway.durable.orders.Road`."""
        quota = self.ring.quota
        return (None, 86_400.0) if quota is None else (quota.remaining, quota.day_left_s)


async def open_office(
    stack: AsyncExitStack,
    settings: Settings,
    planned: Plan,
    rings: Mapping[tuple[str, str], UpstreamRing],
    clock: Clock,
    business: Clock,
) -> OrderOffice:
    """The office of a deployment with a store, which is open; *stack* closes it. *business*: the clock of days.

    Raises:
        ConfigurationError: The store can't be used as configured.
    """
    try:
        crash_points.arm(crash_points.read(os.environ))
        if (
            os.environ.get(crash_points.CRASH) or os.environ.get(crash_points.STOP)
        ) and not settings.listen.is_loopback:
            raise ConfigurationError(f"{crash_points.CRASH} and {crash_points.STOP} are for a gateway on loopback only")
        store = store_of(settings)
        lease_s = store.settings.lease_s
        _check_lease(lease_s, planned, hooked=bool(settings.webhooks))
        store.outbox = bool(settings.webhooks)
        await store.open()
    except (StoreError, ValueError) as error:
        raise ConfigurationError(str(error)) from None
    stack.push_async_callback(store.close)
    audit = AuditWriter(store, clock, process_name())
    await audit.open()
    stack.push_async_callback(audit.close)
    return OrderOffice(
        store,
        planned,
        rings,
        clock=clock,
        business=business,
        officer_of=officers(settings),
        audit=audit,
        streams=EventStreams(store, clock, settings.streams),
        webhooks=await webhook_lines(stack, settings.webhooks, clock, longest_s=lease_s - SPARE_S - MARGIN_S),
    )


def process_name() -> str:
    """The name of this process in the store."""
    return f"{socket.gethostname()}:{os.getpid()}"


def _check_lease(lease_s: float, planned: Plan, *, hooked: bool) -> None:
    """Refuses a lease that a message could outlive: two gateways would send it."""
    if hooked and lease_s < SHORTEST_WITH_WEBHOOKS_S:
        raise ConfigurationError(
            f"lease-cannot-fit: store.lease_s ({lease_s:g} s) must be at least {SHORTEST_WITH_WEBHOOKS_S:g} s, because "
            "a message to a webhook has a second at least"
        )
    for item in planned.operations:
        durable = item.upstream.dialect.durable
        least = item.operation.deadline_s + SPARE_S + MARGIN_S
        if durable is not None and durable.order_of(item.operation) is not None and lease_s < least:
            raise ConfigurationError(
                f"lease-cannot-fit: store.lease_s ({lease_s:g} s) must be at least {least:g} s, because "
                f"connectors.{item.connector.name}.operations.{item.operation.name}.deadline_s is "
                f"{item.operation.deadline_s:g} s"
            )


class OrderOffice:
    """All that is durable in one process: it accepts orders, sends them and follows their cases."""

    def __init__(
        self,
        store: Store,
        planned: Plan,
        rings: Mapping[tuple[str, str], UpstreamRing],
        *,
        clock: Clock,
        business: Clock,
        officer_of: Callable[[Call], Officer | None],
        audit: AuditWriter,
        streams: EventStreams,
        webhooks: Sequence[tuple[Webhook, Line]],
    ) -> None:
        """Takes *clock*, the machine's, *business*, the clock of days and time limits, and *audit*, which is open."""
        self.store = store
        self.audit = audit
        self.lines = order_lines(planned, rings, clock, officer_of)
        self.followed = followed(planned, self.lines)
        told_by: dict[str, EntryOf] = {inbox.SYSTEM: inbox.entry_of}
        told_by |= {one.system: one.following.entry_of for one in self.lines.values() if one.following is not None}
        self.outbox = WebhookOutbox(store, business, webhooks, told_by, self._accepted)
        self.lines |= {line.operation: line for _, line in webhooks}
        self.business = business
        dice = random.Random()  # noqa: S311  # spreads retries, keeps no secret
        self.streams = streams
        self.wakes = Wakes(store, business, self._wake)
        self.wakes.add(streams.wake)
        self.wakes.add(self.outbox.wake)
        self.acceptor = Acceptor(store, business, self._accepted)
        self.desk = Desk(store, self.lines, business, self._accepted)
        self.care = StoreCare(
            store, clock, business, systems=self.desk.systems, targets=self.desk.targets, moved=self.wakes.publish
        )
        self.releases = Releases(store, business.now)
        lease_s = store.settings.lease_s
        self.worker = Worker(
            store,
            business,
            list(self.lines.values()),
            self.followed,
            sending=Sending(store.cipher, self.releases, lease_s, dice),
            looking=Looking(store.cipher, dice),
            releases=self.releases,
            settings=WorkerSettings(name=process_name(), lease_s=lease_s),
            moved=self.wakes.publish,
        )

    async def open(self, stack: AsyncExitStack) -> None:
        """Begins to accept and to work; *stack* ends it: first the worker, then the acceptance, last the store."""
        watches = [ChangeWatch(self.store, self.business, one) for one in self.followed if one.following.changes]
        parts: list[Part] = [self.care, self.streams, self.wakes, self.outbox, self.acceptor, self.releases, *watches]
        for part in parts:
            await part.open()
            stack.push_async_callback(part.close)
        await self.worker.open()
        stack.push_async_callback(self.worker.close, GRACE_S)

    def ping(self) -> str | None:
        """Why orders are not accepted or not sent now, None when all is well."""
        if self.store.restored:
            return "restored from a backup: run `lgsp store recovered --reason TEXT`; nothing is sent until then"
        return self.store.why_down

    def watched_by(self, metrics: Metrics) -> None:
        """Lets *metrics* tell how the store is, and what it could not record."""
        metrics.watch_store(lambda: self.store.why_down is None, lambda: self.store.oldest_transaction_s)
        metrics.watch_streams(lambda: self.streams.open_now)
        metrics.watch_audit(lambda: self.audit.missing, lambda: self.audit.gaps)
        care = self.care
        metrics.watch_lanes(
            lambda: care.levels.lanes,
            lambda: care.levels.oldest_s,
            lambda: care.levels.unconfirmed,
            lambda: care.levels.overdue,
            lambda: care.levels.paused,
        )

    def leave(self) -> None:
        """Sends nothing more and ends the streams of events; what is under way goes on."""
        self.streams.leave()
        self.worker.leave()

    def catalogues(self) -> CatalogueKeeper:
        """The versions of catalogues, kept in the store."""
        return StoredCatalogues(self.store)

    def add_ops_routes(self, routes: Routes, access: OperatorAccess) -> None:
        """Adds what an operator does with orders to the operator's port."""
        OrdersApi(self.desk, access).add_to(routes)
        dossiers = DossierDesk(self.store, self.lines, self.business, self.desk, self._accepted)
        DossiersApi(dossiers, WorthReport(self.store, self.lines, self.business), access).add_to(routes)

    @property
    def levels(self) -> LaneLevels:
        """The orders that wait, as counted last."""
        return self.care.levels

    @property
    def targets(self) -> frozenset[str]:
        """All that can be paused."""
        return self.desk.targets

    def interventions(self, clock: Clock) -> StoreBook:
        """The book of operators' orders about national systems, kept in the store."""
        return StoreBook(self.store, clock)

    def keeps(self, item: OperationPlan) -> bool:
        """Whether orders of *item* are accepted into the store."""
        return f"{item.system}.{item.operation.name}" in self.lines

    def feed(self, item: OperationPlan) -> FeedSource | None:
        """The events of the records that *item* answers about; None where none are kept."""
        for line in self.lines.values():
            following = line.following
            if (
                following is not None
                and line.order.opens_case
                and line.system == item.system
                and following.operation.name == item.operation.name
            ):
                return partial(self.streams.subscribe, line.system, following)
        return None

    def _wake(self) -> None:
        self.worker.wake()

    def _accepted(self) -> None:
        self.worker.wake()
        self.wakes.publish()

    def step(self, item: OperationPlan, asked: Next[Call, Answer]) -> Next[Call, Answer]:
        """The innermost step of *item*'s ring: accepts, or reads the store; or *asked*, which asks the source."""
        name = f"{item.system}.{item.operation.name}"
        if (line := self.lines.get(name)) is not None:
            return AcceptOrder(line, self.acceptor, self.store, self.business, _rendered)
        durable = item.upstream.dialect.durable
        for one in self.lines.values():
            following = one.following
            if following is None or one.system != item.system or not one.order.opens_case:
                continue
            if durable is not None and durable.cancel is not None and durable.cancel.name == item.operation.name:
                return CancelOrder(self.store, one, following, self.business, _rendered, asked, self._accepted)
            if following.operation.name == item.operation.name:
                return ReadCase(self.store, one, following, self.business, _rendered, asked)
            if following.file_operation is not None and following.file_operation.name == item.operation.name:
                return ReadFile(self.store, one, following, self.business, asked)
        return asked


def _rendered(value: Canonical, call: Call) -> Rendered:
    return render(value, call)


def order_lines(
    planned: Plan,
    rings: Mapping[tuple[str, str], UpstreamRing],
    clock: Clock,
    officer_of: Callable[[Call], Officer | None],
) -> dict[str, Line]:
    """The durable operations of this deployment by ``system.operation``."""
    found = {}
    for item in planned.operations:
        durable = item.upstream.dialect.durable
        order = durable.order_of(item.operation) if durable is not None else None
        if durable is None or order is None:
            continue
        up = item.upstream
        line = Line(
            system=item.system,
            upstream=up.name,
            order=order,
            following=durable.following,
            road=RingRoad(up, rings[up.connector, up.name], clock, officer_of),
            settings=up.settings,
            deadline_s=item.operation.deadline_s,
            connector=None if item.system == item.connector.name else item.connector.name,
        )
        found[line.operation] = line
    return found


def followed(planned: Plan, known: Mapping[str, Line]) -> list[Followed]:
    """The systems whose cases are followed, each by the line that opens them."""
    found = []
    for line in known.values():
        following = line.following
        if following is None or not line.order.opens_case:
            continue
        dialect = next(
            item.upstream.dialect
            for item in planned.operations
            if item.system == line.system and item.upstream.name == line.upstream
        )
        look = _bound(dialect.calls, following.operation)
        if not following.looks:
            continue
        assert look is not None, "a dialect that follows cases answers for their state"
        fetch = _bound(dialect.calls, following.file_operation)
        found.append(Followed(line=line, following=following, look=look, fetch=fetch, check=PaperCheck()))
    return found


def _bound(calls: Sequence[Binding], operation: Operation[Any, Any] | None) -> Callable[[Any, Any], Any] | None:
    return next((one.run for one in calls if operation is not None and one.operation.name == operation.name), None)
