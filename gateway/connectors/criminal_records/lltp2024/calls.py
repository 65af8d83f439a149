"""The operations of this dialect; each needs one exchange."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from gateway.connectors.criminal_records.lltp2024.translate import (
    Lltp2024Settings,
    certificate_of,
    status_request,
    submission,
    to_application,
)
from gateway.connectors.criminal_records.lltp2024.wire import WireProcessed, WireStatus, WireSubmitted
from gateway.connectors.criminal_records.model import Application, ApplicationOrder, ApplicationQuery
from gateway.connectors.criminal_records.operations import APPLICATION, APPLY, CERTIFICATE
from gateway.core.canonical import Content
from gateway.core.connector import answers
from gateway.core.days import day_in_vietnam
from gateway.core.problems import AlreadyReceived, OffContract
from gateway.core.upstream import Upstream

_CHUNK: Final = 64 * 1024


async def apply(order: ApplicationOrder, up: Upstream[Lltp2024Settings]) -> Application:
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


CALLS: Final = (answers(APPLY, apply), answers(APPLICATION, application), answers(CERTIFICATE, certificate))
