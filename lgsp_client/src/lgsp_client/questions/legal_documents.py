"""Questions: CSDLQG về văn bản quy phạm pháp luật. Generated from the declared operations: make generate."""

from __future__ import annotations

from datetime import date
from typing import Final

from lgsp_client.models.legal_documents import (
    Document,
    DocumentSummary,
    DocumentType,
    ProvisionTree,
)
from lgsp_client.question import FileQuestion, Operation, PageQuestion, Question, many, one

DOCUMENT: Final = Operation("legal_documents.document", "GET", "/v1/legal-documents/documents/{document_id}")
SEARCH: Final = Operation("legal_documents.search", "GET", "/v1/legal-documents/documents")
PROVISIONS: Final = Operation(
    "legal_documents.provisions", "GET", "/v1/legal-documents/documents/{document_id}/provisions"
)
CONTENT: Final = Operation("legal_documents.content", "GET", "/v1/legal-documents/documents/{document_id}/content")


def document(document_id: str, *, in_force_on: date | None = None) -> Question[Document]:
    """A legal document: attributes, effect, relations (thuộc tính, hiệu lực, quan hệ của văn bản QPPL)."""
    return Question(DOCUMENT, {"document_id": document_id, "in_force_on": in_force_on}, one(Document))


def search(
    *,
    number: str | None = None,
    issuer: str | None = None,
    type: DocumentType | None = None,
    in_force_on: date | None = None,
    q: str | None = None,
    page_token: str | None = None,
) -> PageQuestion[DocumentSummary]:
    """Legal documents by number, issuer, type, words, and in force on a day (tìm kiếm văn bản QPPL)."""
    return PageQuestion(
        SEARCH,
        {
            "number": number,
            "issuer": issuer,
            "type": type,
            "in_force_on": in_force_on,
            "q": q,
            "page_token": page_token,
        },
        many(DocumentSummary),
    )


def provisions(document_id: str) -> Question[ProvisionTree]:
    """Chapters, articles, clauses and points of a document (chương, điều, khoản, điểm)."""
    return Question(PROVISIONS, {"document_id": document_id}, one(ProvisionTree))


def content(document_id: str) -> FileQuestion:
    """The full text of a document as a file (toàn văn)."""
    return FileQuestion(CONTENT, {"document_id": document_id})
