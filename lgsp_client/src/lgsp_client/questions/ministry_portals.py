"""Questions: Cổng Dịch vụ công các bộ, ngành. Generated from the declared operations: make generate."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, Literal

from lgsp_client.models.dossiers import (
    Channel,
    Coded,
    Document,
    DossierSync,
    Fee,
    OtherPaper,
    ResultPaper,
    StepOfficer,
    Subject,
    SupplementRequest,
)
from lgsp_client.models.ministry_portals import Acknowledged, FiledDossier, IncomingMessage
from lgsp_client.question import Operation, PageQuestion, Question, many, one

SEND_DOSSIER: Final = Operation(
    "ministry_portals.send_dossier",
    "PUT",
    "/v1/ministry-portals/{ministry}/dossiers/{dossier_code}",
    "write",
    names_dossier=True,
)
REPORT_PROGRESS: Final = Operation(
    "ministry_portals.report_progress",
    "POST",
    "/v1/ministry-portals/{ministry}/dossiers/{dossier_code}/progress",
    "write",
    names_dossier=True,
)
DOSSIER: Final = Operation(
    "ministry_portals.dossier", "GET", "/v1/ministry-portals/{ministry}/dossiers/{dossier_code}", names_dossier=True
)
INCOMING: Final = Operation("ministry_portals.incoming", "GET", "/v1/ministry-portals/{ministry}/incoming")
FILED: Final = Operation(
    "ministry_portals.filed", "GET", "/v1/ministry-portals/{ministry}/filed/{dossier_code}", names_dossier=True
)
ACKNOWLEDGE: Final = Operation(
    "ministry_portals.acknowledge", "POST", "/v1/ministry-portals/{ministry}/incoming/ack", "write"
)


def send_dossier(
    ministry: str,
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
    """Send a ministry a dossier, new or in its newer state (gửi hồ sơ tới bộ, ngành)."""
    return Question(
        SEND_DOSSIER,
        {
            "ministry": ministry,
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
    ministry: str,
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
    """Tell a ministry of one step of a dossier's handling (cập nhật tiến độ tới bộ, ngành)."""
    return Question(
        REPORT_PROGRESS,
        {
            "ministry": ministry,
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


def dossier(ministry: str, dossier_code: str) -> Question[DossierSync]:
    """How far a ministry has a dossier: accepted, waiting, refused (tình trạng hồ sơ tại bộ, ngành)."""
    return Question(DOSSIER, {"ministry": ministry, "dossier_code": dossier_code}, one(DossierSync))


def incoming(
    ministry: str, *, from_: date | None = None, to: date | None = None, page_token: str | None = None
) -> PageQuestion[IncomingMessage]:
    """The dossiers and results that a ministry has for the province (hồ sơ, kết quả do bộ, ngành gửi)."""
    return PageQuestion(
        INCOMING, {"ministry": ministry, "from": from_, "to": to, "page_token": page_token}, many(IncomingMessage)
    )


def filed(ministry: str, dossier_code: str) -> Question[FiledDossier]:
    """A dossier that was filed with a ministry, whole (hồ sơ nộp tại hệ thống của bộ, ngành)."""
    return Question(FILED, {"ministry": ministry, "dossier_code": dossier_code}, one(FiledDossier))


def acknowledge(ministry: str, *, message_ids: Sequence[str]) -> Question[Acknowledged]:
    """Tell a ministry that the province has its messages (xác nhận đã nhận thông điệp)."""
    return Question(ACKNOWLEDGE, {"ministry": ministry, "message_ids": message_ids}, one(Acknowledged))
