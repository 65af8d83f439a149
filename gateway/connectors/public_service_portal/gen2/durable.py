"""Orders of this dialect from a store.

It has no look-up. A dossier goes to the address of new ones where nothing of it was ever sent, else to the other one;
where the portal says that it has the dossier, or refuses a newer state, the other address is tried. Both take the same
content, and the newest overwrites what the portal had. An equal step changes nothing there [S]. The last step of a
dossier has status 9 [C]: of two steps that contradict this, the second one is refused.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from gateway.connectors.public_service_portal import orders
from gateway.connectors.public_service_portal.gen2.calls import (
    add_dossier,
    check_dossier,
    check_step,
    send_step,
    send_steps,
    update_dossier,
)
from gateway.connectors.public_service_portal.gen2.translate import Gen2Settings
from gateway.connectors.public_service_portal.translate import sent_status
from gateway.core.durable import DurableDialect, Look, NotThere, SentBefore
from gateway.core.problems import CallerError, Conflict
from gateway.core.upstream import Upstream
from gateway.dossiers import orders as orders_of_dossiers
from gateway.dossiers.model import DossierBody, DossierSync, StepBody
from gateway.dossiers.status import Status

NEW: Final = "new"
UPDATE: Final = "update"


async def prepare(_dossier: DossierBody, _up: Upstream[Gen2Settings], before: SentBefore) -> str:
    """The address that is tried first, by the store alone."""
    return NEW if before.nothing_sent else UPDATE


async def send(dossier: DossierBody, up: Upstream[Gen2Settings]) -> DossierSync:
    """To the address of its form first."""
    return await (update_dossier if up.call.form == UPDATE else add_dossier)(dossier, up)


# ---- the last step

LAST: Final = " last"
"""Ends the place of a last step: it comes after the others of its second."""


def place_of(step: StepBody, settings: Gen2Settings) -> str:
    """By the instant."""
    last = sent_status(step.status, settings.codes) is Status.FINISHED
    return orders_of_dossiers.step_order(step, settings) + LAST * last


def fits(step: StepBody, others: tuple[str, ...], settings: Gen2Settings) -> CallerError | None:
    """No step comes after the last one, nor a last one before others that are there or wait."""
    place = place_of(step, settings)
    after_last = any(other < place for other in others if other.endswith(LAST))
    if after_last or (place.endswith(LAST) and any(other > place for other in others)):
        return Conflict("A step would come after the last one of its dossier.", reason="after_last_step")
    return None


# ---- sending and asking


async def ask(_order: DossierBody | StepBody, _up: Upstream[Gen2Settings]) -> Look:
    """Asks nobody, since no address tells: the same message again changes nothing, so it is sent again."""
    return NotThere(asked=False)


def _most_in_list(settings: Gen2Settings) -> int:
    return settings.most_in_list


def _replaces(settings: Gen2Settings) -> bool:
    return settings.newer_replaces


DURABLE: Final = DurableDialect(
    orders=(
        orders.sync_order(
            check=check_dossier,
            prepare=prepare,
            first_form=lambda _: NEW,
            send=send,
            ask=ask,
            repeat="overwrites",
            replaces=_replaces,
        ),
        orders.progress_order(
            check=check_step,
            admit=partial(orders_of_dossiers.admit_step, order_of=place_of),
            fits=fits,
            order_of=place_of,
            send=send_step,
            send_many=send_steps,
            most_in_list=_most_in_list,
            ask=ask,
            repeat="same",
        ),
    ),
    following=orders.following(),
)
