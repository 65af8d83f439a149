"""Never run, only type-checked: what a portal developer may write, and what the types refuse at the line.

Each ``type: ignore`` is an error that must be there: mypy warns of one that no longer hides anything.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import assert_type

from lgsp_client.models.business_registry import Enterprise
from lgsp_client.models.criminal_records import Coded
from lgsp_client.models.legal_documents import DocumentSummary
from lgsp_client.models.shared import PartialDate
from lgsp_client.models.social_insurance import Participant
from lgsp_client.questions import business_registry, legal_documents

from lgsp_client import Answer, AsyncClient, AsyncPage, BatchResult, Client, Content, Page


def synchronous(client: Client) -> None:
    answer = client.business_registry.enterprise("0300588569", dossier="H58-1", timeout=5)
    assert_type(answer, Answer[Enterprise])
    assert_type(answer.data.capital, Decimal | None)
    page = client.legal_documents.search(type="law", in_force_on=date(2024, 1, 1))
    assert_type(page, Page[DocumentSummary])
    for document in page:
        assert_type(document, DocumentSummary)
    with client.legal_documents.content("1") as file:
        assert_type(file, Content)
        assert_type(file.read(), bytes)
    enterprises = client.batch([business_registry.enterprise("1"), business_registry.enterprise("2")])
    assert_type(enterprises, list[BatchResult[Enterprise]])
    lists = client.batch([legal_documents.search(number="1")])
    assert_type(lists, list[BatchResult[tuple[DocumentSummary, ...]]])


async def asynchronous(client: AsyncClient) -> None:
    found = await client.social_insurance.participant(full_name="A", birth_date=PartialDate.of(1987), sex="male")
    assert_type(found, Answer[Participant])
    page = await client.legal_documents.search(number="1")
    assert_type(page, AsyncPage[DocumentSummary])
    async for document in page:
        assert_type(document, DocumentSummary)


def refused(client: Client) -> None:
    client.business_registry.enterprise(300588569)  # type: ignore[arg-type]
    client.business_registry.enterprise(code="0300588569")  # type: ignore[call-arg]
    client.business_registry.enterprise("0300588569", dosier="H58-1")  # type: ignore[call-arg]
    client.legal_documents.search(type="lwa")  # type: ignore[arg-type]
    client.legal_documents.search("68/2014/QH13")  # type: ignore[call-arg]
    client.criminal_records.application("D-1", idempotency_key="1")  # type: ignore[call-arg]
    client.batch([legal_documents.content("1")])  # type: ignore[arg-type]
    Coded(code="VN")  # type: ignore[call-arg]
