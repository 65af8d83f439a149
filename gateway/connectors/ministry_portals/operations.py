"""The operations of ministries: the path names the ministry, and its dialect says which of them it offers."""

from __future__ import annotations

from typing import Final

from gateway.connectors.ministry_portals.model import (
    Acknowledged,
    FiledDossier,
    IncomingPage,
    IncomingQuery,
    MessageReceipt,
    MinistryDossier,
    MinistryDossierQuery,
    MinistryStep,
)
from gateway.core.operation import Operation
from gateway.dossiers.model import DossierSync

BODY_LIMIT: Final = 1024 * 1024
"""Bytes of a dossier: its files are named by their addresses, and none is in it."""

DOSSIER: Final = {
    "ministry": "construction",
    "dossier_code": "000.00.04.H58-260106-9351",
    "procedure": {"code": "9.000104.000.00.00.H58", "name": "Cấp giấy phép xây dựng nhà ở riêng lẻ"},
    "field": {"code": "G17-XD01", "name": "Hoạt động xây dựng"},
    "channel": "online",
    "subject": {"kind": "citizen", "name": "Sử Thị Thảo", "identifier": "049185978634", "phone": "0900794236"},
    "summary": "Cấp giấy phép xây dựng nhà ở riêng lẻ",
    "received_at": "2026-01-06T09:15:00+07:00",
    "due_at": "2026-01-20T17:00:00+07:00",
    "status": "received",
    "processing_unit": "Sở Xây dựng",
}
"""A whole dossier of a made-up person."""
STEP: Final = {
    "ministry": "construction",
    "dossier_code": "000.00.04.H58-260105-9301",
    "officer": {"full_name": "Trần Thị Mai Phương", "position": "Chuyên viên"},
    "processed_at": "2026-02-05T09:15:00+07:00",
    "department": "Bộ phận một cửa",
    "content": "Xử lý hồ sơ",
    "status": "in_process",
}

SEND_DOSSIER: Final = Operation(
    name="send_dossier",
    query=MinistryDossier,
    answer=DossierSync,
    path="{ministry}/dossiers/{dossier_code}",
    method="PUT",
    effect="write",
    success=202,
    location="{ministry}/dossiers/{dossier_code}",
    purpose_from="dossier_code",
    upstream_from="ministry",
    body_limit=BODY_LIMIT,
    summary="Send a ministry a dossier, new or in its newer state (gửi hồ sơ tới bộ, ngành)",
    example=DOSSIER,
    negative_s=0,
    deadline_s=20,
)
REPORT_PROGRESS: Final = Operation(
    name="report_progress",
    query=MinistryStep,
    answer=DossierSync,
    path="{ministry}/dossiers/{dossier_code}/progress",
    method="POST",
    effect="write",
    success=202,
    location="{ministry}/dossiers/{dossier_code}",
    purpose_from="dossier_code",
    upstream_from="ministry",
    summary="Tell a ministry of one step of a dossier's handling (cập nhật tiến độ tới bộ, ngành)",
    example=STEP,
    negative_s=0,
    deadline_s=20,
)
DOSSIER_STATE: Final = Operation(
    name="dossier",
    query=MinistryDossierQuery,
    answer=DossierSync,
    path="{ministry}/dossiers/{dossier_code}",
    personal=True,
    purpose_from="dossier_code",
    upstream_from="ministry",
    summary="How far a ministry has a dossier: accepted, waiting, refused (tình trạng hồ sơ tại bộ, ngành)",
    example={"ministry": "construction", "dossier_code": "000.00.04.H58-260105-9301"},
    negative_s=0,
)
INCOMING: Final = Operation(
    name="incoming",
    query=IncomingQuery,
    answer=IncomingPage,
    path="{ministry}/incoming",
    upstream_from="ministry",
    subject=("ministry",),
    summary="The dossiers and results that a ministry has for the province (hồ sơ, kết quả do bộ, ngành gửi)",
    example={"ministry": "construction"},
    negative_s=0,
    deadline_s=20,
)
FILED: Final = Operation(
    name="filed",
    query=MinistryDossierQuery,
    answer=FiledDossier,
    path="{ministry}/filed/{dossier_code}",
    personal=True,
    purpose_from="dossier_code",
    upstream_from="ministry",
    summary="A dossier that was filed with a ministry, whole (hồ sơ nộp tại hệ thống của bộ, ngành)",
    example={"ministry": "birth-death", "dossier_code": "000.00.00.G15-260105-0001"},
    negative_s=0,
    deadline_s=20,
)
ACKNOWLEDGE: Final = Operation(
    name="acknowledge",
    query=MessageReceipt,
    answer=Acknowledged,
    path="{ministry}/incoming/ack",
    method="POST",
    effect="write",
    upstream_from="ministry",
    summary="Tell a ministry that the province has its messages (xác nhận đã nhận thông điệp)",
    example={"ministry": "construction", "message_ids": ["HOSO-000.00.00.G17-260105-0001"]},
    negative_s=0,
    deadline_s=20,
)

OPERATIONS: Final = (SEND_DOSSIER, REPORT_PROGRESS, DOSSIER_STATE, INCOMING, FILED, ACKNOWLEDGE)
