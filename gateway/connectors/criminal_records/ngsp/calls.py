"""The operations of this dialect, and the exchanges that ``ws`` has in common with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Final

from gateway.connectors.criminal_records.model import Application, ApplicationOrder, ApplicationQuery
from gateway.connectors.criminal_records.ngsp.translate import (
    DepartmentSettings,
    NgspSettings,
    changed,
    changes_request,
    mark_request,
    status_request,
    submission,
    to_application,
    unsendable,
)
from gateway.connectors.criminal_records.ngsp.wire import WireAnswer, WireChanges, WireStatus, WireSubmitted
from gateway.connectors.criminal_records.operations import APPLICATION, APPLY, CANCEL, NOBODYS_DOSSIER
from gateway.connectors.criminal_records.orders import already_sent, refuse
from gateway.connectors.criminal_records.rules import mistakes
from gateway.connectors.criminal_records.translate import already_received
from gateway.core.connector import answers
from gateway.core.days import day_in_vietnam
from gateway.core.durable import Changed
from gateway.core.message import Exchange
from gateway.core.problems import GatewayError
from gateway.core.unread import known
from gateway.core.upstream import Upstream


def check(order: ApplicationOrder, settings: DepartmentSettings, today: date) -> None:
    """Raises :class:`~gateway.core.problems.InvalidRequest` with all that is wrong with *order* on *today*."""
    refuse([*mistakes(order, today), *unsendable(order, settings)])


async def apply(order: ApplicationOrder, up: Upstream[NgspSettings]) -> Application:
    """Sends a new application, checked."""
    check(order, up.settings, day_in_vietnam(up.clock.now()))
    return await submit(order, up)


async def submit(order: ApplicationOrder, up: Upstream[NgspSettings]) -> Application:
    """``traTrangThaiHs``, then ``nhanHoSoDangKy`` where they do not have the dossier yet."""
    question = status_request(order.dossier_code, up.settings, before_order=True)
    return await sent_once(order, up, question, submission(order, up.settings))


async def sent_once(order: ApplicationOrder, up: Upstream[Any], question: Exchange, message: Exchange) -> Application:
    """Sends *message* where *question* finds no such dossier.

    Their guide does not say that they refuse a second order, and another process may have sent this one: what they have
    is :class:`~gateway.core.problems.AlreadyReceived` and is not sent again [S], or the proof that an order of unknown
    outcome arrived; that they do not have it, only their ``STATUS`` 201 says. ``ID`` is the system's own number, by
    which changes are told and acknowledged [G].
    """
    found = await looked_up(order.dossier_code, up, question)
    if found is not None:
        if up.call.may_have_arrived:
            return found
        raise already_received()
    wire = await up.ask(message, WireSubmitted)
    return Application(
        application_id=order.dossier_code,
        source_id=known(wire.ID) if wire else None,
        state="received",
        source_code=None,
    )


async def looked_up(dossier_code: str, up: Upstream[Any], question: Exchange) -> Application | None:
    """The state before an order goes; where it can't be had, the order is not sent."""
    try:
        return await asked(dossier_code, up, question)
    except GatewayError as error:
        raise error.replace(may_have_arrived=up.call.may_have_arrived) from error.__cause__


async def asked(dossier_code: str, up: Upstream[Any], question: Exchange) -> Application | None:
    """The state that *question* finds."""
    wire = await up.ask(
        question, WireStatus, same=lambda found: found.idReceivedDec in {None, dossier_code}, effect="read"
    )
    return None if wire is None else to_application(dossier_code, wire)


async def application(query: ApplicationQuery, up: Upstream[NgspSettings]) -> Application | None:
    """``traTrangThaiHs``."""
    return await asked(query.application_id, up, status_request(query.application_id, up.settings))


async def cancel(query: ApplicationQuery, up: Upstream[NgspSettings]) -> Application | None:
    """Lets nobody take back what the source has: :class:`~gateway.core.problems.Conflict`; None where it has none."""
    code = query.application_id
    if await looked_up(code, up, status_request(code, up.settings, before_order=True)) is None:
        return None
    raise already_sent()


async def changes(up: Upstream[NgspSettings]) -> Sequence[Changed]:
    """``traDsTrangThaiHs``."""
    return await listed(up, changes_request(up.settings))


async def listed(up: Upstream[Any], question: Exchange) -> Sequence[Changed]:
    """The changes that *question* finds."""
    wire = await up.ask(question, WireChanges, effect="read")
    return () if wire is None else tuple(changed(wire.LISTCONTENT))


async def acknowledge(source_ids: Sequence[str], up: Upstream[NgspSettings]) -> None:
    """``danhDauHsThanhCong``."""
    await marked(source_ids, up, lambda ids: mark_request(ids, up.settings))


async def marked(source_ids: Sequence[str], up: Upstream[Any], message: Callable[[Sequence[str]], Exchange]) -> None:
    """Acknowledges *source_ids*, which may be repeated without harm; one by one where a number that they do not know
    made them refuse all.
    """
    if not source_ids:
        return
    taken = await up.ask(message(source_ids), WireAnswer, effect="read")
    if taken is None and len(source_ids) > 1:
        for source_id in source_ids:
            await up.ask(message([source_id]), WireAnswer, effect="read")


async def probe(up: Upstream[NgspSettings]) -> object:
    """The state of a dossier that nobody has."""
    return await application(ApplicationQuery(application_id=NOBODYS_DOSSIER), up)


CALLS: Final = (answers(APPLY, apply), answers(CANCEL, cancel), answers(APPLICATION, application))
