"""Limits how often a caller may ask, whether the cache or a source answers: one token bucket per key.

The bucket is kept in a store behind a small protocol: that of this process, or one that several gateways share.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final, Protocol

from pydantic import Field

from gateway.core.call import Allowance, Answer, Call
from gateway.core.clock import Clock
from gateway.core.problems import RateLimited
from gateway.core.settings import Frozen
from gateway.core.steps import Next

SHORTEST_S: Final = 1.0
"""The shortest wait that a caller is told: ``Retry-After`` counts whole seconds."""
PASSES_CACHE: Final = 5
"""Requests that one counts as which has the source asked though a fresh answer may be there."""
TINY_S: Final = 1e-9
"""The rounding error that sums of binary fractions may have."""


class RateSettings(Frozen):
    """The rate of a caller."""

    per_second: float = Field(
        gt=0, le=1_000_000, description="requests a second in the long run; one with no-cache counts as five"
    )
    burst: int = Field(default=0, ge=0, le=1_000_000, description="requests at once; 0: as many as in one second")

    @property
    def most(self) -> int:
        """Requests that may come at once."""
        return self.burst or max(1, math.ceil(self.per_second))


def decide(due: float, now: float, settings: RateSettings, number: int = 1) -> tuple[float, Allowance]:
    """*number* requests of the token bucket, kept as one number: *due*, when it would be full again.

    It is the generic cell rate algorithm (ITU-T I.371). Returns the next *due* and the rest of the caller's rate;
    ``refused_s`` is set if this request exceeds it.
    """
    cost = 1 / settings.per_second
    due = max(due, now)
    after = due + cost * min(number, settings.most)
    room = now + settings.most * cost
    if after > room + TINY_S:
        return due, Allowance(settings.most, settings.most * cost, 0, due - now, refused_s=after - room)
    return after, Allowance(
        settings.most, settings.most * cost, math.floor((room - after) / cost + TINY_S), after - now
    )


class RateStore(Protocol):
    """Keeps the number of each caller's bucket; gateways that share a store share the rate."""

    async def take(self, caller: str, settings: RateSettings, now: float, number: int = 1) -> Allowance:
        """Takes *number* requests of *caller*'s allowance."""
        ...


class MemoryRates:
    """The buckets of this process; callers come from the configuration, so their number is bounded."""

    def __init__(self) -> None:
        self._due: dict[str, float] = {}

    async def take(self, caller: str, settings: RateSettings, now: float, number: int = 1) -> Allowance:
        """See :meth:`RateStore.take`."""
        self._due[caller], allowance = decide(self._due.get(caller, 0.0), now, settings, number)
        return allowance


@dataclass(frozen=True, slots=True)
class CallerRateLimit:
    """Refuses requests beyond the configured rate of their caller; one that passes the cache over is dearer."""

    name: ClassVar[str] = "caller rate limit"
    sees_hits: ClassVar[bool] = True

    rates: Mapping[str, RateSettings]
    store: RateStore
    clock: Clock

    async def __call__(self, proceed: Next[Call, Answer], call: Call) -> Answer:
        settings = self.rates.get(call.caller)
        if settings is not None:
            number = PASSES_CACHE if passes_cache(call) else 1
            allowance = await self.store.take(call.caller, settings, self.clock.monotonic(), number)
            call.trace.allowance = allowance
            if allowance.refused_s is not None:
                raise RateLimited(retry_after=max(SHORTEST_S, allowance.refused_s))
        return await proceed(call)

    async def charge(self, caller: str) -> Allowance | None:
        """Counts a request of *caller* that was refused before its ring; None for a caller without a rate."""
        settings = self.rates.get(caller)
        return None if settings is None else await self.store.take(caller, settings, self.clock.monotonic())


def passes_cache(call: Call) -> bool:
    """Whether *call* wants a newer answer than the operation's law asks for."""
    wish, fresh_s = call.cache, call.operation.fresh_s
    return fresh_s > 0 and (wish.no_cache or (wish.max_age is not None and wish.max_age < fresh_s))
