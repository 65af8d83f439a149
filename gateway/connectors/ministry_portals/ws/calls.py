"""The operations of this dialect: the exchanges of ``rest``, each as a SOAP message."""

from __future__ import annotations

from typing import Final

from gateway.connectors.ministry_portals.model import (
    Acknowledged,
    IncomingPage,
    IncomingQuery,
    MessageReceipt,
    MinistryDossier,
    MinistryDossierQuery,
    MinistryStep,
)
from gateway.connectors.ministry_portals.operations import (
    ACKNOWLEDGE,
    DOSSIER_STATE,
    INCOMING,
    REPORT_PROGRESS,
    SEND_DOSSIER,
)
from gateway.connectors.ministry_portals.pulling import pull
from gateway.connectors.ministry_portals.rest.calls import checked_dossier, checked_step, listed, receipt, state
from gateway.connectors.ministry_portals.ws.translate import WsSettings, exchange_of
from gateway.core.connector import answers
from gateway.core.upstream import Upstream
from gateway.dossiers.model import DossierSync


async def send_dossier(dossier: MinistryDossier, up: Upstream[WsSettings]) -> DossierSync:
    """``TraCuuHoSo``, then ``DongBoHoSoMC``."""
    return await checked_dossier(dossier, up, exchange_of)


async def report_progress(step: MinistryStep, up: Upstream[WsSettings]) -> DossierSync:
    """``CapNhatTienDoHoSoMC``."""
    return await checked_step(step, up, exchange_of)


async def dossier(query: MinistryDossierQuery, up: Upstream[WsSettings]) -> DossierSync | None:
    """``TraCuuHoSo``."""
    return await state(query, up, exchange_of)


async def incoming(query: IncomingQuery, up: Upstream[WsSettings]) -> IncomingPage:
    """``LayHoSoGuiTinh``."""
    return await listed(query, up, exchange_of)


async def acknowledge(order: MessageReceipt, up: Upstream[WsSettings]) -> Acknowledged:
    """``XacNhanHoSoGuiTinh``."""
    return await receipt(order.message_ids, up, exchange_of)


PULL: Final = pull(incoming, acknowledge)
CALLS: Final = (
    answers(SEND_DOSSIER, send_dossier),
    answers(REPORT_PROGRESS, report_progress),
    answers(DOSSIER_STATE, dossier),
    answers(INCOMING, incoming),
    answers(ACKNOWLEDGE, acknowledge),
)
