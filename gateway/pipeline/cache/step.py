"""The cache step of an operation: carries out what :func:`gateway.pipeline.cache.freshness.decide` decides."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar, Final, Literal, assert_never

import structlog
from msgspec.structs import replace

from gateway.core.call import NO_WISH, Answer, CacheNote, Call, Priority, Trace
from gateway.core.events import CacheAsked, Observer, Refreshed, ServedStale
from gateway.core.operation import Operation
from gateway.core.problems import GatewayError, NotCached, Overloaded, TimedOut
from gateway.core.steps import Next
from gateway.pipeline.cache.answer_cache import AnswerCache
from gateway.pipeline.cache.cache_key import CacheKey, KeyMaker
from gateway.pipeline.cache.freshness import (
    Decision,
    Fresh,
    Miss,
    NotHere,
    StaleAccepted,
    StaleIfError,
    StaleWhileRevalidate,
    decide,
    early_in,
    stands_in,
)
from gateway.pipeline.cache.memory import MemoryEntry
from gateway.pipeline.cache.single_flight import NEVER_JOIN, WAIT_MARGIN_S, Flight

REST_S: Final = 30.0
"""After a failed renewal none is begun for so long (FusionCache's fail-safe throttle)."""
log = structlog.get_logger("gateway.cache")


class CacheStep:
    """Answers from the cache where an operation's law and the caller's wish allow it, else from the source, once for
    equal questions, and keeps the answer.

    Args:
        connector: The operation's connector.
        operation: A cacheable operation.
        cache: The gateway's answer cache.
        observer: Receives an event for each cache look-up.
        scarce: Whether the source's quota is nearly spent.
        replayable: Whether a fresh hit may be replayed without the ring.
    """

    name: ClassVar[str] = "cache"
    sees_hits: ClassVar[bool] = False

    def __init__(
        self,
        connector: str,
        operation: Operation[Any, Any],
        cache: AnswerCache,
        *,
        observer: Observer,
        scarce: Callable[[], bool],
        replayable: bool,
    ) -> None:
        self._names = (connector, operation.name)
        self._replayable = replayable
        self._deadline_s = operation.deadline_s
        self._cache = cache
        self._tiers = cache.tiers(connector, operation)
        self._law = self._tiers.law
        self._observer = observer
        self._scarce = scarce
        self._key_of = KeyMaker(connector, operation).of
        self._monotonic = cache.clock.monotonic

    async def __call__(self, proceed: Next[Call, Answer], call: Call) -> Answer:
        key = self._key_of(call)
        held, decision = self._decide(key, call)
        if self._may_be_elsewhere(decision, call) and await self._tiers.look_further(
            key, call.expires_at - WAIT_MARGIN_S
        ):
            held, decision = self._decide(key, call)
        match decision:
            case Fresh(refresh=refresh):
                assert held is not None
                if refresh:
                    self._renew(proceed, call, key)
                return self._hit(key, held, decision)
            case StaleWhileRevalidate(ttl=ttl, refresh=refresh):
                assert held is not None
                if refresh:
                    self._renew(proceed, call, key)
                return self._stale(held, CacheNote("hit", ttl=ttl), "revalidating", call)
            case StaleAccepted(ttl=ttl, reason=reason):
                assert held is not None
                return self._stale(held, CacheNote("hit", ttl=ttl), reason, call)
            case StaleIfError() | Miss():
                return await self._ask(proceed, call, key, decision)
            case NotHere():
                self._observer(CacheAsked(*self._names, "absent", 0.0))
                raise NotCached
            case _:
                assert_never(decision)

    def _decide(self, key: CacheKey, call: Call) -> tuple[MemoryEntry | None, Decision]:
        now = self._monotonic()
        held = self._tiers.find(key, now)
        if held is None:
            return None, decide(None, now, call.cache, self._law)
        hot = held.hits >= self._cache.settings.hot_hits
        resting = now < held.resting_until
        return held, decide(held.entry, now, call.cache, self._law, hot=hot, resting=resting, scarce=self._scarce())

    def _may_be_elsewhere(self, decision: Decision, call: Call) -> bool:
        wanting = isinstance(decision, StaleIfError | Miss | NotHere) and not call.cache.no_cache
        return wanting and self._cache.shared.ready

    # ---- answers from the cache

    def _hit(self, key: CacheKey, held: MemoryEntry, fresh: Fresh) -> Answer:
        held.hits += 1
        self._observer(CacheAsked(*self._names, "hit", fresh.age))
        note = CacheNote("hit", ttl=fresh.ttl)
        return answer_of(held, fresh.age, "cached", note, hit_key=key if self._replayable else None)

    def _stale(self, held: MemoryEntry, note: CacheNote, reason: str, call: Call) -> Answer:
        age = max(0.0, self._monotonic() - held.life[0])
        self._observer(CacheAsked(*self._names, "stale", age))
        self._observer(ServedStale(*self._names, reason))
        call.trace.notes.append(f"stale={reason}")
        return answer_of(held, age, "stale", note)

    # ---- answers from the source

    async def _fetch(self, proceed: Next[Call, Answer], call: Call, key: CacheKey) -> Answer:
        """The source's answer: one call for equal questions, and it is kept once."""
        wish = call.cache
        fetch = partial(self._store, proceed, key, kept=not wish.no_store, told=wish.no_cache and not wish.no_store)
        return await self._cache.single_flight.share(key, call, fetch, self._since(call))

    def _since(self, call: Call) -> float:
        """Only a call that began after this place in the order of events may be joined."""
        if call.cache.no_cache:
            return NEVER_JOIN
        log_of_purges = self._cache.invalidations
        return log_of_purges.newest(self._tiers.tags_of(call)).order if log_of_purges.version else -1

    async def _store(self, proceed: Next[Call, Answer], key: CacheKey, call: Call, *, kept: bool, told: bool) -> Answer:
        """Asks the source and keeps its answer, unless the caller who began it said ``no-store``; errors are never
        kept. *told*: other gateways hear that it is new.
        """
        order, asked_at = self._cache.invalidations.tick(), round(self._cache.clock.now().timestamp(), 3)
        answer = await proceed(call)
        note = self._tiers.keep(key, call, answer, order, asked_at) if kept else CacheNote("miss")
        if told:
            self._tiers.tell_renewed(key, asked_at)
        return replace(answer, cache=note)

    async def _ask(
        self, proceed: Next[Call, Answer], call: Call, key: CacheKey, decision: StaleIfError | Miss
    ) -> Answer:
        may_stand_in = isinstance(decision, StaleIfError)
        soft_s = decision.soft_timeout_s if isinstance(decision, StaleIfError) else 0.0
        try:
            answer = await (self._ask_softly(proceed, call, key, soft_s) if soft_s else self._fetch(proceed, call, key))
        except GatewayError as error:
            # What was held before may be purged, renewed or worn out by now: look again.
            held = self._stand_in(key) if may_stand_in and error.stale_may_stand_in else None
            if held is None:
                self._observer(CacheAsked(*self._names, "miss", 0.0))
                raise
            return self._stale(held, standing_in_for(error), error.reason or error.code, call)
        collapsed = answer.cache is not None and answer.cache.collapsed
        self._observer(CacheAsked(*self._names, "collapsed" if collapsed else "miss", 0.0))
        if decision.passed_over and answer.cache is not None:
            return replace(answer, cache=replace(answer.cache, kind="request"))
        return answer

    async def _ask_softly(self, proceed: Next[Call, Answer], call: Call, key: CacheKey, soft_s: float) -> Answer:
        """Asks the source, and raises :class:`SoftTimeout` if that takes longer and an older answer can be used: the
        question goes on in the background, and its late answer is kept.
        """
        began = self._monotonic()
        flight = self._renew(proceed, call, key, priority=call.priority)
        if flight is None:
            return await self._fetch(proceed, call, key)
        try:
            return await self._cache.renewals.wait(flight, min(began + soft_s, call.expires_at - WAIT_MARGIN_S))
        except TimeoutError:
            if self._stand_in(key) is not None:
                raise SoftTimeout from None
        finally:
            call.trace.upstream += self._monotonic() - began
        return await self._fetch(proceed, call, key)

    def _stand_in(self, key: CacheKey) -> MemoryEntry | None:
        now = self._monotonic()
        held = self._tiers.find(key, now)
        return held if held is not None and stands_in(held.entry, now, self._tiers.law) else None

    # ---- renewals behind the caller's back

    def _renew(
        self, proceed: Next[Call, Answer], call: Call, key: CacheKey, *, priority: Priority = "batch"
    ) -> Flight[Call, Answer] | None:
        """The running renewal of *key*, started now if there is none; None where too many run."""
        now = self._monotonic()
        own = replace(call, expires_at=now + self._deadline_s, priority=priority, cache=NO_WISH, trace=Trace(now))
        try:
            flight, _ = self._cache.renewals.start(key, own, partial(self._renewed, proceed, key), keep=True)
        except Overloaded:
            return None
        return flight

    async def _renewed(self, proceed: Next[Call, Answer], key: CacheKey, call: Call) -> Answer:
        outcome = "cancelled"
        try:
            answer = await self._from_elsewhere(key, call) or await self._fetch(proceed, call, key)
            outcome = "ok"
        except GatewayError as error:
            outcome = error.reason or error.code
            raise
        except Exception:
            outcome = "internal"
            log.exception("renewal failed", connector=self._names[0], operation=self._names[1])
            raise
        finally:
            if outcome != "ok" and (held := self._cache.memory.get(key)) is not None:
                held.resting_until = self._monotonic() + REST_S
            self._observer(Refreshed(*self._names, outcome))
        return answer

    async def _from_elsewhere(self, key: CacheKey, call: Call) -> Answer | None:
        """The entry that another gateway has already renewed, if there is one."""
        if not self._cache.shared.ready or not await self._tiers.look_further(key, call.expires_at):
            return None
        now = self._monotonic()
        held = self._tiers.find(key, now)
        if held is None:
            return None
        stored_at, fresh_until, _ = held.life
        if now >= early_in(stored_at, fresh_until):
            return None
        return answer_of(held, now - stored_at, "cached", CacheNote("hit", ttl=fresh_until - now))


def answer_of(
    held: MemoryEntry,
    age: float,
    freshness: Literal["cached", "stale"],
    note: CacheNote,
    *,
    hit_key: CacheKey | None = None,
) -> Answer:
    """The entry as an answer."""
    return Answer(
        value=held.value, fetched_at=held.fetched_at, freshness=freshness, age=age, cache=note, hit_key=hit_key
    )


class SoftTimeout(TimedOut):
    """The source is slower than the operation's soft timeout, and an older answer can be used."""

    def __init__(self) -> None:
        super().__init__(reason="soft_timeout")


def standing_in_for(error: GatewayError) -> CacheNote:
    """The ``Cache-Status`` note about a failed source (RFC 9211 section 2): its status, or the reason word."""
    status = error.upstream_status
    if status is not None and status >= 400:
        return CacheNote("stale", fwd_status=status)
    return CacheNote("stale", detail=error.reason or error.code)


class Bypass:
    """The cache step of an operation whose answers are not cached."""

    name: ClassVar[str] = "bypass"
    sees_hits: ClassVar[bool] = False

    async def __call__(self, proceed: Next[Call, Answer], call: Call) -> Answer:
        if call.cache.only_if_cached:
            raise NotCached
        return replace(await proceed(call), cache=CacheNote("bypass"))
