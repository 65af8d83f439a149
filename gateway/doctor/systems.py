"""Tries each configured system: the way to it, its token, its clock, and its cheapest question about nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import replace
from email.utils import parsedate_to_datetime
from itertools import groupby
from typing import Final, Protocol

from gateway.core.clock import Clock
from gateway.core.events import DriftSeen, Event, Observer
from gateway.core.message import Exchange, Reply
from gateway.core.problems import GatewayError
from gateway.core.settings import UpstreamSettings
from gateway.doctor.findings import Complaint, Fact, Finding
from gateway.doctor.network import Blocked, Place, way_to
from gateway.pipeline.build import UpstreamRing
from gateway.pipeline.policies import UpstreamPolicies
from gateway.probing import ask, means_of
from gateway.registry import UpstreamPlan

SKEW_S: Final = 30.0
"""A ``Date`` header has whole seconds, and an answer takes some; tokens and signed messages allow minutes."""
SLOW: Final = 0.5
"""Share of the attempt's time from which on an answer is slow."""


class Adapter(Protocol):
    """Sends the exchanges of a system."""

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def send(self, exchange: Exchange) -> Reply: ...


class DatedAdapter:
    """An adapter that notes by how much the clock of the other side differs, from the ``Date`` of each reply."""

    certificate_ends_at = 0.0

    def __init__(self, inner: Adapter, clock: Clock) -> None:
        self._inner = inner
        self._clock = clock
        self.skew_s: float | None = None
        """Seconds that their clock is ahead of ours; None before the first reply that says its date."""

    async def open(self) -> None:
        await self._inner.open()

    async def close(self) -> None:
        await self._inner.close()

    async def send(self, exchange: Exchange) -> Reply:
        """Sends *exchange* and looks at the date of its reply."""
        reply = await self._inner.send(exchange)
        try:
            theirs = parsedate_to_datetime(reply.headers["date"])
        except (KeyError, TypeError, ValueError):
            return reply
        if theirs.tzinfo is not None:
            self.skew_s = round((theirs - self._clock.now()).total_seconds(), 1)
        return reply


USUAL: Final = "unknown_field"
"""Systems send fields that no contract names, every day; the metrics tell when there are more than before."""


AdapterOf = Callable[[UpstreamPlan], Adapter]
RingOf = Callable[[UpstreamPlan, DatedAdapter, Observer], UpstreamRing]


async def try_systems(
    upstreams: Iterable[UpstreamPlan], adapter_of: AdapterOf, ring_of: RingOf, clock: Clock
) -> list[Finding]:
    """A finding for each of *upstreams*; those of one connector, which often share an account, one after the other."""

    async def of_connector(group: list[UpstreamPlan]) -> list[Finding]:
        return [await try_system(up, adapter_of, ring_of, clock) for up in group]

    ordered = sorted(upstreams, key=lambda up: up.connector)
    groups = [list(group) for _, group in groupby(ordered, key=lambda up: up.connector)]
    found = await asyncio.gather(*map(of_connector, groups))
    return [finding for group in found for finding in group]


async def try_system(up: UpstreamPlan, adapter_of: AdapterOf, ring_of: RingOf, clock: Clock) -> Finding:
    """Goes from the name of the system to its answer, and stops where the way ends."""
    facts: dict[str, Fact] = {"dialect": up.dialect.name, "road": up.settings.road, "by": "nothing"}
    subject = f"{up.connector}/{up.name}"
    try:
        complaints = await way_to(up.settings, clock, facts)
    except Blocked as blocked:
        return Finding(subject, facts, (blocked.complaint,))
    once = replace(up, policies=_once(up.policies))
    adapter = DatedAdapter(adapter_of(once), clock)
    try:
        await adapter.open()
        drift = _Drift()
        ring = ring_of(once, adapter, drift)
        try:
            complaints += await _asked(once, ring, clock, facts, drift)
        finally:
            await ring.close()
    finally:
        await adapter.close()
    complaints += _skew(adapter.skew_s, up.settings, facts)
    return Finding(subject, facts, tuple(complaints))


def _once(policies: UpstreamPolicies) -> UpstreamPolicies:
    """*policies* without a retry, so that the first failure is told."""
    return policies.model_copy(update={"retry": policies.retry.model_copy(update={"attempts": 1})})


class _Drift:
    """Gathers in how many ways the answers differ from their contract."""

    def __init__(self) -> None:
        self.kinds: set[str] = set()

    def __call__(self, event: Event, /) -> None:
        if isinstance(event, DriftSeen):
            self.kinds.add(event.kind)


async def _asked(
    up: UpstreamPlan, ring: UpstreamRing, clock: Clock, facts: dict[str, Fact], drift: _Drift
) -> list[Complaint]:
    """Logs in and asks; writes into *facts* how long each took."""
    facts["by"] = means_of(up, ring)
    began = clock.monotonic()
    try:
        if ring.token is not None:
            await ring.token.current()
            facts["token_s"] = round(clock.monotonic() - began, 3)
            began = clock.monotonic()
        if up.dialect.probe is None:
            return []
        await ask(up, ring, clock, drift)
    except GatewayError as error:
        return [Complaint(error.reason or error.code, facts=_named(up), cause=str(error))]
    taken = facts["answer_s"] = round(clock.monotonic() - began, 3)
    facts["drift"] = sorted(drift.kinds)
    return of_answer(up, taken, drift.kinds)


def of_answer(up: UpstreamPlan, taken: float, drift: AbstractSet[str]) -> list[Complaint]:
    """The complaints about an answer that took *taken* seconds and can be used: it is slow, or off its contract."""
    found = []
    if kinds := ", ".join(sorted(drift - {USUAL})):
        found.append(Complaint("drift", "warning", {**_named(up), "kinds": kinds}))
    if taken >= up.policies.attempt_timeout_s * SLOW:
        found.append(Complaint("slow", "warning", {**_named(up), "seconds": taken}))
    return found


def _named(up: UpstreamPlan) -> dict[str, object]:
    settings = up.settings
    token_host = Place.of(settings.token.url if settings.token is not None else settings.url).host
    return {
        "host": Place.of(settings.url).host,
        "token_host": token_host,
        "limit": up.policies.attempt_timeout_s,
        "road": settings.road,
    }


def _skew(seconds: float | None, settings: UpstreamSettings, facts: dict[str, Fact]) -> list[Complaint]:
    if seconds is None:
        return []
    facts["clock_ahead_s"] = seconds
    if abs(seconds) < SKEW_S:
        return []
    return [Complaint("clock_skew", "warning", facts={"host": Place.of(settings.url).host, "seconds": abs(seconds)})]
