"""The operations of this dialect."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Final

from gateway.connectors.ministry_portals.birth_death import translate
from gateway.connectors.ministry_portals.birth_death.login import BirthDeathSettings
from gateway.connectors.ministry_portals.birth_death.wire import Tree, WireDetail, WireRows, WireSaid, WireWhole
from gateway.connectors.ministry_portals.model import (
    Acknowledged,
    FiledDossier,
    IncomingMessage,
    IncomingPage,
    IncomingQuery,
    MessageReceipt,
    MinistryDossierQuery,
    MinistryStep,
)
from gateway.connectors.ministry_portals.operations import (
    ACKNOWLEDGE,
    DOSSIER_STATE,
    FILED,
    INCOMING,
    REPORT_PROGRESS,
)
from gateway.connectors.ministry_portals.pulling import pull
from gateway.connectors.ministry_portals.translate import NO_PERIOD, kind_of, unknown_answer
from gateway.core.connector import answers
from gateway.core.days import day_in_vietnam
from gateway.core.inbound import InboundMessage
from gateway.core.message import Rest
from gateway.core.mistakes import WRONG_PAGE_TOKEN
from gateway.core.problems import OffContract
from gateway.core.unread import known
from gateway.core.upstream import Upstream
from gateway.dossiers.model import DossierSync, StepBody
from gateway.dossiers.orders import refuse
from gateway.dossiers.rules import of_step

LARGE: Final = 64 * 1024
"""Characters of a dossier from which on it is opened in a thread."""


def check_step(step: StepBody, settings: BirthDeathSettings, today: date) -> None:
    """Raises :class:`~gateway.core.problems.InvalidRequest` with all that is wrong with *step* on *today*."""
    refuse([*of_step(step, today), *translate.unsendable_step(step, settings)])


async def report_progress(step: MinistryStep, up: Upstream[BirthDeathSettings]) -> DossierSync:
    """``trangThai``."""
    check_step(step, up.settings, day_in_vietnam(up.clock.now()))
    return await send_step(step, up)


async def send_step(step: StepBody, up: Upstream[BirthDeathSettings]) -> DossierSync:
    """The same, checked; a state that the service has, or that comes after the end, is taken [C]."""
    await write(translate.state_message(step, up.settings), up)
    return translate.reported(step, up.settings)


async def write(message: Rest, up: Upstream[BirthDeathSettings]) -> None:
    """Sends *message* and reads its sentence by the ministry's rules."""
    wire = await up.ask(message, WireSaid)
    assert wire is not None, "a sentence is always an answer"
    if kind_of(known(wire.message), up.settings) is None:
        raise unknown_answer()


async def looked_up(dossier_code: str, up: Upstream[BirthDeathSettings]) -> tuple[WireDetail, Tree] | None:
    """``chiTiet``; an answer about another dossier is refused."""
    wire = await up.ask(translate.detail_request(dossier_code), WireWhole, effect="read")
    if wire is None:
        return None
    if wire.data is None:
        raise OffContract(
            "The ministry's answer has no dossier, and does not say that there is none.", reason="malformed"
        )
    if len(wire.data) > LARGE:
        found = await asyncio.to_thread(translate.opened, wire.data)
    else:
        found = translate.opened(wire.data)
    if found[0].maHoSo != dossier_code:
        raise OffContract("The ministry answered with another dossier.", reason="inconsistent_response")
    return found


async def dossier(query: MinistryDossierQuery, up: Upstream[BirthDeathSettings]) -> DossierSync | None:
    """``chiTiet``, of which it tells that the service has the dossier."""
    found = await looked_up(query.dossier_code, up)
    return None if found is None else translate.to_state(found[0])


async def filed(query: MinistryDossierQuery, up: Upstream[BirthDeathSettings]) -> FiledDossier | None:
    """``chiTiet``."""
    found = await looked_up(query.dossier_code, up)
    return None if found is None else translate.to_filed(*found)


async def whole(message: IncomingMessage, up: Upstream[BirthDeathSettings]) -> InboundMessage | None:
    """``chiTiet`` with the bytes of its files; None for one that is gone or cannot be read."""
    try:
        found = await looked_up(message.dossier_code, up)
    except OffContract:
        return None  # those behind it are read
    return None if found is None else translate.to_message(*found)


async def incoming(query: IncomingQuery, up: Upstream[BirthDeathSettings]) -> IncomingPage:
    """``danhSach``: what was not acknowledged; it knows no days and no pages."""
    given = {"from": query.from_, "to": query.to}
    refuse([(f"/{name}", NO_PERIOD) for name, day in given.items() if day is not None])
    if query.page_token is not None:
        refuse([("/page_token", WRONG_PAGE_TOKEN)])
    wire = await up.ask(translate.list_request(up.settings), WireRows)
    assert wire is not None, "an empty list is an answer"
    said = known(wire.message)
    if not wire.data and said is not None and kind_of(said, up.settings) is None:
        raise unknown_answer()
    return translate.to_page(wire)


async def acknowledge(order: MessageReceipt, up: Upstream[BirthDeathSettings]) -> Acknowledged:
    """``xacNhan``, once for each dossier; a repetition changes nothing."""
    for message_id in order.message_ids:
        await write(translate.receipt_message(message_id), up)
    return Acknowledged(message_ids=order.message_ids)


PULL: Final = pull(incoming, acknowledge, whole=whole)
CALLS: Final = (
    answers(REPORT_PROGRESS, report_progress),
    answers(DOSSIER_STATE, dossier),
    answers(FILED, filed),
    answers(INCOMING, incoming),
    answers(ACKNOWLEDGE, acknowledge),
)
