"""The operations of the criminal records system. Answers are never cached, so they are never stale."""

from __future__ import annotations

from typing import Final

from gateway.connectors.criminal_records.model import Application, ApplicationOrder, ApplicationQuery
from gateway.core.canonical import Content
from gateway.core.files import PDF
from gateway.core.operation import Operation

BODY_LIMIT: Final = 8 * 1024 * 1024
"""Bytes of an application: a declaration weighs some 10 kB, the rest is for scans in base64."""

EXAMPLE: Final = {
    "dossier_code": "000.00.04.H58-260106-7001",
    "received_on": "2026-01-06",
    "due_on": "2026-01-13",
    "channel": "online",
    "certificate_form": 1,
    "confirm_position_bans": False,
    "copies": 1,
    "purpose": {"name": "Bổ sung hồ sơ xin việc làm"},
    "applicant": {
        "full_name": "Sử Thị Thảo",
        "sex": "female",
        "birth_date": {"value": "1985-09-02", "precision": "day"},
        "birth_place": {"province": {"code": "48", "name": "Thành phố Đà Nẵng"}},
        "nationality": {"code": "VN", "name": "Việt Nam"},
        "ethnicity": {"code": "01", "name": "Kinh"},
        "permanent_residence": {
            "street": "Ấp Tân Thạnh",
            "ward": {"code": "20791", "name": "Xã Thăng Bình"},
            "province": {"code": "48", "name": "Thành phố Đà Nẵng"},
        },
        "identity_document": {
            "kind": "citizen_card",
            "number": "049185978634",
            "issued_on": "2021-05-14",
            "issued_by": "Cục Cảnh sát quản lý hành chính về trật tự xã hội",
        },
        "phone": "0900794236",
    },
    "father": {"full_name": "Sử Văn Ưng", "birth_date": {"value": "1960", "precision": "year"}},
    "mother": {"full_name": "Huỳnh Thị Mỹ Duyên", "birth_date": {"value": "1962", "precision": "year"}},
    "residences": [
        {
            "start": {"value": "1999-09", "precision": "month"},
            "end": {"value": "2004-09", "precision": "month"},
            "place": "Số 163 Hoàng Hoa Thám, Xã Hóa Quỳ, Tỉnh Thanh Hóa",
            "occupation": "Học sinh",
        },
        {
            "start": {"value": "2004-09", "precision": "month"},
            "end": {"value": "2026-01", "precision": "month"},
            "place": "Ấp Tân Thạnh, Xã Thăng Bình, Thành phố Đà Nẵng",
            "occupation": "Kỹ sư",
        },
    ],
    "spouse": {"full_name": "Trần Thế Tùng", "birth_date": {"value": "1987-12-13", "precision": "day"}},
}
"""A whole application for a made-up person."""
NOBODYS_DOSSIER: Final = "000.00.00.H00-000101-0000"
"""A dossier code that no office gives: the state of it is a question about nobody."""

APPLY: Final = Operation(
    name="apply",
    query=ApplicationOrder,
    answer=Application,
    path="applications",
    method="POST",
    effect="write",
    success=202,
    location="applications/{application_id}",
    subject=("dossier_code",),
    purpose_from="dossier_code",
    idempotency_key=True,
    body_limit=BODY_LIMIT,
    summary="Apply for a criminal record certificate (nộp hồ sơ cấp Phiếu lý lịch tư pháp số 1, số 2)",
    example=EXAMPLE,
    negative_s=0,
    deadline_s=30,
)
SUPPLEMENT: Final = Operation(
    name="supplement",
    query=ApplicationOrder,
    answer=Application,
    path="applications/{dossier_code}/supplement",
    method="POST",
    effect="write",
    success=202,
    location="applications/{application_id}",
    purpose_from="dossier_code",
    idempotency_key=True,
    body_limit=BODY_LIMIT,
    summary="Send the whole application again with what the source asked for (bổ sung hồ sơ cấp Phiếu lý lịch tư pháp)",
    example={**EXAMPLE, "dossier_code": "000.00.04.H58-260105-0013"},
    negative_s=0,
    goes_with="apply",
    deadline_s=30,
)
CANCEL: Final = Operation(
    name="cancel",
    query=ApplicationQuery,
    answer=Application,
    path="applications/{application_id}",
    method="DELETE",
    effect="write",
    personal=True,
    summary="Cancel an application before it is sent; afterwards 409 (hủy hồ sơ chưa gửi)",
    example={"application_id": "000.00.04.H58-260105-0001"},
    negative_s=0,
    goes_with="apply",
    deadline_s=20,
)
APPLICATION: Final = Operation(
    name="application",
    query=ApplicationQuery,
    answer=Application,
    path="applications/{application_id}",
    personal=True,
    events=True,
    summary="State of an application and what was issued (tình trạng hồ sơ cấp Phiếu lý lịch tư pháp)",
    example={"application_id": "000.00.04.H58-260105-0001"},
    negative_s=0,
    never_stale=True,
)
CERTIFICATE: Final = Operation(
    name="certificate",
    query=ApplicationQuery,
    answer=Content,
    path="applications/{application_id}/certificate",
    personal=True,
    summary="The electronic certificate as PDF; 404 until it is issued (bản điện tử Phiếu lý lịch tư pháp)",
    example={"application_id": "000.00.04.H58-260105-0023"},
    media_types=(PDF,),
    negative_s=0,
    never_stale=True,
    deadline_s=20,
)

OPERATIONS: Final = (APPLY, SUPPLEMENT, CANCEL, APPLICATION, CERTIFICATE)
