"""The operations of this dialect. Changes, acknowledgements and catalogues come with the durable issuance."""

from __future__ import annotations

from typing import Final

from gateway.connectors.criminal_records.model import Application, ApplicationOrder, ApplicationQuery
from gateway.connectors.criminal_records.ngsp.translate import (
    NgspSettings,
    status_request,
    submission,
    to_application,
)
from gateway.connectors.criminal_records.ngsp.wire import WireStatus, WireSubmitted
from gateway.connectors.criminal_records.operations import APPLICATION, APPLY
from gateway.connectors.criminal_records.translate import already_received
from gateway.core.connector import answers
from gateway.core.problems import GatewayError
from gateway.core.unread import known
from gateway.core.upstream import Upstream


async def apply(order: ApplicationOrder, up: Upstream[NgspSettings]) -> Application:
    """``traTrangThaiHs``, then ``nhanHoSoDangKy`` where they do not have the dossier yet.

    Their guide does not say that they refuse a second order, and another process may have sent this one: what they have
    is :class:`~gateway.core.problems.AlreadyReceived` and is not sent again [S]; that they do not have it, only their
    ``STATUS`` 201 says. ``ID`` is the system's own number, by which changes are told and acknowledged [G].
    """
    if await _known(order.dossier_code, up):
        raise already_received()
    wire = await up.ask(submission(order, up.settings), WireSubmitted)
    return Application(
        application_id=order.dossier_code,
        source_id=known(wire.ID) if wire else None,
        state="received",
        source_code=None,
    )


async def _known(dossier_code: str, up: Upstream[NgspSettings]) -> bool:
    """Whether they have the dossier; where they can't say it, the order is not sent."""
    question = status_request(dossier_code, up.settings, before_order=True)
    try:
        wire = await up.ask(question, WireStatus, effect="read")
    except GatewayError as error:
        raise error.replace(may_have_arrived=up.call.may_have_arrived) from error.__cause__
    return wire is not None


async def application(query: ApplicationQuery, up: Upstream[NgspSettings]) -> Application | None:
    """``traTrangThaiHs``."""
    wire = await up.ask(
        status_request(query.application_id, up.settings),
        WireStatus,
        same=lambda found: found.idReceivedDec in {None, query.application_id},
    )
    return None if wire is None else to_application(query.application_id, wire)


CALLS: Final = (answers(APPLY, apply), answers(APPLICATION, application))
