"""The operations of the national portal. What is told to it is sent in the sequence of each dossier."""

from __future__ import annotations

from typing import Final

from gateway.connectors.public_service_portal.model import ProcedurePage, ProceduresQuery, StatusReport
from gateway.core.operation import Operation
from gateway.dossiers.model import DossierBody, DossierQuery, DossierSync, StepBody
from gateway.dossiers.preflight import Preflight

BODY_LIMIT: Final = 1024 * 1024
"""Bytes of a dossier: its files are named by their addresses, and none is in it."""

DOSSIER: Final = {
    "dossier_code": "000.00.04.H58-260106-9101",
    "procedure": {"code": "9.000101.000.00.00.H58", "name": "Đăng ký khai sinh"},
    "field": {"code": "G15-TP01", "name": "Hộ tịch"},
    "channel": "online",
    "subject": {"kind": "citizen", "name": "Sử Thị Thảo", "identifier": "049185978634", "phone": "0900794236"},
    "summary": "Đăng ký khai sinh",
    "received_at": "2026-01-06T09:15:00+07:00",
    "due_at": "2026-01-08T17:00:00+07:00",
    "status": "received",
    "processing_unit": "UBND Xã Tân Phú Đông",
    "documents": [
        {
            "id": "000.00.04.H58-260106-9101-1",
            "file_name": "to-khai.pdf",
            "component_code": "9.000101.000.00.00.H58-1",
            "url": "https://mot-cua.invalid/tep/1",
        }
    ],
}
"""A whole dossier of a made-up person."""
STEP: Final = {
    "dossier_code": "000.00.04.H58-260105-9001",
    "officer": {"full_name": "Trần Thị Mai Phương", "position": "Chuyên viên"},
    "processed_at": "2026-02-05T09:15:00+07:00",
    "department": "Bộ phận một cửa",
    "content": "Xử lý hồ sơ",
    "status": "in_process",
}

SYNC_DOSSIER: Final = Operation(
    name="sync_dossier",
    query=DossierBody,
    answer=DossierSync,
    path="dossiers/{dossier_code}",
    method="PUT",
    effect="write",
    success=202,
    location="dossiers/{dossier_code}",
    purpose_from="dossier_code",
    body_limit=BODY_LIMIT,
    summary="Tell the portal of a dossier, new or in its newer state (đồng bộ hồ sơ)",
    example=DOSSIER,
    negative_s=0,
    deadline_s=20,
)
REPORT_PROGRESS: Final = Operation(
    name="report_progress",
    query=StepBody,
    answer=DossierSync,
    path="dossiers/{dossier_code}/progress",
    method="POST",
    effect="write",
    success=202,
    location="dossiers/{dossier_code}",
    purpose_from="dossier_code",
    summary="Tell the portal of one step of a dossier's handling (cập nhật tiến độ xử lý hồ sơ)",
    example=STEP,
    negative_s=0,
    goes_with="sync_dossier",
    deadline_s=20,
)
REPORT_STATUS: Final = Operation(
    name="report_status",
    query=StatusReport,
    answer=DossierSync,
    path="dossiers/{dossier_code}/status",
    method="POST",
    effect="write",
    success=202,
    location="dossiers/{dossier_code}",
    purpose_from="dossier_code",
    summary="Tell the portal how far a dossier is that it had pushed, by both codes (đồng bộ trạng thái hồ sơ)",
    example={
        "dossier_code": "000.00.04.H58-260106-9201",
        "national_code": "000.00.00.G22-260105-0001",
        "status": "in_process",
        "processed_at": "2026-01-07T08:00:00+07:00",
    },
    negative_s=0,
    deadline_s=20,
)
DOSSIER_SYNC: Final = Operation(
    name="dossier_sync",
    query=DossierQuery,
    answer=DossierSync,
    path="dossiers/{dossier_code}",
    personal=True,
    purpose_from="dossier_code",
    summary="How far the portal has a dossier: accepted, waiting, refused (tình trạng đồng bộ hồ sơ)",
    example={"dossier_code": "000.00.04.H58-260105-9001"},
    negative_s=0,
    goes_with="sync_dossier",
)
PREFLIGHT: Final = Operation(
    name="preflight",
    query=DossierBody,
    answer=Preflight,
    path="dossiers/{dossier_code}/preflight",
    method="POST",
    personal=True,
    purpose_from="dossier_code",
    body_limit=BODY_LIMIT,
    summary="The points of Quyết định 766/QĐ-TTg that a dossier would keep and lose, and by which fields; nothing is "
    "sent (kiểm tra trước khi đồng bộ)",
    example=DOSSIER,
    negative_s=0,
    goes_with="sync_dossier",
)
PROCEDURES: Final = Operation(
    name="procedures",
    query=ProceduresQuery,
    answer=ProcedurePage,
    path="procedures",
    summary="The published procedures, by words, or one whole by its code (danh mục thủ tục hành chính)",
    example={"q": "khai sinh"},
    fresh_s=3_600,
    stale_s=7 * 86_400,
    deadline_s=20,
    versioned=True,
)

OPERATIONS: Final = (SYNC_DOSSIER, REPORT_PROGRESS, REPORT_STATUS, DOSSIER_SYNC, PREFLIGHT, PROCEDURES)
