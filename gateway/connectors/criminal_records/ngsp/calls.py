"""The operations of this dialect; each needs one exchange. Changes, acknowledgements and catalogues come with the
durable issuance.
"""

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
from gateway.core.connector import answers
from gateway.core.lenient import text
from gateway.core.upstream import Upstream


async def apply(order: ApplicationOrder, up: Upstream[NgspSettings]) -> Application:
    """``nhanHoSoDangKy``; ``ID`` is the system's own number, by which changes are told and acknowledged."""
    wire = await up.ask(submission(order, up.settings), WireSubmitted)
    return Application(
        application_id=order.dossier_code, source_id=wire and text(wire.ID), state="received", source_code=None
    )


async def application(query: ApplicationQuery, up: Upstream[NgspSettings]) -> Application | None:
    """``traTrangThaiHs``."""
    wire = await up.ask(status_request(query.application_id, up.settings), WireStatus)
    return None if wire is None else to_application(query.application_id, wire)


CALLS: Final = (answers(APPLY, apply), answers(APPLICATION, application))
