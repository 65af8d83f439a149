"""The operations over ``api/qtdc/public/doc`` [C]."""

from __future__ import annotations

import asyncio
from typing import Final

from gateway.connectors.legal_documents.gateway import translate
from gateway.connectors.legal_documents.gateway.html import plain_text
from gateway.connectors.legal_documents.gateway.translate import GatewaySettings
from gateway.connectors.legal_documents.gateway.wire import (
    WireChoices,
    WireDetail,
    WireDiagram,
    WireDocument,
    WireFiles,
    WireSearch,
    WireText,
    WireTree,
)
from gateway.connectors.legal_documents.model import (
    ContentQuery,
    Document,
    DocumentPage,
    DocumentQuery,
    DocumentSummary,
    ProvisionsQuery,
    ProvisionTree,
    SearchQuery,
)
from gateway.connectors.legal_documents.operations import CONTENT, DOCUMENT, PROVISIONS, SEARCH
from gateway.connectors.legal_documents.translate import (
    Found,
    as_it_begins,
    file_name,
    first_with_hits,
    same_id,
    with_effect,
)
from gateway.core.canonical import Content
from gateway.core.connector import answers
from gateway.core.transfer import whole_file
from gateway.core.unread import known, part_of, read_rows
from gateway.core.upstream import Upstream


async def _detail(document_id: str, up: Upstream[GatewaySettings]) -> WireDocument | None:
    wire = await up.ask(
        translate.ask_document(document_id), WireDetail, same=lambda found: same_id(found.data.id, document_id)
    )
    return None if wire is None else wire.data


async def document(query: DocumentQuery, up: Upstream[GatewaySettings]) -> Document | None:
    """``doc/{id}``, then its diagram for the relations from other documents."""
    wire = await _detail(query.document_id, up)
    if wire is None:
        return None
    diagram = await up.ask(translate.ask_diagram(query.document_id), WireDiagram)
    return with_effect(translate.to_document(wire, diagram), query.in_force_on, up.clock.now())


async def search(query: SearchQuery, up: Upstream[GatewaySettings]) -> DocumentPage | None:
    """``doc/all``; issuer and type are sent as ids of the source's catalogues, where these have them."""
    agencies: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    if query.issuer is not None:
        choices = await up.ask(translate.ask_agencies(), WireChoices)
        agencies = translate.ids_of_issuer(choices.data, query) if choices else ()
    if query.type is not None:
        choices = await up.ask(translate.ask_types(), WireChoices)
        types = translate.ids_of_type(choices.data, query) if choices else ()

    async def ask(page: SearchQuery) -> Found:
        wire = await up.ask(translate.ask_search(page, agencies=agencies, types=types), WireSearch)
        if wire is None:
            return Found((), 0)
        rows = (translate.summary(row) if row else None for row in wire.data.items)
        documents, unread = read_rows(DocumentSummary, rows)
        return Found(documents, known(wire.data.total), known(wire.data.pageSize), unread)

    return await first_with_hits(query, up, ask)


async def provisions(query: ProvisionsQuery, up: Upstream[GatewaySettings]) -> ProvisionTree | None:
    """``doc/provision/tree/{id}``; after an empty tree the document is asked for, to see whether it exists."""
    wire = await up.ask(translate.ask_tree(query.document_id), WireTree)
    if (wire is None or not wire.data) and await _detail(query.document_id, up) is None:
        return None
    return await asyncio.to_thread(translate.to_provisions, query.document_id, wire.data if wire else ())


async def content(query: ContentQuery, up: Upstream[GatewaySettings]) -> Content | None:
    """The HTML of ``doc/{id}``, or the closest attachment where the HTML has no text."""
    wire = await _detail(query.document_id, up)
    if wire is None:
        return None
    html = part_of(WireText, wire.documentContent).content
    seen = await asyncio.to_thread(plain_text, html or None)
    if html and seen:
        return whole_file("text/html; charset=utf-8", file_name(f"{wire.id}.html", "content.html"), html.encode())
    files = await up.ask(translate.ask_files(query.document_id), WireFiles)
    best = translate.best_file(files.data, known(wire.docNum)) if files else None
    if best is None:
        return None
    name, media_type = best
    file = await up.fetch(translate.ask_file(query.document_id, name))
    if file is None or not file.start:
        return None
    return file.content(*as_it_begins(media_type, file_name(name, wire.id), file.start))


async def probe(up: Upstream[GatewaySettings]) -> object:
    """The document of the operation's example, without its diagram."""
    return await _detail(str(DOCUMENT.example["document_id"]), up)


CALLS: Final = (
    answers(DOCUMENT, document),
    answers(SEARCH, search),
    answers(PROVISIONS, provisions),
    answers(CONTENT, content),
)
