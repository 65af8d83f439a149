"""With too little time left, no exchange is begun."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.core.canonical import Wire
from gateway.core.clock import Clock
from gateway.core.steps import Next
from gateway.core.upstream import Sent
from gateway.pipeline.deadline import left, out_of_time


@dataclass(frozen=True, slots=True)
class Deadline:
    """Begins no exchange that can't end well: with less than *minimum_s* left it fails at once, and costs no quota."""

    minimum_s: float
    clock: Clock

    async def __call__(self, proceed: Next[Sent, Wire | None], sent: Sent) -> Wire | None:
        if left(sent.call, self.clock.monotonic()) < self.minimum_s:
            sent.call.trace.notes.append("deadline=too_late_to_ask")
            raise out_of_time(sent=False)
        return await proceed(sent)
