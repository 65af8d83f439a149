"""The answer cache: the parts that the cache steps of all operations share, and their lifetime."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from typing import Any, Final

from gateway.core.call import Answer, Call, HitMemory
from gateway.core.clock import Clock
from gateway.core.events import Observer, silence
from gateway.core.lasting import lasting
from gateway.core.operation import Operation
from gateway.pipeline.cache.cache_key import KeyedHash
from gateway.pipeline.cache.freshness import Law
from gateway.pipeline.cache.hits import ReplayableHits
from gateway.pipeline.cache.invalidation import InvalidationLog, Tagger
from gateway.pipeline.cache.memory import Memory, MemorySettings
from gateway.pipeline.cache.purge import Purge
from gateway.pipeline.cache.single_flight import MOST_FLIGHTS, Flights, SingleFlight
from gateway.pipeline.cache.store import NoSharedStore, SharedStore
from gateway.pipeline.cache.tiers import TieredStore

MOST_RENEWALS: Final = 1_000
SWEEP_EVERY_S: Final = 1.0
SWEEP_MOST: Final = 2_000


def cacheable(operation: Operation[Any, Any]) -> bool:
    """Whether answers are kept at all: of reads that have a freshness, and never files."""
    return operation.effect == "read" and operation.fresh_s > 0 and not operation.streams()


class AnswerCache:
    """Memory, second level, invalidations and shared calls of one gateway.

    Args:
        settings: Limits of the memory.
        clock: Time.
        observer: Receives an event for each purge.
        shared: The second level, if there is one.
        invalidations: The log that the second level shares, if there is one.
        hashes: Keyed hashes for tags, the present one first; one of this process unless given.
        dice: Random numbers that spread the ends of lives.
        most_flights: Different questions that may be under way at once.
        most_renewals: Renewals that may run in the background at once.
    """

    def __init__(
        self,
        settings: MemorySettings | None = None,
        *,
        clock: Clock,
        observer: Observer = silence,
        shared: SharedStore | None = None,
        invalidations: InvalidationLog | None = None,
        hashes: Sequence[KeyedHash] = (),
        dice: random.Random | None = None,
        most_flights: int = MOST_FLIGHTS,
        most_renewals: int = MOST_RENEWALS,
    ) -> None:
        self.settings = settings or MemorySettings()
        self.clock = clock
        self.memory = Memory(self.settings)
        self.invalidations = InvalidationLog() if invalidations is None else invalidations
        self.shared: SharedStore = NoSharedStore() if shared is None else shared
        self.tagger = Tagger(tuple(hashes) or (KeyedHash.of_this_process(),))
        self.purge = Purge(self.invalidations, self.tagger, self.shared, clock, observer)
        self.dice = dice or random.Random()  # noqa: S311  # spreads expiries, keeps no secret
        self.flights: Flights[Call, Answer] = Flights(clock, self.invalidations.tick, most=most_flights)
        self.renewals: Flights[Call, Answer] = Flights(clock, self.invalidations.tick, most=most_renewals)
        self.single_flight = SingleFlight(self.flights, clock)
        self._sweeper: asyncio.Task[None] | None = None

    def retune(self, settings: MemorySettings) -> None:
        """Goes by *settings* from now on; what is kept stays, as far as there is room for it."""
        self.settings = settings
        self.memory.resize(settings)

    def tiers(self, connector: str, operation: Operation[Any, Any]) -> TieredStore:
        """The store of the answers to *operation*."""
        return TieredStore(
            law=Law.of(operation),
            memory=self.memory,
            shared=self.shared,
            invalidations=self.invalidations,
            tagger=self.tagger,
            common_tags=self.tagger.common(connector, operation.name),
            subject_fields=operation.subject_fields(),
            clock=self.clock,
            jitter=self.settings.jitter,
            dice=self.dice,
        )

    @property
    def hits(self) -> HitMemory:
        """The entries, as far as they may be replayed."""
        return ReplayableHits(self.memory, self.invalidations, self.clock)

    async def open(self) -> None:
        """Begins to look for the second level and to drop entries that can no longer be used."""
        await self.shared.open()
        self._sweeper = lasting(self._sweep, self.clock, "cache sweeper")

    async def close(self) -> None:
        """Ends the tasks in the background; calls under way end with ``Overloaded`` (``leaving``)."""
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
