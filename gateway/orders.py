"""All that is durable in one process: the store, what is accepted into it, sent from it and read there."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Final, Protocol

from gateway.api.operators import OperatorAccess
from gateway.api.ops_dossiers import DossiersApi
from gateway.api.ops_orders import OrdersApi
from gateway.api.routes import Routes
from gateway.core.clock import Clock
from gateway.core.place import process_name
from gateway.core.tracing import Tracer
from gateway.dossiers.catalogue import CatalogueKeeper
from gateway.durable import crash_points, inbox
from gateway.durable.accept import Acceptor
from gateway.durable.audit_writer import AuditWriter
from gateway.durable.care import StoreCare
from gateway.durable.catalogues import StoredCatalogues
from gateway.durable.changes import ChangeWatch
from gateway.durable.claiming import WorkerSettings
from gateway.durable.desk import Desk
from gateway.durable.dossier_desk import DossierDesk
from gateway.durable.event_streams import EventStreams
from gateway.durable.following import Followed, Looking
from gateway.durable.interventions import StoreBook
from gateway.durable.lane_levels import LaneLevels
from gateway.durable.opened import OpenedOrders
from gateway.durable.order_traces import OrderTraces
from gateway.durable.orders import Line
from gateway.durable.quotas import StoredQuotas
from gateway.durable.release import Releases
from gateway.durable.sending import SPARE_S, Sending
from gateway.durable.settings import StreamSettings
from gateway.durable.shared_facts import StoreFacts
from gateway.durable.store import Store, StoreAwayError, StoreError
from gateway.durable.wakes import Wakes
from gateway.durable.webhooks import EntryOf, WebhookOutbox
from gateway.durable.worker import Worker
from gateway.durable.worth_report import WorthReport
from gateway.observe.metrics import Metrics
from gateway.observe.store_metrics import watch_audit, watch_lanes, watch_store, watch_streams
from gateway.order_lines import OrderLines, followed, order_lines
from gateway.pipeline.build import UpstreamRing
from gateway.registry import Plan
from gateway.rights import officers
from gateway.settings import ConfigurationError, NotThereError, Settings
from gateway.stores import store_of
from gateway.webhooks import open_webhooks

GRACE_S: Final = 15.0
MARGIN_S: Final = 1.0
"""Seconds of a lease in which a message can still begin to leave."""
SHORTEST_WITH_WEBHOOKS_S: Final = SPARE_S + MARGIN_S + 1.0


class Part(Protocol):
    """A part with a life of its own."""

    async def open(self) -> None: ...

    async def close(self) -> None: ...


async def open_office(
    stack: AsyncExitStack,
    settings: Settings,
    planned: Plan,
    clock: Clock,
    business: Clock,
) -> OrderOffice:
    """The office of a deployment with a store, which is open; *stack* closes it. *business*: the clock of days.

    It has no lines yet: see :meth:`OrderOffice.prepare`.

    Raises:
        ConfigurationError: The store can't be used as configured.
        NotThereError: It may be used later.
    """
    try:
        crash_points.arm(crash_points.read(os.environ))
        if (
            os.environ.get(crash_points.CRASH) or os.environ.get(crash_points.STOP)
        ) and not settings.listen.is_loopback:
            raise ConfigurationError(f"{crash_points.CRASH} and {crash_points.STOP} are for a gateway on loopback only")
        store = store_of(settings)
        lease_s = store.settings.lease_s
        check_lease(lease_s, planned, hooked=bool(settings.webhooks))
        store.outbox = bool(settings.webhooks)
        await store.open()
    except StoreAwayError as error:
        raise NotThereError(str(error)) from None
    except (StoreError, ValueError) as error:
        raise ConfigurationError(str(error)) from None
    stack.push_async_callback(store.close)
    audit = AuditWriter(store, clock, process_name())
    await audit.open()
    stack.push_async_callback(audit.close)
    return OrderOffice(store, clock=clock, business=business, audit=audit, streams=settings.streams)


def check_lease(lease_s: float, planned: Plan, *, hooked: bool) -> None:
    """Refuses a lease that a message could outlive: two gateways would send it.

    Raises:
        ConfigurationError: With the time limit that does not fit.
    """
    if hooked and lease_s < SHORTEST_WITH_WEBHOOKS_S:
        raise ConfigurationError(
            f"lease-cannot-fit: store.lease_s ({lease_s:g} s) must be at least {SHORTEST_WITH_WEBHOOKS_S:g} s, because "
            "a message to a webhook has a second at least",
            rule="lease-cannot-fit",
        )
    for item in planned.operations:
        durable = item.upstream.dialect.durable
        least = item.operation.deadline_s + SPARE_S + MARGIN_S
        if durable is not None and durable.order_of(item.operation) is not None and lease_s < least:
            raise ConfigurationError(
                f"lease-cannot-fit: store.lease_s ({lease_s:g} s) must be at least {least:g} s, because "
                f"connectors.{item.connector.name}.operations.{item.operation.name}.deadline_s is "
                f"{item.operation.deadline_s:g} s",
                rule="lease-cannot-fit",
            )


class OrderOffice:
    """All that is durable in one process: it accepts orders, sends them and follows their cases."""

    def __init__(
        self, store: Store, *, clock: Clock, business: Clock, audit: AuditWriter, streams: StreamSettings
    ) -> None:
        """Takes *clock*, the machine's, *business*, the clock of days and time limits, and *audit*, which is open.

        It has no lines until it adopts some.
        """
        self.store = store
        self.audit = audit
        self.lines: dict[str, Line] = {}
        """Of the configuration in use, by ``connector.operation``, those of webhooks among them."""
        self._adopted: OrderLines | None = None
        self._watches: dict[str, ChangeWatch] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._is_open = False
        self._clock = clock
        self.business = business
        dice = random.Random()  # noqa: S311  # spreads retries, keeps no secret
        self.streams = EventStreams(store, clock, streams)
        self.outbox = WebhookOutbox(store, business, (), {}, self.accepted)
        self.wakes = Wakes(store, business, self._wake)
        self.wakes.add(self.streams.wake)
        self.wakes.add(self.outbox.wake)
        opened = OpenedOrders()
        self.acceptor = Acceptor(store, business, self.accepted, opened=opened)
        self.desk = Desk(store, self.lines, business, self.accepted)
        self.care = StoreCare(store, clock, business, moved=self.wakes.publish)
        self.releases = Releases(store, business.now)
        lease_s = store.settings.lease_s
        self.traces = OrderTraces()
        self.worker = Worker(
            store,
            business,
            (),
            (),
            sending=Sending(store.cipher, self.releases, lease_s, dice, opened, self.traces),
            looking=Looking(store.cipher, dice, self.traces),
            releases=self.releases,
            settings=WorkerSettings(name=process_name(), lease_s=lease_s),
            moved=self.wakes.publish,
        )

    async def open(self, stack: AsyncExitStack) -> None:
        """Begins to accept and to work; *stack* ends it: first the worker, then the acceptance, last the store."""
        parts: list[Part] = [self.care, self.streams, self.wakes, self.outbox, self.acceptor, self.releases]
        for part in parts:
            await part.open()
            stack.push_async_callback(part.close)
        stack.push_async_callback(self._close_watches)
        self._is_open = True
        for watch in self._watches.values():
            watch.begin()
        await self.worker.open()
        stack.push_async_callback(self.worker.close, GRACE_S)

    async def prepare(
        self, settings: Settings, planned: Plan, rings: Mapping[tuple[str, str], UpstreamRing]
    ) -> OrderLines:
        """The lines of a configuration; nothing changes until they are adopted.

        Raises:
            ConfigurationError: A message could outlive the lease of its lane.
        """
        lease_s = self.store.settings.lease_s
        check_lease(lease_s, planned, hooked=bool(settings.webhooks))
        before = None if self._adopted is None else self._adopted.webhooks
        lines = order_lines(planned, rings, self._clock, officers(settings))
        longest_s = lease_s - SPARE_S - MARGIN_S
        webhooks = await open_webhooks(settings.webhooks, self._clock, longest_s=longest_s, before=before)
        return OrderLines(lines, followed(planned, lines), webhooks, settings.streams, self)

    def adopt(self, lines: OrderLines) -> None:
        """Works by *lines* from now on; what is under way ends as it began."""
        self._adopted = lines
        self.streams.retune(lines.streams)
        self.lines.clear()
        self.lines.update({line.operation: line for line in lines.all})
        told_by: dict[str, EntryOf] = {inbox.SYSTEM: inbox.entry_of}
        told_by |= {line.system: line.following.entry_of for line in lines.all if line.following is not None}
        self.outbox.adopt(lines.webhooks.entries, told_by)
        self.care.watch(self.desk.systems, self.desk.targets)
        self.worker.adopt(lines.all, lines.followed)
        self._watch(lines.followed)

    def _watch(self, cases: Sequence[Followed]) -> None:
        wanted = {one.system: one for one in cases if one.following.changes is not None}
        for system in self._watches.keys() - wanted.keys():
            ending = asyncio.create_task(self._watches.pop(system).close())
            self._ending.add(ending)
            ending.add_done_callback(self._ending.discard)
        for system, one in wanted.items():
            if (known := self._watches.get(system)) is not None:
                known.follow(one)
                continue
            self._watches[system] = ChangeWatch(self.store, self.business, one)
            if self._is_open:
                self._watches[system].begin()

    async def _close_watches(self) -> None:
        self._is_open = False
        await asyncio.gather(*(watch.close() for watch in self._watches.values()), *self._ending)

    def ping(self) -> str | None:
        """Why orders are not accepted or not sent now, None when all is well."""
        if self.store.restored:
            return "restored from a backup: run `lgsp store recovered --reason TEXT`; nothing is sent until then"
        return self.store.why_down

    def traced_by(self, tracer: Tracer) -> None:
        """Lets orders have spans from now on."""
        self.traces.tracer = tracer

    def watched_by(self, metrics: Metrics) -> None:
        """Lets *metrics* tell how the store is, and what it could not record."""
        store = self.store
        watch_store(
            metrics, lambda: store.why_down is None, lambda: store.oldest_transaction_s, lambda: store.size_bytes
        )
        watch_streams(metrics, lambda: self.streams.open_now)
        watch_audit(metrics, lambda: self.audit.missing, lambda: self.audit.gaps)
        care = self.care
        watch_lanes(
            metrics,
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
        OrdersApi(self.desk, access, self._clock).add_to(routes)
        dossiers = DossierDesk(self.store, self.lines, self.business, self.desk, self.accepted)
        DossiersApi(dossiers, WorthReport(self.store, self.lines, self.business), access, self._clock).add_to(routes)

    @property
    def levels(self) -> LaneLevels:
        """The orders that wait, as counted last."""
        return self.care.levels

    @property
    def targets(self) -> frozenset[str]:
        """All that can be paused."""
        return self.desk.targets

    def quotas(self) -> StoredQuotas:
        """The memory of the day's quotas."""
        return StoredQuotas(self.store)

    def facts(self) -> StoreFacts:
        """The facts that the gateways of the store tell each other."""
        return StoreFacts(self.store, self._clock)

    def interventions(self, clock: Clock) -> StoreBook:
        """The book of operators' orders about national systems, kept in the store."""
        return StoreBook(self.store, clock)

    def _wake(self) -> None:
        self.worker.wake()

    def accepted(self) -> None:
        """Tells that there is work, on every gateway."""
        self.worker.wake()
        self.wakes.publish()
