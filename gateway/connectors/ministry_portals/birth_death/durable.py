"""States from a store: 1, 3 and 7 go before 4 and 5, and one whose forerunners were not reported is refused [C].

The table of forerunners is data of the configuration (``comes_after``).
"""

from __future__ import annotations

from typing import Final

from gateway.connectors.ministry_portals import orders
from gateway.connectors.ministry_portals.birth_death.calls import check_step, send_step
from gateway.connectors.ministry_portals.birth_death.login import BirthDeathSettings
from gateway.connectors.ministry_portals.birth_death.translate import state_of
from gateway.core.durable import CaseView, DurableDialect, Look, NotThere
from gateway.core.problems import CallerError, Conflict
from gateway.core.upstream import Upstream
from gateway.dossiers.model import StepBody
from gateway.dossiers.orders import later_step_sent
from gateway.dossiers.wire import instant


async def ask_step(_step: StepBody, _up: Upstream[BirthDeathSettings]) -> Look:
    """Says "not there", since nothing tells: a state that was reported changes nothing [S], so it is sent again."""
    return NotThere()


def place_of(step: StepBody, settings: BirthDeathSettings) -> str:
    """Forerunners first, then by the instant; the state's code comes last."""
    _, code = state_of(step, settings)
    return f"{1 if code in settings.comes_after else 0} {instant(step.processed_at)} {code}"


def admit(step: StepBody, case: CaseView | None, settings: BirthDeathSettings) -> CallerError | None:
    """Takes a state whose forerunners were reported, or wait to be; one that comes too late is refused."""
    if case is not None and case.last_order is not None and place_of(step, settings) < case.last_order:
        return later_step_sent()
    _, code = state_of(step, settings)
    reported = {place.rpartition(" ")[2] for place in case.places} if case is not None else set()
    if settings.others_report or reported.issuperset(settings.comes_after.get(code, ())):
        return None
    return Conflict("States that come before this one were not reported.", reason="earlier_states_missing")


DURABLE: Final = DurableDialect(
    orders=(
        orders.state_order(
            check=check_step,
            send=send_step,
            admit=admit,
            order_of=place_of,
            ask=ask_step,
            repeat="same",
        ),
    ),
    following=orders.following(),
)
