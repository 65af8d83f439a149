"""THE ORDER: the two rings of steps, outermost first. A policy that is not configured has no step in them."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar, Protocol

from gateway.core.call import Answer, Call, HitMemory
from gateway.core.canonical import Wire
from gateway.core.clock import Clock
from gateway.core.events import DriftSeen, Observer
from gateway.core.message import Exchange, Login, Outcome, Reply
from gateway.core.operation import Operation
from gateway.core.settings import UpstreamSettings
from gateway.core.steps import Next, Step, compose
from gateway.core.upstream import UpstreamRequest
from gateway.pipeline.cache.answer_cache import AnswerCache, cacheable
from gateway.pipeline.cache.purge import ForgetChanged
from gateway.pipeline.cache.step import Bypass, CacheStep
from gateway.pipeline.operation.idempotency import Idempotency, IdempotencyKeys
from gateway.pipeline.operation.look_up import LookUps, SubjectHash
from gateway.pipeline.operation.observe import ObserveRequests
from gateway.pipeline.operation.rate_limit import CallerRateLimit, MemoryRates, RateSettings, RateStore
from gateway.pipeline.policies import UpstreamPolicies
from gateway.pipeline.upstream.breaker import Breaker
from gateway.pipeline.upstream.bulkhead import Bulkhead
from gateway.pipeline.upstream.classify_reply import ClassifyReply, Send
from gateway.pipeline.upstream.daily_quota import DayQuota, DayStore, MemoryDays, UpstreamQuota
from gateway.pipeline.upstream.deadline import Deadline
from gateway.pipeline.upstream.observe import ObserveAttempts, ObserveRefusals
from gateway.pipeline.upstream.retry import Retry
from gateway.pipeline.upstream.retry_budget import RetryBudget
from gateway.pipeline.upstream.road_id import RoadId
from gateway.pipeline.upstream.timeout import AttemptTimeout
from gateway.pipeline.upstream.token import Tokens, TokenSource, TokenStep


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamParts:
    """The parts of an upstream's ring."""

    connector: str
    upstream: str
    settings: UpstreamSettings
    policies: UpstreamPolicies
    send: Send
    classify: Callable[[Exchange, Reply], Outcome]
    login: Login[Any] | None
    clock: Clock
    observer: Observer
    keyed_writes: bool = False
    """Whether the source does an order with a known Idempotency-Key only once."""
    tokens: Tokens = field(default_factory=Tokens)
    """Shared by all upstreams of a deployment: the same credential has one token."""
    days: DayStore = field(default_factory=MemoryDays)
    dice: random.Random = field(default_factory=random.Random)
    """For the jitter of back-offs."""


@dataclass(frozen=True, slots=True)
class UpstreamRing:
    """The composed ring of one upstream, and the part of its state that an operator sees."""

    run: Next[UpstreamRequest, Wire | None]
    budget: RetryBudget
    breaker: Breaker
    bulkhead: Bulkhead
    quota: UpstreamQuota | None
    token: TokenSource | None
    untranslatable: Callable[[], None]
    """Tells that an answer which came well could not be used."""

    def scarce(self) -> bool:
        """Whether the day's quota is nearly spent."""
        return self.quota is not None and self.quota.scarce

    async def close(self) -> None:
        """Ends the background tasks of the ring."""
        if self.token is not None:
            await self.token.close()

    def retune(self, policies: UpstreamPolicies, *, moved: bool) -> None:
        """Lets the state that the ring took from the one before it go by *policies*; *moved*: at another address."""
        self.budget.retune(policies.retry.budget)
        self.breaker.retune(policies.breaker, moved=moved)
        self.bulkhead.retune(policies.bulkhead, policies.attempt_minimum_s)
        if self.quota is not None and policies.quota_per_day is not None:
            self.quota.retune(DayQuota(policies.quota_per_day, policies.quota_reserve))


def upstream_ring(parts: UpstreamParts, before: UpstreamRing | None = None) -> UpstreamRing:
    """Observe refusals → retry (budget) → breaker → bulkhead → deadline → upstream quota → observe attempts → attempt
    timeout → token → road id → classify reply.

    A retry that waits holds no place in the bulkhead. A call that is refused before *observe attempts* is not counted
    as an exchange. "HTTP 200 with an error code" becomes an error before any policy sees it.

    The ring shares its state with the one *before*, if there is one; call :meth:`UpstreamRing.retune` when it takes
    that one's place.
    """
    names, policies, clock, observer = (parts.connector, parts.upstream), parts.policies, parts.clock, parts.observer
    minimum_s = policies.attempt_minimum_s
    quota = token = None
    if before is None:
        budget = RetryBudget(policies.retry.budget, clock, observer, names)
        breaker = Breaker(policies.breaker, clock, observer, names)
        bulkhead = Bulkhead(policies.bulkhead, minimum_s, clock, observer, names)
    else:
        budget, breaker, bulkhead, quota = before.budget, before.breaker, before.bulkhead, before.quota
    steps: list[Step[UpstreamRequest, Wire | None]] = [ObserveRefusals(observer, names)]
    if policies.retry.attempts > 1:
        steps.append(Retry(policies.retry, budget, minimum_s, parts.keyed_writes, clock, observer, names, parts.dice))
    steps += [breaker, bulkhead, Deadline(minimum_s, clock)]
    if policies.quota_per_day is None:
        quota = None
    else:
        granted = DayQuota(policies.quota_per_day, policies.quota_reserve)
        quota = quota or UpstreamQuota(granted, parts.days, clock, observer, names)
        steps.append(quota)
    steps += [ObserveAttempts(clock, observer, names), AttemptTimeout(policies.attempt_timeout_s, clock)]
    if parts.login is not None:
        token = parts.tokens.of(
            parts.login,
            parts.settings,
            parts.send,
            clock=clock,
            observer=observer,
            names=names,
            timeout_s=policies.attempt_timeout_s,
        )
        steps.append(TokenStep(parts.login, parts.settings, token, clock))
    if parts.settings.road == "xroad":
        steps.append(RoadId())
    classify_reply = ClassifyReply(parts.send, parts.classify, clock, observer, *names)

    drift = partial(observer, DriftSeen(*names, "untranslatable"))
    return UpstreamRing(compose(steps, classify_reply), budget, breaker, bulkhead, quota, token, drift)


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationParts:
    """The parts of an operation's ring."""

    connector: str
    operation: Operation[Any, Any]
    source: Next[Call, Answer]
    cache: AnswerCache
    clock: Clock
    observer: Observer
    rates: Mapping[str, RateSettings] = field(default_factory=dict)
    """Rates by caller; empty: no caller has a rate."""
    buckets: RateStore = field(default_factory=MemoryRates)
    idempotency_keys: IdempotencyKeys = field(default_factory=IdempotencyKeys)
    keyed_writes: bool = False
    known_again: bool = False
    durable: bool = False
    """*source* accepts orders into a store, which knows their keys."""
    subjects: SubjectHash = field(default_factory=SubjectHash)
    """Hashes whom a question is about, for the request log and the record of look-ups."""
    recorded: bool = False
    """A store keeps who looked at whom."""
    scarce: Callable[[], bool] = lambda: False
    """Whether the source's quota is nearly spent: then stale answers are used, and the source is not asked."""


class OperationStep(Step[Call, Answer], Protocol):
    """A step of the operation ring; one whose *sees_hits* is true must see every request, cached or not."""

    sees_hits: ClassVar[bool]


@dataclass(frozen=True, slots=True)
class OperationRing:
    """The composed ring of one operation, and its fresh hits where they may be replayed without it."""

    run: Next[Call, Answer]
    hits: HitMemory | None


def operation_ring(parts: OperationParts) -> OperationRing:
    """Observe → caller rate limit → idempotency (writes) → cache → forget changed (writes) → the dialect's function.

    The handler has set the deadline on the call and checked rights. Fresh hits are replayed without the ring unless a
    step above the cache must see them, or the question is about a person.
    """
    connector, operation, cache = parts.connector, parts.operation, parts.cache
    look_ups = LookUps(operation, parts.subjects, recorded=parts.recorded)
    above: list[OperationStep] = [ObserveRequests(parts.clock, parts.observer, look_ups)]
    if parts.rates:
        above.append(CallerRateLimit(parts.rates, parts.buckets, parts.clock))
    if operation.effect == "write" and not parts.durable:
        name = f"{connector}.{operation.name}"
        above.append(Idempotency(parts.idempotency_keys, name, parts.keyed_writes, parts.known_again, parts.clock))
    if not cacheable(operation):
        below: list[Step[Call, Answer]] = [Bypass()]
        if operation.effect == "write":
            below.append(ForgetChanged(cache.purge))
        return OperationRing(compose([*above, *below], parts.source), None)
    replayable = not (operation.needs_purpose() or any(step.sees_hits for step in above))
    step = CacheStep(connector, operation, cache, observer=parts.observer, scarce=parts.scarce, replayable=replayable)
    hits = cache.hits if replayable else None
    return OperationRing(compose([*above, step], parts.source), hits)
