"""Questions: Cấp Phiếu lý lịch tư pháp. Generated from the declared operations: make generate."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final, Literal

from lgsp_client.models.criminal_records import (
    Applicant,
    Application,
    ApplicationPurpose,
    Attachment,
    Channel,
    Delivery,
    Mandatee,
    Relative,
    Residence,
)
from lgsp_client.question import FileQuestion, Operation, Question, one

APPLY: Final = Operation(
    "criminal_records.apply", "POST", "/v1/criminal-records/applications", "write", names_dossier=True
)
SUPPLEMENT: Final = Operation(
    "criminal_records.supplement",
    "POST",
    "/v1/criminal-records/applications/{dossier_code}/supplement",
    "write",
    names_dossier=True,
)
CANCEL: Final = Operation(
    "criminal_records.cancel", "DELETE", "/v1/criminal-records/applications/{application_id}", "write"
)
APPLICATION: Final = Operation(
    "criminal_records.application", "GET", "/v1/criminal-records/applications/{application_id}"
)
CERTIFICATE: Final = Operation(
    "criminal_records.certificate", "GET", "/v1/criminal-records/applications/{application_id}/certificate"
)


def apply(
    *,
    dossier_code: str,
    received_on: date,
    certificate_form: Literal[1, 2],
    purpose: ApplicationPurpose,
    applicant: Applicant,
    due_on: date | None = None,
    channel: Channel | None = None,
    confirm_position_bans: bool | None = None,
    copies: int | None = None,
    father: Relative | None = None,
    mother: Relative | None = None,
    spouse: Relative | None = None,
    mandatee: Mandatee | None = None,
    residences: Sequence[Residence] | None = None,
    convictions_declared: str | None = None,
    fee_receipt_number: str | None = None,
    delivery: Delivery | None = None,
    attachments: Sequence[Attachment] | None = None,
) -> Question[Application]:
    """Apply for a criminal record certificate (nộp hồ sơ cấp Phiếu lý lịch tư pháp số 1, số 2)."""
    return Question(
        APPLY,
        {
            "dossier_code": dossier_code,
            "received_on": received_on,
            "certificate_form": certificate_form,
            "purpose": purpose,
            "applicant": applicant,
            "due_on": due_on,
            "channel": channel,
            "confirm_position_bans": confirm_position_bans,
            "copies": copies,
            "father": father,
            "mother": mother,
            "spouse": spouse,
            "mandatee": mandatee,
            "residences": residences,
            "convictions_declared": convictions_declared,
            "fee_receipt_number": fee_receipt_number,
            "delivery": delivery,
            "attachments": attachments,
        },
        one(Application),
    )


def supplement(
    dossier_code: str,
    *,
    received_on: date,
    certificate_form: Literal[1, 2],
    purpose: ApplicationPurpose,
    applicant: Applicant,
    due_on: date | None = None,
    channel: Channel | None = None,
    confirm_position_bans: bool | None = None,
    copies: int | None = None,
    father: Relative | None = None,
    mother: Relative | None = None,
    spouse: Relative | None = None,
    mandatee: Mandatee | None = None,
    residences: Sequence[Residence] | None = None,
    convictions_declared: str | None = None,
    fee_receipt_number: str | None = None,
    delivery: Delivery | None = None,
    attachments: Sequence[Attachment] | None = None,
) -> Question[Application]:
    """Send the whole application again with what the source asked for (bổ sung hồ sơ cấp Phiếu lý lịch tư pháp)."""
    return Question(
        SUPPLEMENT,
        {
            "dossier_code": dossier_code,
            "received_on": received_on,
            "certificate_form": certificate_form,
            "purpose": purpose,
            "applicant": applicant,
            "due_on": due_on,
            "channel": channel,
            "confirm_position_bans": confirm_position_bans,
            "copies": copies,
            "father": father,
            "mother": mother,
            "spouse": spouse,
            "mandatee": mandatee,
            "residences": residences,
            "convictions_declared": convictions_declared,
            "fee_receipt_number": fee_receipt_number,
            "delivery": delivery,
            "attachments": attachments,
        },
        one(Application),
    )


def cancel(application_id: str) -> Question[Application]:
    """Cancel an application before it is sent; afterwards 409 (hủy hồ sơ chưa gửi)."""
    return Question(CANCEL, {"application_id": application_id}, one(Application))


def application(application_id: str) -> Question[Application]:
    """State of an application and what was issued (tình trạng hồ sơ cấp Phiếu lý lịch tư pháp)."""
    return Question(APPLICATION, {"application_id": application_id}, one(Application))


def certificate(application_id: str) -> FileQuestion:
    """The electronic certificate as PDF; 404 until it is issued (bản điện tử Phiếu lý lịch tư pháp)."""
    return FileQuestion(CERTIFICATE, {"application_id": application_id})
