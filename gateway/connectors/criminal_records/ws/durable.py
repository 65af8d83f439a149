"""Orders of this dialect from a store, as those of ``ngsp``; a message is refused when it is older than 300 seconds."""

from __future__ import annotations

from typing import Final

from gateway.connectors.criminal_records import orders
from gateway.connectors.criminal_records.model import ApplicationOrder
from gateway.connectors.criminal_records.ngsp.calls import asked, check
from gateway.connectors.criminal_records.operations import CANCEL
from gateway.connectors.criminal_records.ws.calls import acknowledge, changes, submit
from gateway.connectors.criminal_records.ws.translate import WsSettings, status_request
from gateway.core.durable import DurableDialect, Look, NotThere, There
from gateway.core.upstream import Upstream

FRESH_S: Final = 300.0
"""wsu:Created, as Apache WSS4J reads it [S]."""


async def ask_application(order: ApplicationOrder, up: Upstream[WsSettings]) -> Look:
    """Whether they have a dossier of this code; that they have none, only their ``STATUS`` 201 says."""
    found = await asked(order.dossier_code, up, status_request(order.dossier_code, before_order=True))
    return NotThere() if found is None else There(found)


DURABLE: Final = DurableDialect(
    orders=(
        orders.application_order(
            check=check,
            send=submit,
            ask=ask_application,
            repeat="adds",
            fresh_s=FRESH_S,
        ),
    ),
    following=orders.following(
        changes=changes,
        acknowledge=acknowledge,
    ),
    cancel=CANCEL,
)
