"""The way to each upstream: its open adapter, and the ring of policies around it."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from gateway.adapters.client_credentials import road_login
from gateway.adapters.errors import BundleError
from gateway.adapters.in_flight import InFlight
from gateway.adapters.rest import RestAdapter
from gateway.core.clock import Clock
from gateway.core.events import DriftSeen, Observer
from gateway.parts import Adapter
from gateway.pipeline.build import UpstreamParts, UpstreamRing, upstream_ring
from gateway.pipeline.upstream.daily_quota import DayStore
from gateway.pipeline.upstream.token import Tokens, TokenShelf
from gateway.registry import Plan, UpstreamPlan
from gateway.settings import ConfigurationError

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


@dataclass(frozen=True, slots=True)
class Way:
    """The way to one upstream."""

    plan: UpstreamPlan
    trust: bytes | None
    """The hash of the authorities that are trusted there; None: those of the machine."""
    adapter: Adapter
    ring: UpstreamRing

    def leads_by(self, plan: UpstreamPlan, trust: bytes | None) -> bool:
        """Whether its connections serve *plan* too."""
        mine = self.plan
        return mine.dialect is plan.dialect and mine.settings == plan.settings and self.trust == trust


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways to all upstreams of one configuration, with one room for their answers."""

    by_upstream: Mapping[tuple[str, str], Way] = field(default_factory=dict)
    tokens: Tokens = field(default_factory=Tokens)

    @property
    def rings(self) -> dict[tuple[str, str], UpstreamRing]:
        """The ring of each upstream."""
        return {names: way.ring for names, way in self.by_upstream.items()}

    @property
    def adapters(self) -> dict[tuple[str, str], Adapter]:
        """The adapter of each upstream."""
        return {names: way.adapter for names, way in self.by_upstream.items()}

    def take_over(self, before: Ways) -> None:
        """Takes the place of *before*, at once: state that both share goes by these settings from now on."""
        self.tokens.take_over()
        for names, way in self.by_upstream.items():
            old = before.by_upstream.get(names)
            if old is not None and old.ring is not way.ring:
                moved = old.plan.settings.base != way.plan.settings.base
                way.ring.retune(way.plan.policies, moved=moved)

    async def close(self, heirs: Sequence[Ways] = ()) -> None:
        """Closes the connections and ends the renewals, but those that one of *heirs* has."""
        await self.tokens.close(heir.tokens for heir in heirs)
        kept = {id(way.adapter) for heir in heirs for way in heir.by_upstream.values()}
        own = [way.adapter for way in self.by_upstream.values() if id(way.adapter) not in kept]
        await asyncio.gather(*(adapter.close() for adapter in own))


@dataclass(frozen=True, slots=True)
class WayMaker:
    """Opens ways; what it holds outlives configurations."""

    room: InFlight
    days: DayStore
    clock: Clock
    of_adapters: Observer
    of_rings: Observer
    shelf: TokenShelf | None = None
    """Where gateways share tokens."""

    async def open(self, planned: Plan, contracts: Path, before: Ways | None = None) -> Ways:
        """The open ways of *planned*; connections, state and tokens of *before* go on where their settings let them.

        Nothing of *before* changes until :meth:`Ways.take_over`.

        Raises:
            ConfigurationError: A contract is not the approved one; all that was opened is closed.
        """
        trusts = await asyncio.to_thread(lambda: [trust_of(up) for up in planned.upstreams])
        before = before or Ways()
        ways, made = Ways({}, Tokens(before.tokens, self.shelf)), []
        found: dict[tuple[str, str], Way] = {}
        for up, trust in zip(planned.upstreams, trusts, strict=True):
            old = before.by_upstream.get((up.connector, up.name))
            if old is not None and old.leads_by(up, trust):
                adapter = old.adapter
            else:
                adapter = make_adapter(up, contracts, self.room, self.of_adapters)
                made.append(adapter)
            found[up.connector, up.name] = Way(up, trust, adapter, self._ring(up, adapter, ways.tokens, old))
        try:
            await open_all(made)
        except BaseException:
            await asyncio.gather(*(adapter.close() for adapter in made))
            raise
        return Ways(found, ways.tokens)

    def _ring(self, up: UpstreamPlan, adapter: Adapter, tokens: Tokens, old: Way | None) -> UpstreamRing:
        before = None if old is None else old.ring
        return make_ring(up, adapter, tokens, self.days, self.clock, self.of_rings, before)


def trust_of(up: UpstreamPlan) -> bytes | None:
    """The hash of the authorities that *up* trusts; None: those of the machine."""
    file = up.settings.ca_file
    return None if file is None else hashlib.sha256(Path(file).read_bytes()).digest()


async def open_all(adapters: Sequence[Adapter]) -> None:
    """Opens *adapters*, and returns when none of them is still at it.

    Raises:
        ConfigurationError: A contract is not the approved one.
    """
    ended = await asyncio.gather(*(adapter.open() for adapter in adapters), return_exceptions=True)
    for error in ended:
        if isinstance(error, BundleError):
            raise ConfigurationError(str(error), rule="contract-changed") from error
        if error is not None:
            raise error


def make_ring(
    up: UpstreamPlan,
    adapter: Adapter,
    tokens: Tokens,
    days: DayStore,
    clock: Clock,
    observer: Observer,
    before: UpstreamRing | None = None,
) -> UpstreamRing:
    """The ring around *adapter*, with the state of *before*; a dialect's own login goes before the road's."""
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
        ),
        before,
    )
