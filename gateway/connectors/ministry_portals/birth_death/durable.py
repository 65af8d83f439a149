"""States from a store: 1, 3 and 7 go before 4 and 5, and one whose forerunners were not reported is refused [C]."""

from __future__ import annotations

from typing import Final

from gateway.connectors.ministry_portals import orders
from gateway.connectors.ministry_portals.birth_death.calls import check_step, send_step
from gateway.connectors.ministry_portals.birth_death.login import BirthDeathSettings
from gateway.core.durable import DurableDialect, Look, NotThere
from gateway.core.upstream import Upstream
from gateway.dossiers.model import StepBody


async def ask_step(_step: StepBody, _up: Upstream[BirthDeathSettings]) -> Look:
    """Says "not there", since nothing tells: a state that was reported changes nothing [S], so it is sent again."""
    return NotThere()


DURABLE: Final = DurableDialect(
    orders=(
        orders.state_order(
            check=check_step,
            send=send_step,
            ask=ask_step,
            repeat="same",
        ),
    ),
    following=orders.following(),
)
