"""The machine's clock with a jump in it, for a running gateway whose policies shall forget what was."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from gateway.core.clock import SystemClock, Within


class SkippingClock(SystemClock):
    """Real time plus what was skipped: waits are real, and yet an hour passes at once.

    With *same_day* the wall clock stays: many hours pass for the policies, and a card is as valid as before.
    """

    def __init__(self, *, same_day: bool = False) -> None:
        self._skipped = 0.0
        self._same_day = same_day

    def skip(self, seconds: float) -> None:
        """Lets *seconds* pass now."""
        self._skipped += seconds

    def now(self) -> datetime:
        """See :class:`gateway.core.clock.Clock`."""
        return super().now() + timedelta(seconds=0.0 if self._same_day else self._skipped)

    def monotonic(self) -> float:
        """See :class:`gateway.core.clock.Clock`."""
        return super().monotonic() + self._skipped

    def timeout_at(self, when: float | None) -> Within:
        """See :class:`gateway.core.clock.Clock`."""
        return Within(None if when is None else when - self._skipped - time.monotonic())
