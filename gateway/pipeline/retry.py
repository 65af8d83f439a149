"""Asks again where that is safe and there is time; driven by tenacity, decided by data on the error."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from pydantic import Field
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt

from gateway.core.canonical import Wire
from gateway.core.clock import Clock
from gateway.core.events import Observer, Retried
from gateway.core.problems import GatewayError
from gateway.core.steps import Next
from gateway.core.upstream import Frozen, Sent
from gateway.pipeline.timeout import MARGIN_S, MINIMUM_S


class RetrySettings(Frozen):
    """Exponential back-off with full jitter (AWS architecture blog); seconds."""

    attempts: int = Field(default=3, ge=1, le=10, description="attempts in all; 1 never asks again")
    initial_s: float = Field(default=0.1, gt=0, description="longest first wait")
    max_s: float = Field(default=2.0, gt=0, description="longest wait")


def may_repeat(error: BaseException, sent: Sent) -> bool:
    """Whether asking again can do no harm: reads, and writes of which no byte left."""
    return isinstance(error, GatewayError) and error.retry_inside and (sent.effect == "read" or not error.sent)


@dataclass(frozen=True, slots=True)
class Retry:
    """The retry step of one upstream."""

    settings: RetrySettings
    clock: Clock
    observer: Observer
    names: tuple[str, str]
    random: random.Random = field(default_factory=random.Random)

    async def __call__(self, proceed: Next[Sent, Wire | None], sent: Sent) -> Wire | None:
        try:
            return await proceed(sent)
        except GatewayError as error:
            if self.settings.attempts == 1 or not may_repeat(error, sent):
                raise
            return await self._again(proceed, sent, error)

    async def _again(self, proceed: Next[Sent, Wire | None], sent: Sent, first: GatewayError) -> Wire | None:
        pending: list[GatewayError] = [first]

        async def attempt() -> Wire | None:
            if pending:
                raise pending.pop()
            self.observer(Retried(*self.names, sent.call.operation.name))
            return await proceed(sent)

        retrying = AsyncRetrying(
            stop=lambda state: stop_after_attempt(self.settings.attempts)(state) or not self._fits(state, sent),
            wait=self._wait,
            retry=retry_if_exception(lambda error: may_repeat(error, sent)),
            sleep=self.clock.sleep,
            reraise=True,
        )
        return await retrying(attempt)

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, GatewayError) and error.retry_after is not None:
            return error.retry_after
        ceiling = min(self.settings.max_s, self.settings.initial_s * 2.0 ** (state.attempt_number - 1))
        return self.random.uniform(0, ceiling)

    def _fits(self, state: RetryCallState, sent: Sent) -> bool:
        left = sent.call.expires_at - MARGIN_S - MINIMUM_S - self.clock.monotonic()
        return state.upcoming_sleep <= left
