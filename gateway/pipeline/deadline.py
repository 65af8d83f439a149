"""The deadline of a request: the seconds that are left, and the error when they have passed."""

from __future__ import annotations

from typing import Final

from gateway.core.call import Call
from gateway.core.problems import TimedOut

MARGIN_S: Final = 0.05
"""Kept back from the deadline by every step below it, so that the cache has time to serve stale."""
MINIMUM_S: Final = 0.02
"""With less than this left no attempt is begun, unless an upstream wants more."""


def seconds_left(call: Call, now: float) -> float:
    """Seconds that *call* may still spend below the cache; negative once they are gone."""
    return call.expires_at - MARGIN_S - now


def out_of_time(*, may_have_arrived: bool) -> TimedOut:
    """The deadline's own error; *may_have_arrived* says whether an order may have reached the source."""
    return TimedOut(
        "The deadline passed before the upstream answered.", reason="deadline", may_have_arrived=may_have_arrived
    )
