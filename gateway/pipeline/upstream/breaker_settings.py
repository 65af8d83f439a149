"""The settings of a circuit breaker."""

from __future__ import annotations

from pydantic import Field

from gateway.core.settings import Frozen


class BreakerSettings(Frozen):
    """When to stop asking. Counts are of attempts; seconds."""

    consecutive_failures: int = Field(
        default=5, ge=1, description="failures in a row that open the breaker, however far apart"
    )
    ratio: float = Field(
        default=0.5, gt=0, le=1, description="share of failed calls in the window that opens the breaker"
    )
    min_calls: int = Field(default=10, ge=1, description="with fewer calls in the window the shares are not looked at")
    slow_s: float = Field(default=3.0, gt=0, description="an exchange that takes this long is slow")
    slow_ratio: float = Field(
        default=0.6, gt=0, le=1, description="share of slow calls in the window that opens the breaker"
    )
    window_s: float = Field(default=60.0, gt=0, description="length of the window over which shares are counted")
    open_s: float = Field(default=30.0, gt=0, description="how long the breaker stays open")
    half_open_calls: int = Field(
        default=3, ge=1, le=100, description="probes that must succeed before the breaker closes"
    )
