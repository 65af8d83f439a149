"""The operation of this dialect."""

from __future__ import annotations

from typing import Final

from gateway.connectors.ministry_portals.model import IncomingPage, IncomingQuery
from gateway.connectors.ministry_portals.operations import INCOMING
from gateway.connectors.ministry_portals.pulling import pull
from gateway.connectors.ministry_portals.transport.translate import TransportSettings, list_request, period, to_page
from gateway.connectors.ministry_portals.transport.wire import WireList
from gateway.core.connector import answers
from gateway.core.days import day_in_vietnam
from gateway.core.upstream import Upstream


async def incoming(query: IncomingQuery, up: Upstream[TransportSettings]) -> IncomingPage:
    """``danhsachhoso`` for three days of the period, a page each; nothing is acknowledged."""
    start, end, last = period(query, day_in_vietnam(up.clock.now()))
    wire = await up.ask(list_request(start, end, up.settings), WireList)
    assert wire is not None, "an empty list is an answer"
    return to_page(wire, end, last, up.settings)


PULL: Final = pull(incoming, by_days=True)
CALLS: Final = (answers(INCOMING, incoming),)
