"""The operations over the portal's three addresses [C]."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from gateway.connectors.public_service_portal.gen2 import translate
from gateway.connectors.public_service_portal.gen2.translate import Gen2Settings, kind_of
from gateway.connectors.public_service_portal.gen2.wire import WireAnswer, WireAnswers
from gateway.connectors.public_service_portal.operations import (
    DOSSIER_SYNC,
    PREFLIGHT,
    REPORT_PROGRESS,
    SYNC_DOSSIER,
)
from gateway.connectors.public_service_portal.translate import sent_status, taken, unknown_codes
from gateway.core.connector import answers
from gateway.core.days import day_in_vietnam
from gateway.core.message import Rest
from gateway.core.problems import Conflict, GatewayError, NotFound, OffContract
from gateway.core.upstream import Upstream
from gateway.dossiers.model import DossierBody, DossierQuery, DossierSync, StepBody
from gateway.dossiers.orders import refuse
from gateway.dossiers.preflight import Preflight, preflight_of
from gateway.dossiers.rules import of_dossier, of_step

# ---- what is wrong with an order


def check_dossier(dossier: DossierBody, settings: Gen2Settings, today: date) -> None:
    """Raises :class:`~gateway.core.problems.InvalidRequest` with all that is wrong with *dossier* on *today*."""
    refuse([*of_dossier(dossier, today), *translate.unsendable_dossier(dossier, settings)])


def check_step(step: StepBody, settings: Gen2Settings, today: date) -> None:
    """The same of a step."""
    refuse([*of_step(step, today), *translate.unsendable_step(step, settings)])


# ---- the operations


async def sync_dossier(dossier: DossierBody, up: Upstream[Gen2Settings]) -> DossierSync:
    """``ThemMoiHoSo``, and ``CapNhatHoSo`` where the portal has the dossier."""
    check_dossier(dossier, up.settings, day_in_vietnam(up.clock.now()))
    return await add_dossier(dossier, up)


async def add_dossier(dossier: DossierBody, up: Upstream[Gen2Settings]) -> DossierSync:
    """The same, checked. "Already exists" changed nothing there, and means: use the other address [C]."""
    if not await taken_as_new(dossier, up):
        await update(dossier, up)
    return taken(dossier, up.settings.codes)


async def update_dossier(dossier: DossierBody, up: Upstream[Gen2Settings]) -> DossierSync:
    """``CapNhatHoSo``, and ``ThemMoiHoSo`` where the portal refuses a newer state, since it may not have the first.

    Raises:
        GatewayError: What the portal said of the newer state, where it has the dossier.
    """
    try:
        await update(dossier, up)
    except Conflict:
        if not await taken_as_new(dossier, up):
            raise
    return taken(dossier, up.settings.codes)


async def taken_as_new(dossier: DossierBody, up: Upstream[Gen2Settings]) -> bool:
    """``ThemMoiHoSo``: whether the portal has taken the dossier; False where it has had it before."""
    return await write(translate.add_message(dossier, up.settings), up) == "accepted"


async def update(dossier: DossierBody, up: Upstream[Gen2Settings]) -> None:
    """``CapNhatHoSo``; "already exists" is no answer to it."""
    if await write(translate.update_message(dossier, up.settings), up) != "accepted":
        raise OffContract("The portal's answer does not fit a newer state of a dossier.", reason="off_contract")


async def write(message: Rest, up: Upstream[Gen2Settings]) -> str:
    """Sends *message*; ``accepted`` or ``known`` by the code and the sentence of the answer."""
    wire = await up.ask(message, WireAnswer)
    assert wire is not None, "a sentence is always an answer"
    found = kind_of(wire, up.settings)
    if isinstance(found, GatewayError):
        raise found
    return found


async def report_progress(step: StepBody, up: Upstream[Gen2Settings]) -> DossierSync:
    """``DongBoTienTrinh`` with one step."""
    check_step(step, up.settings, day_in_vietnam(up.clock.now()))
    return await send_step(step, up)


async def send_step(step: StepBody, up: Upstream[Gen2Settings]) -> DossierSync:
    """The same, checked; a step that the portal has is the same step [S]."""
    [found] = await send_steps([step], up)
    if isinstance(found, GatewayError):
        raise found
    return found


async def send_steps(steps: Sequence[StepBody], up: Upstream[Gen2Settings]) -> Sequence[DossierSync | GatewayError]:
    """``DongBoTienTrinh`` with steps of several dossiers, at most ten [C]; each has its own answer."""
    wire = await up.ask(translate.progress_message(steps, up.settings), WireAnswers)
    assert wire is not None, "a sentence is always an answer"
    return list(translate.results(wire, steps, up.settings))


async def dossier_sync(_query: DossierQuery, _up: Upstream[Gen2Settings]) -> DossierSync | None:
    """Asks nobody: this generation has no look-up, so only the store tells what was sent."""
    raise NotFound("This generation of the portal can't be asked for a dossier.", reason="no_question_at_source")


async def preflight(dossier: DossierBody, up: Upstream[Gen2Settings]) -> Preflight:
    """Asks nobody: the portal counts the points from what it was sent."""
    now, codes = up.clock.now(), up.settings.codes
    refuse([*of_dossier(dossier, day_in_vietnam(now)), *unknown_codes(dossier, codes)])
    return preflight_of(dossier, now, sent_status(dossier.status, codes))


CALLS: Final = (
    answers(SYNC_DOSSIER, sync_dossier),
    answers(REPORT_PROGRESS, report_progress),
    answers(DOSSIER_SYNC, dossier_sync),
    answers(PREFLIGHT, preflight),
)
