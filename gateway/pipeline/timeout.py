"""Each attempt has its own time, and never more than what is left of the deadline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gateway.core.canonical import Wire
from gateway.core.clock import Clock
from gateway.core.problems import TimedOut
from gateway.core.steps import Next
from gateway.core.upstream import Sent

MARGIN_S: Final = 0.05
"""Kept back from the deadline by every step below it, so that the cache has time to serve stale."""
MINIMUM_S: Final = 0.02
"""With less than this left no call is begun."""


def out_of_time(*, sent: bool) -> TimedOut:
    """The deadline's own error."""
    return TimedOut("The deadline passed before the upstream answered.", reason="deadline", sent=sent)


@dataclass(frozen=True, slots=True)
class AttemptTimeout:
    """Ends an attempt after *seconds*, or at the deadline if that comes first."""

    seconds: float
    clock: Clock

    async def __call__(self, proceed: Next[Sent, Wire | None], sent: Sent) -> Wire | None:
        now = self.clock.monotonic()
        deadline = sent.call.expires_at - MARGIN_S
        if deadline - now < MINIMUM_S:
            raise out_of_time(sent=False)
        until = now + self.seconds
        try:
            async with self.clock.timeout_at(min(until, deadline)):
                return await proceed(sent)
        except TimeoutError:
            if until <= deadline:
                raise TimedOut("The upstream did not answer in time.", reason="attempt") from None
            raise out_of_time(sent=True) from None
