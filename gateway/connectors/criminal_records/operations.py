"""The operations of the criminal records system. Answers are never cached, so they are never stale."""

from __future__ import annotations

from typing import Final

from gateway.connectors.criminal_records.model import Application, ApplicationOrder, ApplicationQuery
from gateway.core.canonical import Content
from gateway.core.operation import Operation

BODY_LIMIT: Final = 8 * 1024 * 1024
"""Bytes of an application: a declaration weighs some 10 kB, the rest is for scans in base64."""

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
    idempotency_key=True,
    body_limit=BODY_LIMIT,
    summary="Apply for a criminal record certificate, or send the supplement that the source asked for "
    "(nộp hồ sơ cấp Phiếu lý lịch tư pháp số 1, số 2)",
    negative_s=0,
    deadline_s=30,
)
APPLICATION: Final = Operation(
    name="application",
    query=ApplicationQuery,
    answer=Application,
    path="applications/{application_id}",
    personal=True,
    summary="State of an application and what was issued (tình trạng hồ sơ cấp Phiếu lý lịch tư pháp)",
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
    negative_s=0,
    never_stale=True,
    deadline_s=20,
)

OPERATIONS: Final = (APPLY, APPLICATION, CERTIFICATE)
