"""Emits an event for each request; changes nothing about it.

A request for a large file ends when the file has ended, whole or not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from gateway.core.call import Answer, Call
from gateway.core.canonical import Content
from gateway.core.clock import Clock
from gateway.core.events import ISOLATED, Observer, RequestFinished
from gateway.core.problems import MAINTENANCE, GatewayError, Internal, OffContract, Refused, Withheld
from gateway.core.steps import Next
from gateway.core.tracing import traceparent_now
from gateway.pipeline.operation.look_up import LookUps


@dataclass(frozen=True, slots=True)
class ObserveRequests:
    """Emits :class:`RequestFinished` for each request; the replay of a hit emits its own."""

    name: ClassVar[str] = "observe requests"
    sees_hits: ClassVar[bool] = False

    clock: Clock
    observer: Observer
    look_ups: LookUps

    async def __call__(self, proceed: Next[Call, Answer], call: Call) -> Answer:
        try:
            answer = await proceed(call)
        except BaseException as error:
            self._tell(call, error)
            raise
        if isinstance(answer.value, Content) and answer.value.on_its_way is not None:
            answer.value.on_its_way.when_ended(lambda error: self._tell(call, error, answer))
        else:
            self._tell(call, None, answer)
        return answer

    def _tell(self, call: Call, error: BaseException | None, answer: Answer | None = None) -> None:
        trace, detail = call.trace, ""
        if error is not None:
            outcome = _outcome_of(error)
            if isinstance(error, Internal | OffContract | Refused):
                detail = str(error)
        else:
            assert answer is not None
            outcome = "not_found" if answer.value is None else "stale" if answer.freshness == "stale" else "ok"
        self.observer(
            RequestFinished(
                call.connector,
                call.operation.name,
                call.caller,
                outcome,
                self.clock.monotonic() - trace.started,
                trace.upstream,
                trace.queued,
                trace.attempts,
                tuple(trace.notes),
                call.request_id,
                trace.translate,
                answer.cache.kind if answer is not None and answer.cache is not None else "",
                detail,
                self.look_ups.of(call),
                traceparent_now(),
            )
        )


def _outcome_of(error: BaseException) -> str:
    if isinstance(error, Withheld) and error.reason == MAINTENANCE:
        return ISOLATED
    if isinstance(error, GatewayError):
        return error.code
    return "internal" if isinstance(error, Exception) else "cancelled"
