"""A caller's rate where the ledger does not hear all that a gateway granted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gateway.peers.caller_rates import SharedRates
from gateway.peers.ledger import LedgerAway
from gateway.pipeline.operation.rate_limit import RateSettings
from gateway.testing.clock import FakeClock

RATE: Final = RateSettings(per_second=0.01, burst=6)


class Heard:
    """A ledger that may be away; it sums what it hears."""

    def __init__(self) -> None:
        self.away = False
        self._due_s = 0.0

    async def spend(self, seconds: Mapping[str, float]) -> Mapping[str, float]:
        """See :meth:`gateway.peers.caller_rates.RateLedger.spend`; here no time passes."""
        if self.away:
            raise LedgerAway("away")
        self._due_s += sum(seconds.values())
        return dict.fromkeys(seconds, self._due_s)


async def test_what_the_ledger_did_not_hear_is_not_granted_again(clock: FakeClock) -> None:
    """The ledger was away while four of six were granted: when it is back, there are two more and not six."""
    ledger = Heard()
    rates = SharedRates(ledger, clock)

    async def granted(times: int) -> int:
        """How many of so many questions are let through."""
        asked = [await rates.take("laptop", RATE, clock.monotonic()) for _ in range(times)]
        return sum(one.refused_s is None for one in asked)

    ledger.away = True
    assert await granted(4) == 4
    await rates.turn()
    ledger.away = False
    assert await granted(1) == 1
    await rates.turn()

    assert await granted(6) == 1
