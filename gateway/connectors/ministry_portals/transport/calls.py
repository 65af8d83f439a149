"""The operation of this dialect."""

from __future__ import annotations

from datetime import date
from typing import Final

from gateway.connectors.ministry_portals.model import IncomingPage, IncomingQuery
from gateway.connectors.ministry_portals.operations import INCOMING
from gateway.connectors.ministry_portals.pulling import ministry_of, pull
from gateway.connectors.ministry_portals.transport.translate import (
    TransportSettings,
    list_request,
    period,
    to_page,
    to_pulled,
)
from gateway.connectors.ministry_portals.transport.wire import WireList
from gateway.core.connector import answers
from gateway.core.days import day_in_vietnam
from gateway.core.inbound import PulledPage, PullQuestion
from gateway.core.upstream import Upstream


async def incoming(query: IncomingQuery, up: Upstream[TransportSettings]) -> IncomingPage:
    """``danhsachhoso`` for three days of the period, a page each; nothing is acknowledged."""
    start, end, last = period(query, day_in_vietnam(up.clock.now()))
    return to_page(await _listed(start, end, up), end, last, up.settings)


async def _listed(start: date, end: date, up: Upstream[TransportSettings]) -> WireList:
    wire = await up.ask(list_request(start, end, up.settings), WireList)
    assert wire is not None, "an empty list is an answer"
    return wire


async def pulled(question: PullQuestion, up: Upstream[TransportSettings]) -> PulledPage:
    """The same for the inbox; a file of a row has no address that the contract knows, and does not come."""
    days = {"from": question.first, "to": question.last, "page_token": question.page_token}
    query = IncomingQuery.model_validate({"ministry": ministry_of(question.system), **days})
    start, end, last = period(query, day_in_vietnam(up.clock.now()))
    return to_pulled(await _listed(start, end, up), end, last)


PULL: Final = pull(pulled)
CALLS: Final = (answers(INCOMING, incoming),)
