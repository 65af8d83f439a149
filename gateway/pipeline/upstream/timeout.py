"""Limits an attempt to the smaller of ``attempt_timeout_s`` and the time left, and sends that limit upstream as
X-Request-Timeout.

A large file has that time until its first bytes, and between any two pieces. While the caller takes a piece nothing is
asked of the source, so its time does not run; the caller's own limit is the deadline, which the API keeps.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Final

from gateway.core.call import Call
from gateway.core.canonical import Wire
from gateway.core.clock import Clock, Limit
from gateway.core.message import Exchange
from gateway.core.problems import TimedOut
from gateway.core.steps import Next
from gateway.core.transfer import WaitsFor
from gateway.core.upstream import UpstreamRequest
from gateway.pipeline.deadline import out_of_time, seconds_left

HEADER: Final = "X-Request-Timeout"
"""Seconds for which somebody still waits for the answer: the same header that this gateway's own callers send."""


def granted(attempt_s: float, left_s: float) -> tuple[float, str]:
    """Seconds that an attempt gets, and the limit that applies: its own (``attempt``) or the ``deadline``."""
    return (attempt_s, "attempt") if attempt_s <= left_s else (left_s, "deadline")


def told(exchange: Exchange, seconds: float) -> Exchange:
    """*exchange* with the header that says how many seconds the answer may take, rounded down to milliseconds."""
    return exchange.with_headers({HEADER: f"{math.floor(seconds * 1000) / 1000:g}"})


@dataclass(frozen=True, slots=True)
class AttemptTimeout:
    """Ends an attempt after *seconds*, or at the deadline if that comes first."""

    name: ClassVar[str] = "attempt timeout"

    seconds: float
    clock: Clock

    async def __call__(self, proceed: Next[UpstreamRequest, Wire | None], request: UpstreamRequest) -> Wire | None:
        now = self.clock.monotonic()
        seconds, whose = granted(self.seconds, seconds_left(request.call, now))
        try:
            async with self.clock.timeout_at(now + seconds) as limit:
                if request.transfer is not None:
                    request.transfer.waits = partial(self._end, request.call, limit)
                return await proceed(request.with_exchange(told(request.exchange, seconds)))
        except TimeoutError:
            begun = request.progress.may_have_arrived
            if request.progress.handed_over:
                whose = granted(0, seconds_left(request.call, self.clock.monotonic()))[1]
            if whose == "deadline":
                raise out_of_time(may_have_arrived=begun) from None
            raise TimedOut("The upstream did not answer in time.", reason="attempt", may_have_arrived=begun) from None

    def _end(self, call: Call, limit: Limit, waits_for: WaitsFor) -> None:
        left = seconds_left(call, self.clock.monotonic())
        limit.end_in(granted(self.seconds, left)[0] if waits_for == "source" else None)
