"""The operations of this dialect, and the exchanges that ``ws`` has in common with it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from functools import partial
from typing import Any, Final, Protocol

from gateway.connectors.ministry_portals.model import (
    Acknowledged,
    IncomingPage,
    IncomingQuery,
    MessageReceipt,
    MinistryDossierQuery,
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
from gateway.connectors.ministry_portals.rest.translate import LOOK_UP, PROGRESS, RECEIPT, SYNC, WAITING, exchange_of
from gateway.connectors.ministry_portals.rest.wire import WireDossier, WireMessages, dossiers_in, messages_in
from gateway.connectors.ministry_portals.settings import PortalSettings
from gateway.connectors.ministry_portals.translate import NO_PERIOD
from gateway.core.connector import Binding, answers
from gateway.core.days import day_in_vietnam
from gateway.core.inbound import InboundPull, PulledPage, PullQuestion
from gateway.core.message import Exchange
from gateway.core.mistakes import WRONG_PAGE_TOKEN
from gateway.core.problems import AlreadyReceived, OffContract
from gateway.core.upstream import Upstream
from gateway.dossiers import looking
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


async def send_dossier(dossier: DossierBody, up: Upstream[Any], make: MakeExchange = exchange_of) -> DossierSync:
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
    return await looking.is_known(looked_up(dossier_code, up, make, before_order=True), up)


async def looked_up(
    dossier_code: str, up: Upstream[Any], make: MakeExchange, *, before_order: bool = False
) -> WireDossier | None:
    """``TraCuuHoSo``; an answer about another dossier is refused."""
    question = make(LOOK_UP, {"mahoso": dossier_code}, up.settings, before_order=before_order)
    return await looking.looked_up(dossier_code, question, dossiers_in(up.settings.fields), up)


async def report_progress(step: StepBody, up: Upstream[Any], make: MakeExchange = exchange_of) -> DossierSync:
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


async def dossier(
    query: MinistryDossierQuery, up: Upstream[Any], make: MakeExchange = exchange_of
) -> DossierSync | None:
    """``TraCuuHoSo``."""
    found = await looked_up(query.dossier_code, up, make)
    return None if found is None else translate.to_sync(found, up.settings)


async def incoming(query: IncomingQuery, up: Upstream[Any], make: MakeExchange = exchange_of) -> IncomingPage:
    """``LayHoSoGuiTinh``: the oldest that were not acknowledged; it knows no days and no pages."""
    given = {"from": query.from_, "to": query.to}
    refuse([(f"/{name}", NO_PERIOD) for name, day in given.items() if day is not None])
    if query.page_token is not None:
        refuse([("/page_token", WRONG_PAGE_TOKEN)])
    return translate.to_incoming(await waiting(translate.MOST_MESSAGES, up, make), up.settings)


async def waiting(most: int, up: Upstream[Any], make: MakeExchange) -> WireMessages:
    """``LayHoSoGuiTinh``: at most *most* messages."""
    wire = await up.ask(make(WAITING, {"soLuong": str(most)}, up.settings), messages_in(up.settings.fields))
    assert wire is not None, "an empty list is an answer"
    return wire


async def pulled(_: PullQuestion, up: Upstream[Any], make: MakeExchange = exchange_of) -> PulledPage:
    """``LayHoSoGuiTinh`` for the inbox; with fewer messages where an answer was too large."""
    for most in translate.FEWER_MESSAGES:
        try:
            return translate.to_pulled(await waiting(most, up, make), most)
        except OffContract as error:
            if error.reason != "response_too_large" or most == translate.FEWER_MESSAGES[-1]:
                raise
    raise AssertionError("the last number is answered or raises")


async def acknowledge(order: MessageReceipt, up: Upstream[Any], make: MakeExchange = exchange_of) -> Acknowledged:
    """``XacNhanHoSoGuiTinh``: all or none; a repetition changes nothing."""
    await write(up, make(RECEIPT, {"MaThongDiep": list(order.message_ids)}, up.settings))
    return Acknowledged(message_ids=order.message_ids)


# ---- the operations


def calls(make: MakeExchange) -> tuple[Binding, ...]:
    """The operations of a dialect whose calls *make* makes."""
    return (
        answers(SEND_DOSSIER, partial(send_dossier, make=make)),
        answers(REPORT_PROGRESS, partial(report_progress, make=make)),
        answers(DOSSIER_STATE, partial(dossier, make=make)),
        answers(INCOMING, partial(incoming, make=make)),
        answers(ACKNOWLEDGE, partial(acknowledge, make=make)),
    )


def pulling(make: MakeExchange) -> InboundPull:
    """How its messages are asked for by the clock."""
    return pull(partial(pulled, make=make), partial(acknowledge, make=make))


CALLS: Final = calls(exchange_of)
PULL: Final = pulling(exchange_of)
