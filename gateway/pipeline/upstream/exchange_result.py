"""The sign that an exchange gives about the system that was asked, for its breaker."""

from __future__ import annotations

from typing import Literal, TypeAlias

from gateway.core.problems import CallerError, GatewayError, TimedOut
from gateway.pipeline.upstream.breaker_settings import BreakerSettings

ExchangeResult: TypeAlias = Literal["well", "fact", "failed", "nothing"]
"""``fact``: the source works, but the answer says nothing about how well (no record, a caller's fault): neutral while
closed, a sign of life from a probe. ``nothing``: it was not asked, or what came says nothing about it."""


def weigh(error: GatewayError, seconds: float, settings: BreakerSettings) -> ExchangeResult:
    """Weighs what *error*, after *seconds* at the source, shows about the source.

    An attempt that its caller's deadline cut short proves nothing, unless it had half of what counts as slow: else one
    impatient caller could close a source for all.
    """
    if isinstance(error, CallerError):
        return "fact"
    if not error.counts_for_breaker:
        return "nothing"
    if isinstance(error, TimedOut) and error.reason == "deadline":
        return "failed" if error.may_have_arrived and seconds >= settings.slow_s / 2 else "nothing"
    return "failed"
