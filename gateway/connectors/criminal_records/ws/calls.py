"""The operations of this dialect: the exchanges of ``ngsp``, each as a SOAP message."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from gateway.connectors.criminal_records.model import Application, ApplicationOrder, ApplicationQuery
from gateway.connectors.criminal_records.ngsp.calls import asked, check, listed, looked_up, marked, sent_once
from gateway.connectors.criminal_records.operations import APPLICATION, APPLY, CANCEL, NOBODYS_DOSSIER
from gateway.connectors.criminal_records.orders import already_sent
from gateway.connectors.criminal_records.ws.translate import (
    WsSettings,
    changes_request,
    mark_request,
    status_request,
    submission,
)
from gateway.core.connector import answers
from gateway.core.days import day_in_vietnam
from gateway.core.durable import Changed
from gateway.core.upstream import Upstream


async def apply(order: ApplicationOrder, up: Upstream[WsSettings]) -> Application:
    """Sends a new application, checked."""
    check(order, up.settings, day_in_vietnam(up.clock.now()))
    return await submit(order, up)


async def submit(order: ApplicationOrder, up: Upstream[WsSettings]) -> Application:
    """``traTrangThaiHs``, then ``nhanHoSoDangKy`` where they do not have the dossier yet."""
    question = status_request(order.dossier_code, before_order=True)
    return await sent_once(order, up, question, submission(order, up.settings))


async def application(query: ApplicationQuery, up: Upstream[WsSettings]) -> Application | None:
    """``traTrangThaiHs``."""
    return await asked(query.application_id, up, status_request(query.application_id))


async def cancel(query: ApplicationQuery, up: Upstream[WsSettings]) -> Application | None:
    """Lets nobody take back what the source has: :class:`~gateway.core.problems.Conflict`; None where it has none."""
    code = query.application_id
    if await looked_up(code, up, status_request(code, before_order=True)) is None:
        return None
    raise already_sent()


async def changes(up: Upstream[WsSettings]) -> Sequence[Changed]:
    """``traDsTrangThaiHs``."""
    return await listed(up, changes_request())


async def acknowledge(source_ids: Sequence[str], up: Upstream[WsSettings]) -> None:
    """``danhDauHsThanhCong``."""
    await marked(source_ids, up, mark_request)


async def probe(up: Upstream[WsSettings]) -> object:
    """The state of a dossier that nobody has."""
    return await application(ApplicationQuery(application_id=NOBODYS_DOSSIER), up)


CALLS: Final = (answers(APPLY, apply), answers(CANCEL, cancel), answers(APPLICATION, application))
