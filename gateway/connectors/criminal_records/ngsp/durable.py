"""Orders of this dialect from a store. Certificates are on paper.

What a second ``nhanHoSoDangKy`` does the guide does not say [S]. So a repetition counts as a second application
(``adds``), the worst that it can be: an order of unknown outcome is asked about, twice where it must be, and goes again
only by an operator's hand.
"""

from __future__ import annotations

from typing import Final

from gateway.connectors.criminal_records import orders
from gateway.connectors.criminal_records.model import ApplicationOrder
from gateway.connectors.criminal_records.ngsp.calls import acknowledge, asked, changes, check, submit
from gateway.connectors.criminal_records.ngsp.translate import NgspSettings, status_request
from gateway.connectors.criminal_records.operations import CANCEL
from gateway.core.durable import DurableDialect, Look, NotThere, There
from gateway.core.upstream import Upstream


async def ask_application(order: ApplicationOrder, up: Upstream[NgspSettings]) -> Look:
    """Whether they have a dossier of this code; that they have none, only their ``STATUS`` 201 says."""
    found = await asked(order.dossier_code, up, status_request(order.dossier_code, up.settings, before_order=True))
    return NotThere() if found is None else There(found)


DURABLE: Final = DurableDialect(
    orders=(
        orders.application_order(
            check=check,
            send=submit,
            ask=ask_application,
            repeat="adds",
        ),
    ),
    following=orders.following(
        changes=changes,
        acknowledge=acknowledge,
    ),
    cancel=CANCEL,
)
