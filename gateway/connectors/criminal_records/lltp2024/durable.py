"""Orders of this dialect from a store: a repetition is refused with "đã được tiếp nhận" [C], so asking is enough."""

from __future__ import annotations

from typing import Final

from gateway.connectors.criminal_records import orders
from gateway.connectors.criminal_records.lltp2024.calls import ASKS, application, check, submit, submit_supplement
from gateway.connectors.criminal_records.lltp2024.translate import Lltp2024Settings
from gateway.connectors.criminal_records.model import Application, ApplicationOrder
from gateway.connectors.criminal_records.operations import CANCEL, CERTIFICATE, SUPPLEMENT
from gateway.core.durable import CannotTell, DurableDialect, DurableOrder, Look, NotThere, There
from gateway.core.problems import NotFound
from gateway.core.upstream import Upstream

SETTLE_S: Final = 300.0


async def ask_application(order: ApplicationOrder, up: Upstream[Lltp2024Settings]) -> Look:
    """Whether they have an application of this dossier code."""
    found = await application(orders.question(order.dossier_code), up)
    return NotThere() if found is None else There(found)


async def ask_supplement(order: ApplicationOrder, up: Upstream[Lltp2024Settings]) -> Look:
    """Whether they still ask for the supplement. That they ask for another one looks the same, and then the same papers
    go again: they take them in place of the first.
    """
    found = await application(orders.question(order.dossier_code), up)
    if found is None:
        return CannotTell("The source does not know the application that the supplement belongs to.")
    if found.state == "unknown":
        return CannotTell("The source has a state of the application that the contract does not know.")
    return NotThere() if found.state == ASKS else There(found)


async def send_supplement(order: ApplicationOrder, up: Upstream[Lltp2024Settings]) -> Application:
    """Sends the supplement while it is asked for; raises :class:`NotFound` where they have no such application."""
    found = await submit_supplement(order, up)
    if found is None:
        raise NotFound("The source does not know the application that the supplement belongs to.", reason="no_record")
    return found


DURABLE: Final = DurableDialect(
    orders=(
        orders.application_order(
            check=check,
            send=submit,
            ask=ask_application,
            repeat="refused",
            settle_s=SETTLE_S,
        ),
        DurableOrder(
            operation=SUPPLEMENT,
            key_of=orders.dossier_code,
            check=check,
            admit=orders.admit_supplement,
            accepted=orders.accepted,
            send=send_supplement,
            ask=ask_supplement,
            repeat="refused",
            settle_s=SETTLE_S,
            again_after_s=SETTLE_S,
        ),
    ),
    following=orders.following(
        file_operation=CERTIFICATE,
        withdrawn=orders.withdrawn,
        file_ready=orders.file_ready,
        expected=orders.expected,
    ),
    cancel=CANCEL,
)
