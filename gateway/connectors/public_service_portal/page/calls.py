"""The one operation of this dialect."""

from __future__ import annotations

from typing import Final

from gateway.connectors.public_service_portal.model import ProcedurePage, ProceduresQuery
from gateway.connectors.public_service_portal.operations import PROCEDURES
from gateway.connectors.public_service_portal.page.translate import PageSettings, search_request, to_procedure
from gateway.connectors.public_service_portal.page.wire import WireProcedure, WireProcedures
from gateway.connectors.public_service_portal.translate import PAGE_SIZE, number_before, page_token
from gateway.core.connector import answers
from gateway.core.unread import read_rows
from gateway.core.upstream import Upstream
from gateway.dossiers.procedures import Procedure, has_words


async def probe(up: Upstream[PageSettings]) -> object:
    """The first page of all procedures."""
    return await procedures(ProceduresQuery(), up)


async def procedures(query: ProceduresQuery, up: Upstream[PageSettings]) -> ProcedurePage:
    """``procedure_advanced_search_service_v2``, page by page.

    The page's own search is asked for a code alone: it minds diacritics [S], so words are compared here.
    """
    first, settings = number_before(query) + 1, up.settings
    found: list[Procedure] = []
    left_out = 0
    searched = query.q is not None or query.code is not None
    token: str | None = None
    for number in range(first, first + (settings.most_pages if searched else 1)):
        rows = await asked(number, query.code or "", up)
        items, unread = read_rows(Procedure, (None if row is None else to_procedure(row) for row in rows))
        found += [one for one in items if fits(one, query)]
        left_out += unread
        token = page_token(str(number), query) if len(rows) >= settings.rows else None
        if token is None or len(found) >= (1 if query.code is not None else PAGE_SIZE):
            break
    return ProcedurePage(
        items=tuple(found),
        next_page_token=None if query.code is not None and found else token,
        rows_left_out=left_out,
    )


def fits(one: Procedure, query: ProceduresQuery) -> bool:
    """Whether *one* is what *query* asks for: that code, and all of the words."""
    return (query.code is None or one.code == query.code) and (query.q is None or has_words(one, query.q))


async def asked(number: int, keyword: str, up: Upstream[PageSettings]) -> tuple[WireProcedure | None, ...]:
    """The rows of one page; of another procedure, where one was asked by its code, there may be more."""
    wire = await up.ask(search_request(up.settings, number, keyword), WireProcedures)
    return () if wire is None else wire.rows


CALLS: Final = (answers(PROCEDURES, procedures),)
