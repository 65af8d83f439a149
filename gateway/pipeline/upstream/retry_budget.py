"""Limits the retries to an upstream: a fifth of its requests, and a few per minute when there are hardly any.

Without this limit, retries multiply the load on a source just when it fails. A retry is paid for when it is decided, so
one that still sleeps in its back-off has already been counted.
"""

from __future__ import annotations

import math
from typing import Literal

import msgspec
from pydantic import Field

from gateway.core.clock import Clock
from gateway.core.events import Observer, RetryBudgetMoved
from gateway.core.settings import Frozen

MINUTE_S = 60.0


class BudgetSettings(Frozen):
    """Retries for requests, as Finagle and Envoy count them."""

    ratio: float = Field(default=0.2, ge=0, le=1, description="retries earned by each request")
    burst: int = Field(default=10, ge=0, le=10_000, description="most earned retries that can be saved up")
    per_minute: int = Field(default=6, ge=0, le=10_000, description="retries a minute granted in any case")


class Budget(msgspec.Struct, frozen=True):
    """The saved retries: *earned* by requests, *given* per minute as of *at* (monotonic seconds)."""

    earned: float
    given: float
    at: float

    @property
    def tokens(self) -> int:
        """Whole retries."""
        return math.floor(self.earned) + math.floor(self.given)


def full(settings: BudgetSettings, now: float) -> Budget:
    """The budget at start: no retries earned yet, and the minimum of one minute."""
    return Budget(0.0, float(settings.per_minute), now)


def decide(
    budget: Budget, event: Literal["request", "retry"], now: float, settings: BudgetSettings
) -> tuple[Budget, bool]:
    """A ``request`` earns its share, a ``retry`` is granted if there is a token for it; never more than
    ``ratio`` × requests + ``per_minute`` × (minutes + 1) retries in all.
    """
    now = max(now, budget.at)
    given = min(float(settings.per_minute), budget.given + (now - budget.at) * settings.per_minute / MINUTE_S)
    if event == "request":
        return Budget(min(float(settings.burst), budget.earned + settings.ratio), given, now), True
    if budget.earned >= 1:
        return Budget(budget.earned - 1, given, now), True
    if given >= 1:
        return Budget(budget.earned, given - 1, now), True
    return Budget(budget.earned, given, now), False


class RetryBudget:
    """One upstream's budget, shared by all its exchanges."""

    def __init__(self, settings: BudgetSettings, clock: Clock, observer: Observer, names: tuple[str, str]) -> None:
        self._settings = settings
        self._clock = clock
        self._observer = observer
        self._names = names
        self._budget = full(settings, clock.monotonic())
        observer(RetryBudgetMoved(*names, self._budget.tokens))

    @property
    def tokens(self) -> int:
        """Retries that the budget had left when it was last asked."""
        return self._budget.tokens

    def retune(self, settings: BudgetSettings) -> None:
        """Grants by *settings* from now on; what was saved up stays, as far as they allow it."""
        held = self._budget
        earned, given = min(held.earned, float(settings.burst)), min(held.given, float(settings.per_minute))
        self._settings, self._budget = settings, Budget(earned, given, held.at)

    def earn(self) -> None:
        """A request begins."""
        self._budget, _ = decide(self._budget, "request", self._clock.monotonic(), self._settings)

    def spend(self) -> bool:
        """Whether a retry is granted; it is counted from now on."""
        self._budget, granted = decide(self._budget, "retry", self._clock.monotonic(), self._settings)
        self._observer(RetryBudgetMoved(*self._names, self._budget.tokens))
        return granted
