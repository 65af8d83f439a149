"""Retries an exchange where that is safe, there is time and the retry budget grants it; driven by tenacity.

A retry is safe for reads, for orders of which no byte left, and for orders with an ``Idempotency-Key`` that the
dialect's service honours.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import ClassVar

from pydantic import Field
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt

from gateway.core.canonical import Wire
from gateway.core.clock import Clock
from gateway.core.events import Observer, Retried
from gateway.core.problems import GatewayError
from gateway.core.settings import Frozen
from gateway.core.steps import Next
from gateway.core.upstream import UpstreamRequest
from gateway.pipeline.deadline import seconds_left
from gateway.pipeline.upstream.retry_budget import BudgetSettings, RetryBudget


class RetrySettings(Frozen):
    """Exponential back-off with full jitter (AWS architecture blog); seconds."""

    attempts: int = Field(default=3, ge=1, le=10, description="attempts in all; 1 means no retry")
    initial_s: float = Field(default=0.1, gt=0, le=60, description="longest first wait")
    max_s: float = Field(default=2.0, gt=0, le=60, description="longest wait")
    budget: BudgetSettings = BudgetSettings()


def may_repeat(error: BaseException, request: UpstreamRequest, *, keyed_writes: bool) -> bool:
    """Whether a retry is safe and may help: never after bytes of a file went on."""
    if request.progress.handed_over or not (isinstance(error, GatewayError) and error.retry_inside):
        return False
    return (
        request.effect == "read"
        or not error.may_have_arrived
        or (keyed_writes and request.call.idempotency_key is not None)
    )


def back_off(settings: RetrySettings, attempt: int, dice: random.Random) -> float:
    """Seconds to wait after the *attempt*-th attempt: random, up to a ceiling that doubles."""
    return dice.uniform(0, min(settings.max_s, settings.initial_s * 2.0 ** (attempt - 1)))


@dataclass(frozen=True, slots=True)
class Retry:
    """The retry step of one upstream."""

    name: ClassVar[str] = "retry"

    settings: RetrySettings
    budget: RetryBudget
    minimum_s: float
    keyed_writes: bool
    clock: Clock
    observer: Observer
    names: tuple[str, str]
    dice: random.Random

    async def __call__(self, proceed: Next[UpstreamRequest, Wire | None], request: UpstreamRequest) -> Wire | None:
        self.budget.earn()
        try:
            return await proceed(request)
        except GatewayError as error:
            if not self._repeatable(error, request):
                raise
            return await self._again(proceed, request, error)

    async def _again(
        self, proceed: Next[UpstreamRequest, Wire | None], request: UpstreamRequest, first: GatewayError
    ) -> Wire | None:
        """Repeats the exchange with tenacity; it is called only after a failure, so the usual exchange does not pay for
        it.

        An order that may have arrived once keeps the outcome ``unknown``, however its last attempt ends.
        """
        pending: list[GatewayError] = [first]
        arrived = first.may_have_arrived

        async def attempt() -> Wire | None:
            nonlocal arrived
            if pending:
                raise pending.pop()
            self.observer(Retried(*self.names, request.call.operation.name))
            try:
                return await proceed(request)
            except GatewayError as error:
                if request.effect == "write" and arrived and not error.may_have_arrived:
                    raise error.replace(may_have_arrived=True) from error.__cause__
                arrived = arrived or error.may_have_arrived
                raise

        last = stop_after_attempt(self.settings.attempts)
        retrying = AsyncRetrying(
            retry=retry_if_exception(lambda error: self._repeatable(error, request)),
            wait=self._wait,
            # The budget stands last: it is only spent on a retry that nothing else forbids.
            stop=lambda state: last(state) or self._too_late(state, request) or not self._paid(state, request),
            sleep=self.clock.sleep,
            reraise=True,
        )
        return await retrying(attempt)

    def _repeatable(self, error: BaseException, request: UpstreamRequest) -> bool:
        return may_repeat(error, request, keyed_writes=self.keyed_writes)

    def _wait(self, state: RetryCallState) -> float:
        """The wait of the source's Retry-After where it gave one, else our back-off."""
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, GatewayError) and error.retry_after is not None:
            return error.retry_after
        return back_off(self.settings, state.attempt_number, self.dice)

    def _too_late(self, state: RetryCallState, request: UpstreamRequest) -> bool:
        late = state.upcoming_sleep + self.minimum_s > seconds_left(request.call, self.clock.monotonic())
        if late:
            request.call.trace.notes.append("retry=no_time")
        return late

    def _paid(self, state: RetryCallState, request: UpstreamRequest) -> bool:
        granted = self.budget.spend()
        request.call.trace.notes.append(f"retry=in_{state.upcoming_sleep:.3f}s" if granted else "retry=budget_spent")
        return granted
