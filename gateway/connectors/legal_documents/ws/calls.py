"""The operations over the SOAP service [S]."""

from __future__ import annotations

from typing import Final

from gateway.connectors.legal_documents.model import (
    ContentQuery,
    Document,
    DocumentPage,
    DocumentQuery,
    DocumentSummary,
    SearchQuery,
)
from gateway.connectors.legal_documents.operations import CONTENT, DOCUMENT, SEARCH
from gateway.connectors.legal_documents.translate import Found, as_it_begins, first_with_hits, same_id, with_effect
from gateway.connectors.legal_documents.ws import translate
from gateway.connectors.legal_documents.ws.translate import WsSettings
from gateway.connectors.legal_documents.ws.wire import WireContent, WireDetail, WireSearch
from gateway.core.canonical import Content
from gateway.core.connector import answers
from gateway.core.transfer import whole_file
from gateway.core.unread import known, read_rows
from gateway.core.upstream import Upstream


async def document(query: DocumentQuery, up: Upstream[WsSettings]) -> Document | None:
    """``ChiTietVanBan``."""
    wire = await up.ask(
        translate.ask_document(query.document_id),
        WireDetail,
        same=lambda found: same_id(found.VanBan.Id, query.document_id),
    )
    return None if wire is None else with_effect(translate.to_document(wire.VanBan), query.in_force_on, up.clock.now())


async def search(query: SearchQuery, up: Upstream[WsSettings]) -> DocumentPage | None:
    """``TimKiemVanBan``, one page of the source for one of ours."""

    async def ask(page: SearchQuery) -> Found:
        wire = await up.ask(translate.ask_search(page), WireSearch)
        if wire is None:
            return Found((), 0)
        documents, unread = read_rows(DocumentSummary, (translate.summary(row) if row else None for row in wire.VanBan))
        return Found(documents, known(wire.TongSo), unread=unread)

    return await first_with_hits(query, up, ask)


async def content(query: ContentQuery, up: Upstream[WsSettings]) -> Content | None:
    """``NoiDungVanBan``; an empty text counts as none."""
    wire = await up.ask(
        translate.ask_content(query.document_id),
        WireContent,
        same=lambda found: same_id(found.Id, query.document_id),
    )
    if wire is None or not wire.NoiDung.strip():
        return None
    said = as_it_begins(translate.media_type(wire), translate.content_name(wire), wire.NoiDung)
    return whole_file(*said, wire.NoiDung)


async def probe(up: Upstream[WsSettings]) -> object:
    """The document of the operation's example."""
    return await document(DocumentQuery.model_validate(DOCUMENT.example), up)


CALLS: Final = (answers(DOCUMENT, document), answers(SEARCH, search), answers(CONTENT, content))
