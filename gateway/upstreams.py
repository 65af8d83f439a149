"""The way to each upstream: its open adapter, and the ring of policies around it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Final

from gateway.adapters.client_credentials import road_login
from gateway.adapters.errors import BundleError
from gateway.adapters.in_flight import InFlight
from gateway.adapters.rest import RestAdapter
from gateway.core.clock import Clock
from gateway.core.events import DriftSeen, Observer
from gateway.observe.metrics import Metrics
from gateway.parts import Adapter
from gateway.pipeline.build import UpstreamParts, UpstreamRing, upstream_ring
from gateway.pipeline.upstream.daily_quota import DayStore, MemoryDays
from gateway.pipeline.upstream.token import Tokens
from gateway.registry import Plan, UpstreamPlan
from gateway.settings import ConfigurationError, Settings

CONTRACTS: Final = Path(__file__).resolve().parents[1] / "contracts"


def make_adapter(up: UpstreamPlan, contracts: Path, room: InFlight, observer: Observer) -> Adapter:
    """The adapter that the dialect of *up* needs."""
    on_drift = partial(observer, DriftSeen(up.connector, up.name, "request_hash"))
    if up.dialect.adapter == "rest":
        return RestAdapter(up.settings, room=room, on_drift=on_drift)
    from gateway.adapters.soap.adapter import SoapAdapter  # zeep is loaded only where SOAP is spoken

    assert up.dialect.wsdl is not None
    account = up.dialect.username_token
    token = account(up.settings) if account is not None else None
    return SoapAdapter(up.settings, contracts / up.dialect.wsdl, room=room, token=token, on_drift=on_drift)


async def open_adapters(
    stack: AsyncExitStack, settings: Settings, planned: Plan, metrics: Metrics, observer: Observer
) -> dict[tuple[str, str], Adapter]:
    """An open adapter for each upstream, all with one room for their answers; *stack* closes them."""
    room = InFlight(settings.answers.in_flight_bytes)
    stack.callback(room.close)
    metrics.watch_answer_bytes(lambda: room.used)
    contracts = Path(settings.contracts) if settings.contracts else CONTRACTS
    adapters = {(up.connector, up.name): make_adapter(up, contracts, room, observer) for up in planned.upstreams}
    for adapter in adapters.values():
        stack.push_async_callback(adapter.close)
    # All are waited for, so that none opens after *stack* has closed it.
    ended = await asyncio.gather(*(adapter.open() for adapter in adapters.values()), return_exceptions=True)
    for error in ended:
        if isinstance(error, BundleError):
            raise ConfigurationError(str(error)) from error
        if error is not None:
            raise error
    return adapters


def make_rings(
    stack: AsyncExitStack,
    planned: Plan,
    adapters: Mapping[tuple[str, str], Adapter],
    clock: Clock,
    observer: Observer,
    days: DayStore | None = None,
) -> dict[tuple[str, str], UpstreamRing]:
    """The ring of each upstream; tokens and the quotas of *days* are shared, and *stack* closes all."""
    tokens, days = Tokens(), days or MemoryDays()
    stack.push_async_callback(tokens.close)
    rings = {}
    for up in planned.upstreams:
        names = (up.connector, up.name)
        rings[names] = make_ring(up, adapters[names], tokens, days, clock, observer)
        stack.push_async_callback(rings[names].close)
    return rings


def make_ring(
    up: UpstreamPlan, adapter: Adapter, tokens: Tokens, days: DayStore, clock: Clock, observer: Observer
) -> UpstreamRing:
    """The ring around *adapter*; a dialect's own login goes before the road's."""
    return upstream_ring(
        UpstreamParts(
            connector=up.connector,
            upstream=up.name,
            settings=up.settings,
            policies=up.policies,
            send=adapter.send,
            classify=up.dialect.classify,
            login=up.dialect.login or road_login(up.settings),
            clock=clock,
            observer=observer,
            keyed_writes=up.dialect.keyed_writes,
            tokens=tokens,
            days=days,
        )
    )
