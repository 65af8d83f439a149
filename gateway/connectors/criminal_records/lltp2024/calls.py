"""The operations of this dialect; each needs one exchange that may change something."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from typing import Final

from gateway.connectors.criminal_records.lltp2024.translate import (
    Lltp2024Settings,
    certificate_of,
    status_request,
    submission,
    to_application,
    unsendable,
)
from gateway.connectors.criminal_records.lltp2024.wire import WireProcessed, WireStatus, WireSubmitted
from gateway.connectors.criminal_records.model import Application, ApplicationOrder, ApplicationQuery
from gateway.connectors.criminal_records.operations import (
    APPLICATION,
    APPLY,
    CANCEL,
    CERTIFICATE,
    NOBODYS_DOSSIER,
    SUPPLEMENT,
)
from gateway.connectors.criminal_records.orders import already_sent, refuse, supplement_not_requested
from gateway.connectors.criminal_records.rules import mistakes
from gateway.core.canonical import Content
from gateway.core.connector import answers
from gateway.core.days import day_in_vietnam
from gateway.core.problems import AlreadyReceived, GatewayError, OffContract
from gateway.core.upstream import Upstream

_CHUNK: Final = 64 * 1024
ASKS: Final = "supplement_requested"
"""The only state in which they take an application again [C]."""


def check(order: ApplicationOrder, settings: Lltp2024Settings, today: date) -> None:
    """Raises :class:`~gateway.core.problems.InvalidRequest` with all that is wrong with *order* on *today*."""
    refuse([*mistakes(order, today), *unsendable(order, settings)])


async def apply(order: ApplicationOrder, up: Upstream[Lltp2024Settings]) -> Application:
    """Sends a new application, checked."""
    check(order, up.settings, day_in_vietnam(up.clock.now()))
    return await submit(order, up)


async def submit(order: ApplicationOrder, up: Upstream[Lltp2024Settings]) -> Application:
    """``guiHoSo``; success is said by a sentence that the table reads, and the answer has no other data.

    A dossier that they already have is :class:`~gateway.core.problems.AlreadyReceived`, or, after an order of unknown
    outcome under the same key, the proof that it arrived [C].
    """
    try:
        await up.ask(submission(order, up.settings), WireSubmitted)
    except AlreadyReceived:
        if not up.call.may_have_arrived:
            raise
    return Application(application_id=order.dossier_code, state="received")


async def supplement(order: ApplicationOrder, up: Upstream[Lltp2024Settings]) -> Application | None:
    """Sends the application again with what was asked for, checked; None where they have no such application."""
    check(order, up.settings, day_in_vietnam(up.clock.now()))
    return await submit_supplement(order, up)


async def submit_supplement(order: ApplicationOrder, up: Upstream[Lltp2024Settings]) -> Application | None:
    """``nhanTrangThai``, then ``guiHoSo`` where the state asks for a supplement.

    Any other state is the proof that a supplement of unknown outcome arrived; at a first sending it is a conflict.
    """
    found = await state_before(order.dossier_code, up)
    if found is None:
        return None
    if found.state == ASKS:
        return await submit(order, up)
    if up.call.may_have_arrived and found.state != "unknown":
        return found
    raise supplement_not_requested().replace(may_have_arrived=up.call.may_have_arrived)


async def state_before(dossier_code: str, up: Upstream[Lltp2024Settings]) -> Application | None:
    """The state that is asked for before an order goes: where it can't be had, the order is not sent."""
    try:
        return await application(ApplicationQuery(application_id=dossier_code), up)
    except GatewayError as error:
        raise error.replace(may_have_arrived=up.call.may_have_arrived) from error.__cause__


async def cancel(query: ApplicationQuery, up: Upstream[Lltp2024Settings]) -> Application | None:
    """Lets nobody take back what the source has: :class:`~gateway.core.problems.Conflict`; None where it has none."""
    if await state_before(query.application_id, up) is None:
        return None
    raise already_sent()


async def application(query: ApplicationQuery, up: Upstream[Lltp2024Settings]) -> Application | None:
    """``nhanTrangThai``."""
    found = await _status(query, up)
    return None if found is None else to_application(found, day_in_vietnam(up.clock.now()))


async def certificate(query: ApplicationQuery, up: Upstream[Lltp2024Settings]) -> Content | None:
    """``nhanTrangThai``, whose answer holds the PDF once it is issued."""
    found = await _status(query, up)
    if found is None:
        return None
    pdf = certificate_of(found)
    return Content("application/pdf", f"phieu-lltp-{query.application_id}.pdf", _chunks(pdf))


async def _status(query: ApplicationQuery, up: Upstream[Lltp2024Settings]) -> WireProcessed | None:
    wire = await up.ask(
        status_request(query.application_id, up.settings),
        WireStatus,
        effect="read",
        same=lambda found: found.entry(query.application_id) is not None or None in found.value,
    )
    if wire is None:
        return None
    found = wire.entry(query.application_id)
    if found is None:
        raise OffContract("The source's entry for the application can't be read.", reason="malformed")
    return found


async def _chunks(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), _CHUNK):
        yield content[start : start + _CHUNK]


async def probe(up: Upstream[Lltp2024Settings]) -> object:
    """The state of a dossier that nobody has."""
    return await application(ApplicationQuery(application_id=NOBODYS_DOSSIER), up)


CALLS: Final = (
    answers(APPLY, apply),
    answers(SUPPLEMENT, supplement),
    answers(CANCEL, cancel),
    answers(APPLICATION, application),
    answers(CERTIFICATE, certificate),
)
