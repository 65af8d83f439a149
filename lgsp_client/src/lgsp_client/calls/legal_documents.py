"""Methods: CSDLQG về văn bản quy phạm pháp luật. Generated from the declared operations: make generate."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, AbstractContextManager
from datetime import date
from typing import Unpack

from lgsp_client.answer import Answer, AsyncPage, Page
from lgsp_client.content import AsyncContent, Content
from lgsp_client.models.legal_documents import (
    Document,
    DocumentSummary,
    DocumentType,
    ProvisionTree,
)
from lgsp_client.questions import legal_documents as questions
from lgsp_client.request import Options
from lgsp_client.sender import AsyncSender, Sender


class LegalDocuments:
    """CSDLQG về văn bản quy phạm pháp luật."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def document(
        self, document_id: str, *, in_force_on: date | None = None, **options: Unpack[Options]
    ) -> Answer[Document]:
        """A legal document: attributes, effect, relations (thuộc tính, hiệu lực, quan hệ của văn bản QPPL).

        Args:
            document_id: Mã văn bản của nguồn: digits for older documents, a UUID for newer ones.
            in_force_on: Ngày cần biết hiệu lực; the answer is in effect.
            **options: See :class:`~lgsp_client.Options`.
        """
        return self._sender.ask(questions.document(document_id, in_force_on=in_force_on), options)

    def search(
        self,
        *,
        number: str | None = None,
        issuer: str | None = None,
        type: DocumentType | None = None,
        in_force_on: date | None = None,
        q: str | None = None,
        page_token: str | None = None,
        **options: Unpack[Options],
    ) -> Page[DocumentSummary]:
        """Legal documents by number, issuer, type, words, and in force on a day (tìm kiếm văn bản QPPL).

        Args:
            number: Số, ký hiệu, or whole parts of it.
            issuer: Cơ quan ban hành, or a part of its name.
            type: Loại văn bản.
            in_force_on: Còn hiệu lực vào ngày, by the effect dates: pages may then be short, and total is null; a
                document of which the source does not say it is left out.
            q: Từ khóa trong trích yếu, all words.
            page_token: meta.next_page_token of the previous page.
            **options: See :class:`~lgsp_client.Options`.
        """
        return self._sender.ask_page(
            questions.search(
                number=number, issuer=issuer, type=type, in_force_on=in_force_on, q=q, page_token=page_token
            ),
            options,
        )

    def provisions(self, document_id: str, **options: Unpack[Options]) -> Answer[ProvisionTree]:
        """Chapters, articles, clauses and points of a document (chương, điều, khoản, điểm).

        Args:
            document_id: Mã văn bản của nguồn: digits for older documents, a UUID for newer ones.
            **options: See :class:`~lgsp_client.Options`.
        """
        return self._sender.ask(questions.provisions(document_id), options)

    def content(self, document_id: str, **options: Unpack[Options]) -> AbstractContextManager[Content]:
        """The full text of a document as a file (toàn văn).

        Args:
            document_id: Mã văn bản của nguồn: digits for older documents, a UUID for newer ones.
            **options: See :class:`~lgsp_client.Options`.
        """
        return self._sender.ask_file(questions.content(document_id), options)


class AsyncLegalDocuments:
    """CSDLQG về văn bản quy phạm pháp luật."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    async def document(
        self, document_id: str, *, in_force_on: date | None = None, **options: Unpack[Options]
    ) -> Answer[Document]:
        """A legal document: attributes, effect, relations (thuộc tính, hiệu lực, quan hệ của văn bản QPPL).

        Args:
            document_id: Mã văn bản của nguồn: digits for older documents, a UUID for newer ones.
            in_force_on: Ngày cần biết hiệu lực; the answer is in effect.
            **options: See :class:`~lgsp_client.Options`.
        """
        return await self._sender.ask(questions.document(document_id, in_force_on=in_force_on), options)

    async def search(
        self,
        *,
        number: str | None = None,
        issuer: str | None = None,
        type: DocumentType | None = None,
        in_force_on: date | None = None,
        q: str | None = None,
        page_token: str | None = None,
        **options: Unpack[Options],
    ) -> AsyncPage[DocumentSummary]:
        """Legal documents by number, issuer, type, words, and in force on a day (tìm kiếm văn bản QPPL).

        Args:
            number: Số, ký hiệu, or whole parts of it.
            issuer: Cơ quan ban hành, or a part of its name.
            type: Loại văn bản.
            in_force_on: Còn hiệu lực vào ngày, by the effect dates: pages may then be short, and total is null; a
                document of which the source does not say it is left out.
            q: Từ khóa trong trích yếu, all words.
            page_token: meta.next_page_token of the previous page.
            **options: See :class:`~lgsp_client.Options`.
        """
        return await self._sender.ask_page(
            questions.search(
                number=number, issuer=issuer, type=type, in_force_on=in_force_on, q=q, page_token=page_token
            ),
            options,
        )

    async def provisions(self, document_id: str, **options: Unpack[Options]) -> Answer[ProvisionTree]:
        """Chapters, articles, clauses and points of a document (chương, điều, khoản, điểm).

        Args:
            document_id: Mã văn bản của nguồn: digits for older documents, a UUID for newer ones.
            **options: See :class:`~lgsp_client.Options`.
        """
        return await self._sender.ask(questions.provisions(document_id), options)

    def content(self, document_id: str, **options: Unpack[Options]) -> AbstractAsyncContextManager[AsyncContent]:
        """The full text of a document as a file (toàn văn).

        Args:
            document_id: Mã văn bản của nguồn: digits for older documents, a UUID for newer ones.
            **options: See :class:`~lgsp_client.Options`.
        """
        return self._sender.ask_file(questions.content(document_id), options)
