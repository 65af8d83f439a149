"""The operations of this dialect, and the exchanges that ``ws`` has in common with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Any, Final, Protocol

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
from gateway.connectors.ministry_portals.rest import translate
from gateway.connectors.ministry_portals.rest.login import RestSettings
from gateway.connectors.ministry_portals.rest.translate import LOOK_UP, PROGRESS, RECEIPT, SYNC, WAITING, exchange_of
from gateway.connectors.ministry_portals.rest.wire import WireDossier, dossiers_in, messages_in
from gateway.connectors.ministry_portals.settings import PortalSettings
from gateway.connectors.ministry_portals.translate import NO_PERIOD
from gateway.core.connector import answers
from gateway.core.days import day_in_vietnam
from gateway.core.message import Exchange
from gateway.core.mistakes import WRONG_PAGE_TOKEN
from gateway.core.problems import AlreadyReceived, GatewayError
from gateway.core.upstream import Upstream
from gateway.dossiers.answers import WireAnswer
from gateway.dossiers.model import DossierBody, DossierSync, StepBody
from gateway.dossiers.orders import refuse
from gateway.dossiers.rules import of_dossier, of_step


class MakeExchange(Protocol):
    """Makes a call of a dialect from its name and its fields."""

    def __call__(
        self, name: str, fields: Mapping[str, object], settings: Any, *, before_order: bool = False
    ) -> Exchange: ...


# ---- what is wrong with an order


def check_dossier(dossier: DossierBody, settings: PortalSettings, today: date) -> None:
    """Raises :class:`~gateway.core.problems.InvalidRequest` with all that is wrong with *dossier* on *today*."""
    refuse([*of_dossier(dossier, today), *translate.unsendable_dossier(dossier, settings)])


def check_step(step: StepBody, settings: PortalSettings, today: date) -> None:
    """The same of a step."""
    refuse([*of_step(step, today), *translate.unsendable_step(step, settings)])


# ---- exchanges of both dialects


async def checked_dossier(dossier: DossierBody, up: Upstream[Any], make: MakeExchange) -> DossierSync:
    """``TraCuuHoSo``, then ``DongBoHoSoMC`` as new or as an update."""
    check_dossier(dossier, up.settings, day_in_vietnam(up.clock.now()))
    updating = await is_known(dossier.dossier_code, up, make)
    return await sent_dossier(dossier, up, make, updating=updating)


async def sent_dossier(dossier: DossierBody, up: Upstream[Any], make: MakeExchange, *, updating: bool) -> DossierSync:
    """``DongBoHoSoMC`` with one dossier."""
    await write(up, make(SYNC, translate.sync_fields([dossier], up.settings, updating=updating), up.settings))
    return translate.taken(dossier, up.settings)


async def is_known(dossier_code: str, up: Upstream[Any], make: MakeExchange) -> bool:
    """Whether the ministry has the dossier; where that can't be had, nothing is sent."""
    try:
        return await looked_up(dossier_code, up, make, before_order=True) is not None
    except GatewayError as error:
        raise error.replace(may_have_arrived=up.call.may_have_arrived) from error.__cause__


async def looked_up(
    dossier_code: str, up: Upstream[Any], make: MakeExchange, *, before_order: bool = False
) -> WireDossier | None:
    """``TraCuuHoSo``; an answer about another dossier is refused."""
    wire = await up.ask(
        make(LOOK_UP, {"mahoso": dossier_code}, up.settings, before_order=before_order),
        dossiers_in(up.settings.fields),
        same=lambda found: all(row is None or row.MaHoSo == dossier_code for row in found.result),
        effect="read",
    )
    if wire is None:
        return None
    row = next(filter(None, wire.result), None)
    if row is None:
        raise ValueError("not one row can be read")
    return row


async def checked_step(step: StepBody, up: Upstream[Any], make: MakeExchange) -> DossierSync:
    """``CapNhatTienDoHoSoMC`` with one step."""
    check_step(step, up.settings, day_in_vietnam(up.clock.now()))
    return await sent_step(step, up, make)


async def sent_step(step: StepBody, up: Upstream[Any], make: MakeExchange) -> DossierSync:
    """The same, checked; a step that the ministry has is the same step [S]."""
    with suppress(AlreadyReceived):
        await write(up, make(PROGRESS, translate.progress_message([step], up.settings), up.settings))
    return translate.taken(step, up.settings)


async def write(up: Upstream[Any], message: Exchange) -> None:
    """Sends an order; raises the error of an answer that does not say that it was taken."""
    wire = await up.ask(message, WireAnswer)
    assert wire is not None, "no code of an order means that there is no record"
    translate.check_taken(wire, up.settings)


async def state(query: MinistryDossierQuery, up: Upstream[Any], make: MakeExchange) -> DossierSync | None:
    """``TraCuuHoSo``."""
    found = await looked_up(query.dossier_code, up, make)
    return None if found is None else translate.to_sync(found, up.settings)


async def listed(query: IncomingQuery, up: Upstream[Any], make: MakeExchange) -> IncomingPage:
    """``LayHoSoGuiTinh``: the oldest that were not acknowledged; it knows no days and no pages."""
    given = {"from": query.from_, "to": query.to}
    refuse([(f"/{name}", NO_PERIOD) for name, day in given.items() if day is not None])
    if query.page_token is not None:
        refuse([("/page_token", WRONG_PAGE_TOKEN)])
    question = make(WAITING, {"soLuong": str(translate.MOST_MESSAGES)}, up.settings)
    wire = await up.ask(question, messages_in(up.settings.fields))
    assert wire is not None, "an empty list is an answer"
    return translate.to_incoming(wire, up.settings)


async def receipt(message_ids: Sequence[str], up: Upstream[Any], make: MakeExchange) -> Acknowledged:
    """``XacNhanHoSoGuiTinh``: all or none; a repetition changes nothing."""
    await write(up, make(RECEIPT, {"MaThongDiep": list(message_ids)}, up.settings))
    return Acknowledged(message_ids=tuple(message_ids))


# ---- the operations


async def send_dossier(dossier: MinistryDossier, up: Upstream[RestSettings]) -> DossierSync:
    """``TraCuuHoSo``, then ``DongBoHoSoMC``."""
    return await checked_dossier(dossier, up, exchange_of)


async def report_progress(step: MinistryStep, up: Upstream[RestSettings]) -> DossierSync:
    """``CapNhatTienDoHoSoMC``."""
    return await checked_step(step, up, exchange_of)


async def dossier(query: MinistryDossierQuery, up: Upstream[RestSettings]) -> DossierSync | None:
    """``TraCuuHoSo``."""
    return await state(query, up, exchange_of)


async def incoming(query: IncomingQuery, up: Upstream[RestSettings]) -> IncomingPage:
    """``LayHoSoGuiTinh``."""
    return await listed(query, up, exchange_of)


async def acknowledge(order: MessageReceipt, up: Upstream[RestSettings]) -> Acknowledged:
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
