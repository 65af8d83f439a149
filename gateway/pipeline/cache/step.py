"""Answers that are still true, and those that stand in: the steps around :mod:`gateway.pipeline.cache.freshness`."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar, Final, Literal, assert_never

import structlog

from gateway.core.call import NO_WISH, Answer, CacheNote, Call, Priority, Replayable, Trace
from gateway.core.clock import Clock
from gateway.core.events import CacheAsked, Observer, Refreshed, ServedStale, silence
from gateway.core.operation import Operation
from gateway.core.problems import GatewayError, NotCached, Overloaded, TimedOut
from gateway.core.steps import Next
from gateway.pipeline.cache.cache_key import CacheKey, KeyedHash, KeyMaker
from gateway.pipeline.cache.freshness import (
    Decision,
    Fresh,
    Law,
    Miss,
    NotHere,
    StaleAccepted,
    StaleIfError,
    StaleWhileRevalidate,
    decide,
    early_at,
    stands_in,
)
from gateway.pipeline.cache.invalidation import InvalidationLog, Tagger
from gateway.pipeline.cache.memory import Memory, MemoryEntry, MemorySettings
from gateway.pipeline.cache.purge import Purge
from gateway.pipeline.cache.single_flight import WAIT_MARGIN_S, Flight, Flights
from gateway.pipeline.cache.store import Entry, NoSharedStore, SharedStore
from gateway.pipeline.cache.tiers import TieredStore

REST_S: Final = 30.0
"""After a failed renewal none is begun for so long (FusionCache's fail-safe throttle)."""
MOST_RENEWALS: Final = 1_000
SWEEP_EVERY_S: Final = 1.0
SWEEP_MOST: Final = 2_000
log = structlog.get_logger("gateway.cache")


def cacheable(operation: Operation[Any, Any]) -> bool:
    """Whether answers are kept at all: of reads that have a freshness, and never files."""
    return operation.effect == "read" and operation.fresh_s > 0 and not operation.streams()


class Caching:
    """What the caches of all operations share; owns what runs in the background."""

    def __init__(
        self,
        settings: MemorySettings | None = None,
        *,
        clock: Clock,
        observer: Observer = silence,
        shared: SharedStore | None = None,
        invalidations: InvalidationLog | None = None,
        names: Sequence[KeyedHash] = (),
        dice: random.Random | None = None,
    ) -> None:
        self.settings = settings or MemorySettings()
        self.clock = clock
        self.observer = observer
        self.memory = Memory(self.settings)
        self.invalidations = InvalidationLog() if invalidations is None else invalidations
        self.shared: SharedStore = NoSharedStore() if shared is None else shared
        self.tagger = Tagger(tuple(names) or (KeyedHash.of_this_process(),))
        self.purge = Purge(self.invalidations, self.tagger, self.shared, clock, observer)
        self.dice = dice or random.Random()  # noqa: S311  # spreads expiries, keeps no secret
        self.flights: Flights[Call, Answer] = Flights(clock, self.invalidations.tick)
        self.renewals: Flights[Call, Answer] = Flights(clock, self.invalidations.tick, most=MOST_RENEWALS)
        self._sweeper: asyncio.Task[None] | None = None

    def tiers(self, connector: str, operation: Operation[Any, Any]) -> TieredStore:
        """Where answers of *operation* are kept."""
        return TieredStore(
            law=Law.of(operation),
            memory=self.memory,
            shared=self.shared,
            invalidations=self.invalidations,
            tagger=self.tagger,
            common_tags=self.tagger.common(connector, operation.name),
            clock=self.clock,
            jitter=self.settings.jitter,
            dice=self.dice,
        )

    async def open(self) -> None:
        """Begins to look for the second level and to drop what is of no more use."""
        await self.shared.open()
        self._sweeper = asyncio.create_task(self._sweep(), name="cache sweeper")

    async def close(self) -> None:
        """Ends what runs in the background; calls under way end as the gateway's leaving."""
        if self._sweeper is not None:
            self._sweeper.cancel()
            await asyncio.gather(self._sweeper, return_exceptions=True)
        await self.renewals.close()
        await self.flights.close()
        await self.shared.close()

    async def _sweep(self) -> None:
        while True:
            await self.clock.sleep(SWEEP_EVERY_S)
            self.memory.sweep(self.clock.monotonic(), SWEEP_MOST)


class Cache:
    """The cache step of one operation."""

    name: ClassVar[str] = "cache"

    def __init__(
        self,
        connector: str,
        operation: Operation[Any, Any],
        caching: Caching,
        *,
        observer: Observer,
        scarce: Callable[[], bool],
        alone: bool,
    ) -> None:
        """*alone*: no other step has a say where the memory has an answer, so the door may give it again by itself."""
        self._names = (connector, operation.name)
        self._alone = alone
        self._deadline_s = operation.deadline_s
        self._shelf = caching.tiers(connector, operation)
        self._caching = caching
        self._observer = observer
        self._scarce = scarce
        self._key_of = KeyMaker(connector, operation).of
        self._get = caching.memory.get
        self._invalidations = caching.invalidations
        self._clock = caching.clock
        self._monotonic = caching.clock.monotonic

    async def __call__(self, proceed: Next[Call, Answer], call: Call) -> Answer:
        key = self._key_of(call)
        held = self._get(key)
        if (
            held is not None
            and call.cache is NO_WISH
            and held.version == self._invalidations.version
            and self._monotonic() < held.quiet_until
            and held.quiet is not None
        ):
            held.hits += 1
            self._observer(held.quiet[1])
            return held.quiet[0]
        return await self._consider(proceed, call, key)

    async def _consider(self, proceed: Next[Call, Answer], call: Call, key: CacheKey) -> Answer:
        held, decision = self._decide(key, call)
        if self._may_be_elsewhere(decision, call) and await self._shelf.look_further(
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
            case StaleIfError():
                return await self._ask(proceed, call, key, decision)
            case Miss():
                return await self._ask(proceed, call, key, None)
            case NotHere():
                self._observer(CacheAsked(*self._names, "absent", 0.0))
                raise NotCached
            case _:
                assert_never(decision)

    def _decide(self, key: CacheKey, call: Call) -> tuple[MemoryEntry | None, Decision]:
        now = self._monotonic()
        held = self._shelf.find(key, now)
        if held is None:
            return None, decide(None, now, call.cache, self._shelf.law)
        hot = held.hits >= self._caching.settings.hot_hits
        resting = now < held.resting_until
        return held, decide(
            held.entry, now, call.cache, self._shelf.law, hot=hot, resting=resting, scarce=self._scarce()
        )

    def _may_be_elsewhere(self, decision: Decision, call: Call) -> bool:
        wanting = isinstance(decision, StaleIfError | Miss | NotHere) and not call.cache.no_cache
        return wanting and self._caching.shared.ready

    # ---- answers from what is kept

    def _hit(self, key: CacheKey, held: MemoryEntry, fresh: Fresh) -> Answer:
        entry = held.entry
        standing = ReplayableAnswer(self._caching, self._observer, self._names, key, held) if self._alone else None
        answer = answer_of(entry, fresh.age, "cached", CacheNote("hit", ttl=fresh.ttl), standing)
        asked = CacheAsked(*self._names, "hit", fresh.age)
        # Headers tell whole seconds: until the next one, and while no decision changes, all get the same.
        held.quiet = (answer, asked)
        held.quiet_until = min(
            entry.stored_at + int(fresh.age) + 1, entry.fresh_until - int(fresh.ttl), early_at(entry)
        )
        held.hits += 1
        self._observer(asked)
        return answer

    def _stale(self, held: MemoryEntry, note: CacheNote, reason: str, call: Call) -> Answer:
        entry = held.entry
        age = max(0.0, self._monotonic() - entry.stored_at)
        self._observer(CacheAsked(*self._names, "stale", age))
        self._observer(ServedStale(*self._names, reason))
        call.trace.notes.append(f"stale={reason}")
        return answer_of(entry, age, "stale", note)

    # ---- answers from the source

    async def _ask(
        self, proceed: Next[Call, Answer], call: Call, key: CacheKey, may_stand_in: StaleIfError | None
    ) -> Answer:
        soft_s = may_stand_in.soft_timeout_s if may_stand_in is not None else 0.0
        try:
            answer = await (self._ask_softly(proceed, call, key, soft_s) if soft_s else proceed(call))
        except GatewayError as error:
            # What was held before may be purged, renewed or worn out by now: look again.
            held = self._stand_in(key) if may_stand_in is not None and error.stale_may_stand_in else None
            if held is None:
                self._observer(CacheAsked(*self._names, "miss", 0.0))
                raise
            return self._stale(held, standing_in_for(error), error.reason or error.code, call)
        collapsed = answer.cache is not None and answer.cache.collapsed
        self._observer(CacheAsked(*self._names, "collapsed" if collapsed else "miss", 0.0))
        return answer

    async def _ask_softly(self, proceed: Next[Call, Answer], call: Call, key: CacheKey, soft_s: float) -> Answer:
        """Asks, and raises :class:`SoftTimeout` where that takes longer and something can stand in: the question goes
        on behind the caller's back, and its late answer is kept.
        """
        began = self._monotonic()
        flight = self._renew(proceed, call, key, priority=call.priority)
        if flight is None:
            return await proceed(call)
        try:
            return await self._caching.renewals.wait(flight, min(began + soft_s, call.expires_at - WAIT_MARGIN_S))
        except TimeoutError:
            if self._stand_in(key) is not None:
                raise SoftTimeout from None
        finally:
            call.trace.upstream += self._monotonic() - began
        return await proceed(call)

    def _stand_in(self, key: CacheKey) -> MemoryEntry | None:
        now = self._monotonic()
        held = self._shelf.find(key, now)
        return held if held is not None and stands_in(held.entry, now, self._shelf.law) else None

    # ---- renewals behind the caller's back

    def _renew(
        self, proceed: Next[Call, Answer], call: Call, key: CacheKey, *, priority: Priority = "batch"
    ) -> Flight[Call, Answer] | None:
        """The one renewal of *key* that runs, begun now where there is none; None where too many run."""
        now = self._monotonic()
        own = replace(call, expires_at=now + self._deadline_s, priority=priority, cache=NO_WISH, trace=Trace(now))
        try:
            flight, _ = self._caching.renewals.start(key, own, partial(self._renewed, proceed, key), keep=True)
        except Overloaded:
            return None
        return flight

    async def _renewed(self, proceed: Next[Call, Answer], key: CacheKey, call: Call) -> Answer:
        outcome = "cancelled"
        try:
            answer = await self._from_elsewhere(key, call) or await proceed(call)
            outcome = "ok"
        except GatewayError as error:
            outcome = error.reason or error.code
            raise
        except Exception:
            outcome = "internal"
            log.exception("renewal failed", connector=self._names[0], operation=self._names[1])
            raise
        finally:
            if outcome != "ok" and (held := self._get(key)) is not None:
                held.resting_until = self._monotonic() + REST_S
            self._observer(Refreshed(*self._names, outcome))
        return answer

    async def _from_elsewhere(self, key: CacheKey, call: Call) -> Answer | None:
        """What another gateway has renewed already."""
        if not self._caching.shared.ready or not await self._shelf.look_further(key, call.expires_at):
            return None
        now = self._monotonic()
        held = self._shelf.find(key, now)
        if held is None or now >= min(held.entry.fresh_until, early_at(held.entry)):
            return None
        return answer_of(
            held.entry, now - held.entry.stored_at, "cached", CacheNote("hit", ttl=held.entry.fresh_until - now)
        )


class ReplayableAnswer:
    """A fresh answer that is given again without a question, until its early renewal is due or a purge comes."""

    __slots__ = ("_entry", "_get", "_held", "_invalidations", "_key", "_names", "_observer", "_until")

    def __init__(
        self, caching: Caching, observer: Observer, names: tuple[str, str], key: CacheKey, held: MemoryEntry
    ) -> None:
        self._get = caching.memory.get
        self._invalidations = caching.invalidations
        self._observer = observer
        self._names = names
        self._key = key
        self._held = held
        self._entry = held.entry
        self._until = min(held.entry.fresh_until, early_at(held.entry))

    def replay(self, now: float) -> tuple[float, float] | None:
        """See :class:`gateway.core.call.Replayable`."""
        held, entry = self._held, self._entry
        if now >= self._until or held.version != self._invalidations.version or self._get(self._key) is not held:
            return None
        held.hits += 1
        age = now - entry.stored_at
        connector, operation = self._names
        self._observer(CacheAsked(connector, operation, "hit", age))
        return age, entry.fresh_until - now


def answer_of(
    entry: Entry,
    age: float,
    freshness: Literal["cached", "stale"],
    note: CacheNote,
    standing: Replayable | None = None,
) -> Answer:
    """*entry* as an answer."""
    return Answer(
        value=entry.value,
        fetched_at=entry.fetched_at,
        freshness=freshness,
        age=age,
        cache=note,
        standing=standing,
    )


class SoftTimeout(TimedOut):
    """The source is slower than the operation's soft timeout, and an older answer can stand in."""

    def __init__(self) -> None:
        super().__init__(reason="soft_timeout")


def standing_in_for(error: GatewayError) -> CacheNote:
    """What ``Cache-Status`` says of a failed source (RFC 9211 section 2): its status, or the reason word."""
    status = error.upstream_status
    if status is not None and status >= 400:
        return CacheNote("stale", fwd_status=status)
    return CacheNote("stale", detail=error.reason or error.code)


@dataclass(frozen=True, slots=True)
class Keep:
    """Innermost of the three steps, once for each shared call: keeps what the source answers. Errors are never kept."""

    name: ClassVar[str] = "keep"

    tiers: TieredStore
    keys: KeyMaker

    async def __call__(self, proceed: Next[Call, Answer], call: Call) -> Answer:
        order, asked_at = self.tiers.invalidations.tick(), round(self.tiers.clock.now().timestamp(), 3)
        answer = await proceed(call)
        return replace(answer, cache=self.tiers.keep(self.keys.of(call), call, answer, order, asked_at))


class Bypass:
    """The cache step of an operation that keeps nothing."""

    name: ClassVar[str] = "bypass"

    async def __call__(self, proceed: Next[Call, Answer], call: Call) -> Answer:
        if call.cache.only_if_cached:
            raise NotCached
        return replace(await proceed(call), cache=CacheNote("bypass"))
