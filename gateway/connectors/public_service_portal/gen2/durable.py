"""Orders of this dialect from a store.

It has no look-up. A dossier goes to the address of new ones where nothing of it was ever sent, else to the other one;
where the portal says that it has the dossier, or refuses a newer state, the other address is tried. Both take the same
content, and the newest overwrites what the portal had. An equal step changes nothing there [S].
"""

from __future__ import annotations

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
from gateway.core.durable import DurableDialect, Look, NotThere, SentBefore
from gateway.core.upstream import Upstream
from gateway.dossiers.model import DossierBody, DossierSync, StepBody

NEW: Final = "new"
UPDATE: Final = "update"


async def prepare(_dossier: DossierBody, _up: Upstream[Gen2Settings], before: SentBefore) -> str:
    """The address that is tried first, by the store alone."""
    return NEW if before.nothing_sent else UPDATE


async def send(dossier: DossierBody, up: Upstream[Gen2Settings]) -> DossierSync:
    """To the address of its form first."""
    return await (update_dossier if up.call.form == UPDATE else add_dossier)(dossier, up)


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
            check=check_dossier, prepare=prepare, send=send, ask=ask, repeat="overwrites", replaces=_replaces
        ),
        orders.progress_order(
            check=check_step,
            send=send_step,
            send_many=send_steps,
            most_in_list=_most_in_list,
            ask=ask,
            repeat="same",
        ),
    ),
    following=orders.following(),
)
