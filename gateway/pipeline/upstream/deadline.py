"""Refuses to begin an exchange when too little time is left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from gateway.core.canonical import Wire
from gateway.core.clock import Clock
from gateway.core.steps import Next
from gateway.core.upstream import UpstreamRequest
from gateway.pipeline.deadline import out_of_time, seconds_left


@dataclass(frozen=True, slots=True)
class Deadline:
    """Fails at once when less than *minimum_s* seconds are left, so that the exchange costs no quota."""

    name: ClassVar[str] = "deadline"

    minimum_s: float
    clock: Clock

    async def __call__(self, proceed: Next[UpstreamRequest, Wire | None], request: UpstreamRequest) -> Wire | None:
        if seconds_left(request.call, self.clock.monotonic()) < self.minimum_s:
            request.call.trace.notes.append("deadline=too_late_to_ask")
            raise out_of_time(may_have_arrived=False)
        return await proceed(request)
