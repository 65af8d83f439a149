"""The operations over the portal's one address [C]."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import Final

from gateway.connectors.public_service_portal.model import ProcedurePage, ProceduresQuery, StatusReport
from gateway.connectors.public_service_portal.ngsp import translate
from gateway.connectors.public_service_portal.ngsp.login import NgspSettings
from gateway.connectors.public_service_portal.ngsp.wire import (
    WireDossier,
    WireDossiers,
    WireGivenFile,
    WireProcedures,
)
from gateway.connectors.public_service_portal.operations import (
    DOSSIER_SYNC,
    PREFLIGHT,
    PROCEDURES,
    REPORT_PROGRESS,
    REPORT_STATUS,
    SYNC_DOSSIER,
)
from gateway.connectors.public_service_portal.rules import of_report
from gateway.connectors.public_service_portal.translate import (
    last_before,
    sent_status,
    taken,
    to_page,
    told,
    unknown_codes,
    unknown_status,
)
from gateway.core.canonical import Content
from gateway.core.connector import answers
from gateway.core.days import day_in_vietnam
from gateway.core.files import OPAQUE
from gateway.core.inbound import FETCH_FILE, FileAddress
from gateway.core.problems import AlreadyReceived
from gateway.core.transfer import whole_file
from gateway.core.unread import known, read_rows
from gateway.core.upstream import Upstream
from gateway.dossiers import looking
from gateway.dossiers.answers import WireAnswer
from gateway.dossiers.model import DossierBody, DossierQuery, DossierSync, StepBody
from gateway.dossiers.orders import refuse
from gateway.dossiers.preflight import Preflight, preflight_of
from gateway.dossiers.procedures import Procedure
from gateway.dossiers.rules import of_dossier, of_step

# ---- what is wrong with an order


def check_dossier(dossier: DossierBody, settings: NgspSettings, today: date) -> None:
    """Raises :class:`~gateway.core.problems.InvalidRequest` with all that is wrong with *dossier* on *today*."""
    refuse([*of_dossier(dossier, today), *translate.unsendable_dossier(dossier, settings)])


def check_step(step: StepBody, settings: NgspSettings, today: date) -> None:
    """The same of a step."""
    refuse([*of_step(step, today), *unknown_status(step.status, settings.codes)])


def check_report(report: StatusReport, settings: NgspSettings, today: date) -> None:
    """The same of a status."""
    refuse([*of_report(report, today), *unknown_status(report.status, settings.codes)])


# ---- the operations


async def sync_dossier(dossier: DossierBody, up: Upstream[NgspSettings]) -> DossierSync:
    """``TraCuuHoSo``, then ``DongBoHoSoMC`` as new or as an update."""
    check_dossier(dossier, up.settings, day_in_vietnam(up.clock.now()))
    updating = await is_known(dossier.dossier_code, up)
    return await send_dossier(dossier, up, updating=updating)


async def send_dossier(dossier: DossierBody, up: Upstream[NgspSettings], *, updating: bool) -> DossierSync:
    """``DongBoHoSoMC`` with one dossier."""
    await up.ask(translate.sync_message([dossier], up.settings, updating=updating), WireAnswer)
    return taken(dossier, up.settings.codes)


async def is_known(dossier_code: str, up: Upstream[NgspSettings]) -> bool:
    """Whether the portal has the dossier; where that can't be had, nothing is sent."""
    return await looking.is_known(looked_up(dossier_code, up, before_order=True), up)


async def looked_up(dossier_code: str, up: Upstream[NgspSettings], *, before_order: bool = False) -> WireDossier | None:
    """``TraCuuHoSo``; an answer about another dossier is refused."""
    question = translate.ask_dossier(dossier_code, up.settings, before_order=before_order)
    return await looking.looked_up(dossier_code, question, WireDossiers, up)


async def report_progress(step: StepBody, up: Upstream[NgspSettings]) -> DossierSync:
    """``CapNhatTienDoHoSoMC`` with one step."""
    check_step(step, up.settings, day_in_vietnam(up.clock.now()))
    return await send_step(step, up)


async def send_step(step: StepBody, up: Upstream[NgspSettings]) -> DossierSync:
    """The same, checked; a step that the portal has is the same step [S]."""
    with suppress(AlreadyReceived):
        await up.ask(translate.progress_message([step], up.settings), WireAnswer)
    return told(step.dossier_code, sent_status(step.status, up.settings.codes))


async def report_status(report: StatusReport, up: Upstream[NgspSettings]) -> DossierSync:
    """``DongBoTrangThaiHoSo`` with one status."""
    check_report(report, up.settings, day_in_vietnam(up.clock.now()))
    return await send_report(report, up)


async def send_report(report: StatusReport, up: Upstream[NgspSettings]) -> DossierSync:
    """The same, checked."""
    await up.ask(translate.status_message(report, up.settings), WireAnswer)
    found = told(report.dossier_code, sent_status(report.status, up.settings.codes))
    return found.model_copy(update={"source_id": report.national_code})


async def dossier_sync(query: DossierQuery, up: Upstream[NgspSettings]) -> DossierSync | None:
    """``TraCuuHoSo``"""
    found = await looked_up(query.dossier_code, up)
    return None if found is None else translate.to_sync(found)


async def preflight(dossier: DossierBody, up: Upstream[NgspSettings]) -> Preflight:
    """Asks nobody: the portal counts the points from what it was sent."""
    now = up.clock.now()
    refuse([*of_dossier(dossier, day_in_vietnam(now)), *unknown_codes(dossier, up.settings.codes)])
    return preflight_of(dossier, now, sent_status(dossier.status, up.settings.codes))


async def procedures(query: ProceduresQuery, up: Upstream[NgspSettings]) -> ProcedurePage:
    """``LayDanhSachTTHC``, or ``LayThuTuc`` for one"""
    last_before(query)
    code = query.code
    wire = await up.ask(
        translate.ask_procedures(query, up.settings),
        WireProcedures,
        same=None if code is None else lambda found: all(row is None or code == row.MATTHC for row in found.result),
    )
    rows = () if wire is None else wire.result
    items, left_out = read_rows(Procedure, (None if row is None else translate.to_procedure(row) for row in rows))
    return to_page(items, left_out, query)


async def probe(up: Upstream[NgspSettings]) -> object:
    """One published procedure (đăng ký khai sinh): without a code the portal gives its whole catalogue."""
    return await procedures(ProceduresQuery(code="1.001193"), up)


async def inbound_file(query: FileAddress, up: Upstream[NgspSettings]) -> Content | None:
    """``getfile``"""
    wire = await up.ask(translate.ask_file(query.address, up.settings), WireGivenFile, effect="read")
    if wire is None:
        return None
    return whole_file(OPAQUE, known(wire.result.TenTepDinhKem) or "file", wire.result.Base64)


INBOUND_FILE: Final = answers(FETCH_FILE, inbound_file)
CALLS: Final = (
    answers(SYNC_DOSSIER, sync_dossier),
    answers(REPORT_PROGRESS, report_progress),
    answers(REPORT_STATUS, report_status),
    answers(DOSSIER_SYNC, dossier_sync),
    answers(PREFLIGHT, preflight),
    answers(PROCEDURES, procedures),
)
