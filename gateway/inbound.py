"""Joins the inbox with HTTP and with the configuration: who may push, what is kept, and who is told of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from gateway.api.auth import Keyring
from gateway.api.dispatch import Dispatcher
from gateway.api.inbound import BytesInWork, InboundCaller, InboundServer, PushDoor, Reader
from gateway.api.inbox import InboxApi
from gateway.api.replay import HitReplay
from gateway.api.request_ids import RequestStamps
from gateway.api.routes import Routes
from gateway.core.clock import Clock
from gateway.core.events import Observer
from gateway.core.inbound import InboundSystem
from gateway.dossiers.inbound import MINISTRIES, PORTAL
from gateway.durable.inbox import Inbox
from gateway.durable.inbox_reading import InboxReading
from gateway.observe.metrics import Metrics
from gateway.orders import OrderOffice
from gateway.parts import listen
from gateway.settings import ConfigurationError, Settings
from gateway.stores import CONTRACTS

SYSTEMS: Final[tuple[InboundSystem, ...]] = (PORTAL, MINISTRIES)
PUSH_KEYS: Final = "*/credentials/push_key"
"""The keys of the mock country, which everybody knows."""


class InboxOffice:
    """All that is received from other systems in one process."""

    def __init__(self, settings: Settings, orders: OrderOffice, clock: Clock, observer: Observer) -> None:
        self._settings = settings
        self._clock = clock
        self._observer = observer
        self._store = orders.store
        self.inbox = Inbox(orders.store, clock, orders.business, orders.wakes.publish)
        self._reading = InboxReading(orders.store, orders.business)

    def add_routes(self, routes: Routes, keys: Keyring) -> None:
        """Adds the inbox to the public port."""
        InboxApi(self._reading, keys, self._clock, self._observer).add_to(routes)

    async def open(self, stack: AsyncExitStack) -> None:
        """Begins to keep; *stack* ends it."""
        await self.inbox.open()
        stack.push_async_callback(self.inbox.close)

    async def listen(self, stack: AsyncExitStack, metrics: Metrics) -> str | None:
        """Opens the port at which systems push, and gives its address; None where the configuration has none.

        Raises:
            ConfigurationError: A published key would be accepted from other machines, or the port is taken.
        """
        where = self._settings.inbound.listen
        if where is None:
            return None
        if not where.is_loopback:
            self._check_keys()
        door = self._dispatcher()
        return await listen(stack, InboundServer, door, where, "inbound.listen", metrics)

    def _dispatcher(self) -> Dispatcher:
        inbound, clock = self._settings.inbound, self._clock
        block = self._settings.connectors.get(MINISTRIES.connector)
        ministries = () if block is None else block.upstreams
        routes = Routes()
        door = PushDoor(
            callers=self._callers(),
            inbox=self.inbox,
            reader=Reader(self._store.cipher, inbound.file_bytes),
            room=BytesInWork(inbound.in_work_bytes),
            limit=inbound.body_bytes,
            ministries=frozenset(name.replace("-", "_") for name in ministries),
            clock=clock,
            observer=self._observer,
        )
        door.add_to(routes, SYSTEMS)
        replay = HitReplay(Keyring((), ()), clock)
        return Dispatcher(routes, clock, RequestStamps(clock), replay, render=door.refused)

    def _callers(self) -> Mapping[bytes, InboundCaller]:
        return {
            caller.digest: InboundCaller(name, caller.networks, frozenset(caller.systems))
            for name, caller in self._settings.inbound.callers.items()
        }

    def _check_keys(self) -> None:
        folder = Path(self._settings.contracts) if self._settings.contracts else CONTRACTS
        published = {hashlib.sha256(path.read_bytes().strip()).digest() for path in folder.glob(PUSH_KEYS)}
        for name, caller in self._settings.inbound.callers.items():
            if caller.digest in published:
                raise ConfigurationError(
                    f"inbound.callers.{name}: the published key of the mocks is accepted on loopback only; "
                    "give a key of your own"
                )
