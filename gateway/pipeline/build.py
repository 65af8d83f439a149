"""THE ORDER: the two rings, outermost first. A policy that is not configured has no place in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from gateway.core.canonical import Wire
from gateway.core.clock import Clock
from gateway.core.events import Observer
from gateway.core.operation import Answer, Call, Operation
from gateway.core.steps import Next, Step, compose
from gateway.core.upstream import Exchange, Frozen, Judgement, Login, Reply, Sent, UpstreamSettings
from gateway.pipeline.cache import Cache, Caching, Keep, bypass, cacheable
from gateway.pipeline.judge import Judge, Send
from gateway.pipeline.keys import KeyMaker
from gateway.pipeline.observe import ObserveAttempts, ObserveRequests
from gateway.pipeline.purge import ForgetChanged
from gateway.pipeline.retry import Retry, RetrySettings
from gateway.pipeline.single_flight import SingleFlight
from gateway.pipeline.timeout import AttemptTimeout
from gateway.pipeline.token import TokenStep


class UpstreamPolicies(Frozen):
    """The policies around one upstream, beside its address in configuration."""

    attempt_timeout_s: float = Field(default=5.0, gt=0, description="seconds one attempt may take")
    retry: RetrySettings = RetrySettings()


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamParts:
    """All that an upstream's ring is made of."""

    connector: str
    upstream: str
    settings: UpstreamSettings
    policies: UpstreamPolicies
    send: Send
    fault_of: Callable[[Exchange, Reply], Judgement]
    login: Login[Any] | None
    clock: Clock
    observer: Observer


@dataclass(frozen=True, slots=True)
class UpstreamRing:
    """The composed ring of one upstream, and the state in it that must be closed."""

    run: Next[Sent, Wire | None]
    token: TokenStep | None

    async def close(self) -> None:
        if self.token is not None:
            await self.token.close()


def upstream_ring(parts: UpstreamParts) -> UpstreamRing:
    """Retry → observe each attempt → attempt timeout → token → judge."""
    names = (parts.connector, parts.upstream)
    token = None
    steps: list[Step[Sent, Wire | None]] = [
        Retry(parts.policies.retry, parts.clock, parts.observer, names),
        ObserveAttempts(parts.clock, parts.observer, names),
        AttemptTimeout(parts.policies.attempt_timeout_s, parts.clock),
    ]
    if parts.login is not None:
        token = TokenStep(
            parts.login,
            parts.settings,
            parts.send,
            clock=parts.clock,
            observer=parts.observer,
            names=names,
            timeout_s=parts.policies.attempt_timeout_s,
        )
        steps.append(token)
    judge = Judge(parts.send, parts.fault_of, parts.clock, parts.observer, *names)
    return UpstreamRing(compose(steps, judge), token)


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationParts:
    """All that an operation's ring is made of."""

    connector: str
    operation: Operation[Any, Any]
    source: Next[Call, Answer]
    caching: Caching
    clock: Clock
    observer: Observer
    scarce: Callable[[], bool] = lambda: False
    """Whether the source's quota is nearly spent: then what may stand in does, and the source is spared."""


def operation_ring(parts: OperationParts) -> Next[Call, Answer]:
    """Observe → cache → single-flight → keep → the dialect's function. The door has set the deadline on the call.

    What keeps nothing has none of the three; a write makes what is kept about its subject be forgotten.
    """
    connector, operation, caching = parts.connector, parts.operation, parts.caching
    steps: list[Step[Call, Answer]] = [ObserveRequests(parts.clock, parts.observer)]
    if cacheable(operation):
        keys, shelf = KeyMaker(connector, operation), caching.shelf(connector, operation)
        steps += [
            Cache(connector, operation, caching, observer=parts.observer, scarce=parts.scarce),
            SingleFlight(caching.flights, keys, shelf, parts.clock),
            Keep(shelf, keys),
        ]
    else:
        steps.append(bypass)
    if operation.effect == "write":
        steps.append(ForgetChanged(caching.purge))
    return compose(steps, parts.source)
