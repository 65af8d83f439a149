"""The operations of this dialect."""

from __future__ import annotations

import asyncio
import re
from datetime import date
from typing import Final

from gateway.connectors.ministry_portals.birth_death import translate
from gateway.connectors.ministry_portals.birth_death.login import BirthDeathSettings
from gateway.connectors.ministry_portals.birth_death.wire import Tree, WireDetail, WireRows, WireSaid, WireWhole
from gateway.connectors.ministry_portals.model import (
    Acknowledged,
    FiledDossier,
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
from gateway.core.inbound import Pulled, PulledPage, PullQuestion
from gateway.core.message import Rest
from gateway.core.mistakes import WRONG_PAGE_TOKEN
from gateway.core.problems import GatewayError, OffContract
from gateway.core.unread import known
from gateway.core.upstream import Upstream
from gateway.dossiers.inbound import DOSSIER
from gateway.dossiers.inbound_wire import CODE
from gateway.dossiers.model import DossierSync, StepBody
from gateway.dossiers.orders import refuse
from gateway.dossiers.rules import of_step

LARGE: Final = 64 * 1024
"""Characters of a dossier from which on it is opened in a thread."""
MOST_WHOLE: Final = 5
MOST_BYTES: Final = 8 * 1024 * 1024
"""Dossiers that are asked for whole at once, and bytes of their files after which no further one is."""


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


async def incoming(query: IncomingQuery, up: Upstream[BirthDeathSettings]) -> IncomingPage:
    """``danhSach``: what was not acknowledged; it knows no days and no pages."""
    given = {"from": query.from_, "to": query.to}
    refuse([(f"/{name}", NO_PERIOD) for name, day in given.items() if day is not None])
    if query.page_token is not None:
        refuse([("/page_token", WRONG_PAGE_TOKEN)])
    return translate.to_page(await _listed(up))


async def _listed(up: Upstream[BirthDeathSettings]) -> WireRows:
    wire = await up.ask(translate.list_request(up.settings), WireRows)
    assert wire is not None, "an empty list is an answer"
    said = known(wire.message)
    if not wire.data and said is not None and kind_of(said, up.settings) is None:
        raise unknown_answer()
    return wire


async def pulled(question: PullQuestion, up: Upstream[BirthDeathSettings]) -> PulledPage:
    """The first dossiers of the list, each asked for whole; those behind them when these are acknowledged.

    One that is gone or cannot be read is asked for once in a turn: the page token names those. What was read is not
    given up for a later one that fails.
    """
    rows = (await _listed(up)).data
    skipped = question.page_token.split("\n") if question.page_token else []
    messages: list[Pulled] = []
    size, more = 0, False
    for row in rows:
        if row is None or row.maHoSo in skipped:
            continue
        if more := len(messages) == MOST_WHOLE or size > MOST_BYTES:
            break
        try:
            found = await looked_up(row.maHoSo, up) if re.fullmatch(CODE, row.maHoSo) else None
        except OffContract:
            found = None  # those behind it are read
        except GatewayError:
            if not messages:
                raise
            more = True
            break
        if found is None:
            skipped.append(row.maHoSo)
            continue
        message = translate.to_message(*found)
        messages.append(Pulled(row.maHoSo, DOSSIER.name, message))
        size += sum(len(file.content or b"") for file in message.files)
    left_out = len(skipped) + rows.count(None)
    token = "\n".join(skipped) if more and skipped else None
    return PulledPage(tuple(messages), next_page_token=token, more=more, left_out=left_out)


async def acknowledge(order: MessageReceipt, up: Upstream[BirthDeathSettings]) -> Acknowledged:
    """``xacNhan``, once for each dossier; a repetition changes nothing."""
    for message_id in order.message_ids:
        await write(translate.receipt_message(message_id), up)
    return Acknowledged(message_ids=order.message_ids)


PULL: Final = pull(pulled, acknowledge)
CALLS: Final = (
    answers(REPORT_PROGRESS, report_progress),
    answers(DOSSIER_STATE, dossier),
    answers(FILED, filed),
    answers(INCOMING, incoming),
    answers(ACKNOWLEDGE, acknowledge),
)
