"""Outermost of both rings: tells what happened, and adds nothing to it."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.core.canonical import Wire
from gateway.core.clock import Clock
from gateway.core.events import Attempted, Observer, RequestFinished
from gateway.core.operation import Answer, Call
from gateway.core.problems import GatewayError
from gateway.core.steps import Next
from gateway.core.upstream import Sent


@dataclass(frozen=True, slots=True)
class ObserveRequests:
    """Emits :class:`RequestFinished` for each request."""

    clock: Clock
    observer: Observer

    async def __call__(self, proceed: Next[Call, Answer], call: Call) -> Answer:
        outcome = "cancelled"
        try:
            answer = await proceed(call)
            outcome = "not_found" if answer.value is None else "stale" if answer.freshness == "stale" else "ok"
        except GatewayError as error:
            outcome = error.code
            raise
        except Exception:
            outcome = "internal"
            raise
        else:
            return answer
        finally:
            seconds = self.clock.monotonic() - call.trace.started
            self.observer(
                RequestFinished(call.connector, call.operation.name, call.caller, outcome, seconds, call.trace.upstream)
            )


@dataclass(frozen=True, slots=True)
class ObserveAttempts:
    """Emits :class:`Attempted` for each exchange and adds its time to the request's trace."""

    clock: Clock
    observer: Observer
    names: tuple[str, str]

    async def __call__(self, proceed: Next[Sent, Wire | None], sent: Sent) -> Wire | None:
        began = self.clock.monotonic()
        outcome = "cancelled"
        try:
            found = await proceed(sent)
            outcome = "no_record" if found is None else "ok"
        except GatewayError as error:
            outcome = error.reason or error.code
            raise
        else:
            return found
        finally:
            seconds = self.clock.monotonic() - began
            trace = sent.call.trace
            trace.upstream += seconds
            trace.attempts += 1
            if outcome not in {"ok", "no_record"}:
                trace.notes.append(f"attempt={outcome}")
            self.observer(Attempted(*self.names, sent.call.operation.name, outcome, seconds))
