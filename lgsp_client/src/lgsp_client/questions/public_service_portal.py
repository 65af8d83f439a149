"""Questions: Cổng Dịch vụ công quốc gia. Generated from the declared operations: make generate."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal

from lgsp_client.models.dossiers import (
    Channel,
    Coded,
    Document,
    DossierSync,
    Fee,
    OtherPaper,
    Preflight,
    Procedure,
    ResultPaper,
    StepOfficer,
    Subject,
    SupplementRequest,
)
from lgsp_client.models.public_service_portal import StatusFile
from lgsp_client.question import Operation, PageQuestion, Question, many, one

SYNC_DOSSIER: Final = Operation(
    "public_service_portal.sync_dossier",
    "PUT",
    "/v1/public-service-portal/dossiers/{dossier_code}",
    "write",
    names_dossier=True,
)
REPORT_PROGRESS: Final = Operation(
    "public_service_portal.report_progress",
    "POST",
    "/v1/public-service-portal/dossiers/{dossier_code}/progress",
    "write",
    names_dossier=True,
)
REPORT_STATUS: Final = Operation(
    "public_service_portal.report_status",
    "POST",
    "/v1/public-service-portal/dossiers/{dossier_code}/status",
    "write",
    names_dossier=True,
)
DOSSIER_SYNC: Final = Operation(
    "public_service_portal.dossier_sync", "GET", "/v1/public-service-portal/dossiers/{dossier_code}", names_dossier=True
)
PREFLIGHT: Final = Operation(
    "public_service_portal.preflight",
    "POST",
    "/v1/public-service-portal/dossiers/{dossier_code}/preflight",
    names_dossier=True,
)
PROCEDURES: Final = Operation("public_service_portal.procedures", "GET", "/v1/public-service-portal/procedures")


def sync_dossier(
    dossier_code: str,
    *,
    procedure: Coded,
    field: Coded,
    status: str,
    processing_unit: str,
    channel: Channel | None = None,
    subject: Subject | None = None,
    summary: str | None = None,
    note: str | None = None,
    submitted_at: datetime | None = None,
    received_at: datetime | None = None,
    due_at: datetime | None = None,
    refused_at: datetime | None = None,
    finished_at: datetime | None = None,
    handed_over_at: datetime | None = None,
    submitted_to: Literal["national_portal", "own_system"] | None = None,
    digitised: bool | None = None,
    vneid_verified: bool | None = None,
    online_payment: Literal["national_platform", "own_platform", "none", "other"] | None = None,
    databases: Sequence[str] | None = None,
    documents: Sequence[Document] | None = None,
    fees: Sequence[Fee] | None = None,
    other_papers: Sequence[OtherPaper] | None = None,
    supplements: Sequence[SupplementRequest] | None = None,
    results: Sequence[ResultPaper] | None = None,
) -> Question[DossierSync]:
    """Tell the portal of a dossier, new or in its newer state (đồng bộ hồ sơ)."""
    return Question(
        SYNC_DOSSIER,
        {
            "dossier_code": dossier_code,
            "procedure": procedure,
            "field": field,
            "status": status,
            "processing_unit": processing_unit,
            "channel": channel,
            "subject": subject,
            "summary": summary,
            "note": note,
            "submitted_at": submitted_at,
            "received_at": received_at,
            "due_at": due_at,
            "refused_at": refused_at,
            "finished_at": finished_at,
            "handed_over_at": handed_over_at,
            "submitted_to": submitted_to,
            "digitised": digitised,
            "vneid_verified": vneid_verified,
            "online_payment": online_payment,
            "databases": databases,
            "documents": documents,
            "fees": fees,
            "other_papers": other_papers,
            "supplements": supplements,
            "results": results,
        },
        one(DossierSync),
    )


def report_progress(
    dossier_code: str,
    *,
    officer: StepOfficer,
    processed_at: datetime,
    content: str,
    status: str,
    department: str | None = None,
    started_at: datetime | None = None,
    due_at: datetime | None = None,
) -> Question[DossierSync]:
    """Tell the portal of one step of a dossier's handling (cập nhật tiến độ xử lý hồ sơ)."""
    return Question(
        REPORT_PROGRESS,
        {
            "dossier_code": dossier_code,
            "officer": officer,
            "processed_at": processed_at,
            "content": content,
            "status": status,
            "department": department,
            "started_at": started_at,
            "due_at": due_at,
        },
        one(DossierSync),
    )


def report_status(
    dossier_code: str,
    *,
    national_code: str,
    status: str,
    processed_at: datetime,
    subject_identifier: str | None = None,
    content: str | None = None,
    documents: Sequence[StatusFile] | None = None,
) -> Question[DossierSync]:
    """Tell the portal how far a dossier is that it had pushed, by both codes (đồng bộ trạng thái hồ sơ)."""
    return Question(
        REPORT_STATUS,
        {
            "dossier_code": dossier_code,
            "national_code": national_code,
            "status": status,
            "processed_at": processed_at,
            "subject_identifier": subject_identifier,
            "content": content,
            "documents": documents,
        },
        one(DossierSync),
    )


def dossier_sync(dossier_code: str) -> Question[DossierSync]:
    """How far the portal has a dossier: accepted, waiting, refused (tình trạng đồng bộ hồ sơ)."""
    return Question(DOSSIER_SYNC, {"dossier_code": dossier_code}, one(DossierSync))


def preflight(
    dossier_code: str,
    *,
    procedure: Coded,
    field: Coded,
    status: str,
    processing_unit: str,
    channel: Channel | None = None,
    subject: Subject | None = None,
    summary: str | None = None,
    note: str | None = None,
    submitted_at: datetime | None = None,
    received_at: datetime | None = None,
    due_at: datetime | None = None,
    refused_at: datetime | None = None,
    finished_at: datetime | None = None,
    handed_over_at: datetime | None = None,
    submitted_to: Literal["national_portal", "own_system"] | None = None,
    digitised: bool | None = None,
    vneid_verified: bool | None = None,
    online_payment: Literal["national_platform", "own_platform", "none", "other"] | None = None,
    databases: Sequence[str] | None = None,
    documents: Sequence[Document] | None = None,
    fees: Sequence[Fee] | None = None,
    other_papers: Sequence[OtherPaper] | None = None,
    supplements: Sequence[SupplementRequest] | None = None,
    results: Sequence[ResultPaper] | None = None,
) -> Question[Preflight]:
    """The points of Quyết định 766/QĐ-TTg that a dossier would keep and lose, and by which fields; nothing is sent
    (kiểm tra trước khi đồng bộ).
    """
    return Question(
        PREFLIGHT,
        {
            "dossier_code": dossier_code,
            "procedure": procedure,
            "field": field,
            "status": status,
            "processing_unit": processing_unit,
            "channel": channel,
            "subject": subject,
            "summary": summary,
            "note": note,
            "submitted_at": submitted_at,
            "received_at": received_at,
            "due_at": due_at,
            "refused_at": refused_at,
            "finished_at": finished_at,
            "handed_over_at": handed_over_at,
            "submitted_to": submitted_to,
            "digitised": digitised,
            "vneid_verified": vneid_verified,
            "online_payment": online_payment,
            "databases": databases,
            "documents": documents,
            "fees": fees,
            "other_papers": other_papers,
            "supplements": supplements,
            "results": results,
        },
        one(Preflight),
    )


def procedures(
    *, code: str | None = None, q: str | None = None, page_token: str | None = None
) -> PageQuestion[Procedure]:
    """The published procedures, by words, or one whole by its code (danh mục thủ tục hành chính)."""
    return PageQuestion(PROCEDURES, {"code": code, "q": q, "page_token": page_token}, many(Procedure))
