"""Emits an event for each request; changes nothing about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from gateway.core.call import Answer, Call
from gateway.core.clock import Clock
from gateway.core.events import Observer, RequestFinished
from gateway.core.problems import GatewayError, Internal, OffContract, Refused
from gateway.core.steps import Next
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
        outcome = "cancelled"
        cache = detail = ""
        try:
            answer = await proceed(call)
            cache = answer.cache.kind if answer.cache is not None else ""
            outcome = "not_found" if answer.value is None else "stale" if answer.freshness == "stale" else "ok"
        except GatewayError as error:
            outcome = error.code
            if isinstance(error, Internal | OffContract | Refused):
                detail = str(error)
            raise
        except Exception:
            outcome = "internal"
            raise
        else:
            return answer
        finally:
            trace = call.trace
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
                    cache,
                    detail,
                    self.look_ups.of(call),
                )
            )
