"""Emits an event for each exchange, and for each that was refused before it began; changes nothing about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from gateway.core.canonical import Wire
from gateway.core.clock import Clock
from gateway.core.events import REFUSALS, Attempted, CredentialsRefused, MachineFailed, NotAsked, Observer
from gateway.core.problems import GatewayError, OwnTrouble, Refused, UpstreamError
from gateway.core.steps import Next
from gateway.core.tracing import CURRENT, Facts, Span
from gateway.core.upstream import UpstreamRequest

OF_ONE: Final = frozenset({"officer", "too_large"})
"""Reasons of a refusal of one officer or one order: others are answered."""


@dataclass(frozen=True, slots=True)
class ObserveRefusals:
    """Emits :class:`NotAsked` for an exchange that a policy refused before it began: breaker, bulkhead, quota, time."""

    name: ClassVar[str] = "observe refusals"

    observer: Observer
    names: tuple[str, str]

    async def __call__(self, proceed: Next[UpstreamRequest, Wire | None], request: UpstreamRequest) -> Wire | None:
        try:
            return await proceed(request)
        except GatewayError as error:
            if not request.progress.attempts:
                reason = error.reason or error.code
                failed = reason == "quota_spent" and request.call.priority == "interactive"
                self.observer(NotAsked(*self.names, reason, failed))
            raise


@dataclass(frozen=True, slots=True)
class ObserveAttempts:
    """Emits :class:`Attempted` for each exchange and adds its time to the request's trace.

    The time of a large file is that until its first bytes: how long the rest takes depends on the caller too.
    Outer steps read the duration of the exchange from its progress. A refusal of our credentials, after the one token
    renewal, is reported to the operator: it is not a failure of the source, and waiting does not end it.
    """

    name: ClassVar[str] = "observe attempts"

    clock: Clock
    observer: Observer
    names: tuple[str, str]

    async def __call__(self, proceed: Next[UpstreamRequest, Wire | None], request: UpstreamRequest) -> Wire | None:
        began = self.clock.monotonic()
        progress, trace = request.progress, request.call.trace
        progress.attempts += 1
        progress.may_have_arrived = False

        def answered() -> None:
            progress.seconds = self.clock.monotonic() - began
            trace.upstream += progress.seconds
            trace.attempts += 1

        if request.transfer is not None:
            request.transfer.on_hand_over(answered)
        outcome, failed, cause = "cancelled", False, ""
        span = None if (parent := CURRENT.get()) is None else self._span(parent, request)
        if span is not None:
            request = request.with_exchange(request.exchange.with_headers({"traceparent": span.traceparent}))
        try:
            found = await proceed(request)
            outcome = "no_record" if found is None else "ok"
        except GatewayError as error:
            outcome = error.reason or error.code
            failed = isinstance(error, UpstreamError) and outcome not in OF_ONE
            cause = error.cause or ("" if error.upstream_status is None else f"HTTP {error.upstream_status}")
            if isinstance(error, Refused) and outcome in REFUSALS:
                self.observer(CredentialsRefused(*self.names, outcome))
            elif isinstance(error, OwnTrouble):
                self.observer(MachineFailed(outcome))
            raise
        else:
            return found
        finally:
            if not progress.handed_over:
                answered()
            well = outcome in {"ok", "no_record"}
            if span is not None:
                span.end("" if well else outcome)
            if not well:
                trace.notes.append(f"attempt={outcome}")
            self.observer(Attempted(*self.names, request.call.operation.name, outcome, progress.seconds, failed, cause))

    def _span(self, parent: Span, request: UpstreamRequest) -> Span:
        """The span of this attempt, below that of the request."""
        connector, upstream = self.names
        facts: Facts = {
            "lgsp.connector": connector,
            "lgsp.upstream": upstream,
            "lgsp.operation": request.call.operation.name,
            "http.request.resend_count": request.progress.attempts - 1,
        }
        return parent.child(request.exchange.name, facts)
