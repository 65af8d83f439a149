"""The operations of the legal documents database.

Public law changes by the day: answers are fresh for an hour, and while the source is down they may be a week old,
because an answer says its age and has the effect dates.
"""

from __future__ import annotations

from typing import Final

from gateway.connectors.legal_documents.model import (
    ContentQuery,
    Document,
    DocumentPage,
    DocumentQuery,
    ProvisionsQuery,
    ProvisionTree,
    SearchQuery,
)
from gateway.core.canonical import Content
from gateway.core.files import OPAQUE, OPEN_XML, PDF, RTF, WORD
from gateway.core.operation import Operation

DOCUMENT: Final = Operation(
    name="document",
    query=DocumentQuery,
    answer=Document,
    path="documents/{document_id}",
    summary="A legal document: attributes, effect, relations (thuộc tính, hiệu lực, quan hệ của văn bản QPPL)",
    example={"document_id": "104736"},
    fresh_s=3_600,
    stale_s=7 * 86_400,
)
SEARCH: Final = Operation(
    name="search",
    query=SearchQuery,
    answer=DocumentPage,
    path="documents",
    summary="Legal documents by number, issuer, type, words, and in force on a day (tìm kiếm văn bản QPPL)",
    example={"number": "68/2014/QH13"},
    fresh_s=300,
    stale_s=86_400,
    deadline_s=20,
)
PROVISIONS: Final = Operation(
    name="provisions",
    query=ProvisionsQuery,
    answer=ProvisionTree,
    path="documents/{document_id}/provisions",
    summary="Chapters, articles, clauses and points of a document (chương, điều, khoản, điểm)",
    example={"document_id": "101934"},
    fresh_s=3_600,
    stale_s=7 * 86_400,
    deadline_s=15,
)
CONTENT: Final = Operation(
    name="content",
    query=ContentQuery,
    answer=Content,
    path="documents/{document_id}/content",
    summary="The full text of a document as a file (toàn văn)",
    example={"document_id": "104736"},
    # Generated clients that take one type for all take the first: bytes are right for each of them.
    media_types=(OPAQUE, "text/html", "text/plain", PDF, WORD, OPEN_XML, RTF),
    negative_s=0,
    deadline_s=30,
)

OPERATIONS: Final = (DOCUMENT, SEARCH, PROVISIONS, CONTENT)
