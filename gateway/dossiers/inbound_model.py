"""The messages that portals push to the province, in the words of the uniform API."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from gateway.core.canonical import PERSONAL, Canonical

OtherFields = Annotated[
    dict[str, Any],
    PERSONAL,
    Field(default_factory=dict, description="The fields that the sender gave and that have no name here, as sent"),
]


class InboundSubject(Canonical):
    """Chủ hồ sơ: the citizen or the organisation that filed the dossier."""

    kind: Literal["citizen", "enterprise", "agency", "other", "unknown"] | None = Field(
        default=None, description="Loại đối tượng; unknown: a code that is not known, see source_code"
    )
    source_code: str | None = Field(default=None, description="LoaiDoiTuong as sent")
    name: Annotated[str | None, PERSONAL] = Field(default=None, description="Chủ hồ sơ")
    identifier: Annotated[str | None, PERSONAL] = Field(default=None, description="Mã đối tượng: số định danh, MST")
    phone: Annotated[str | None, PERSONAL] = Field(default=None, description="Số điện thoại")
    email: Annotated[str | None, PERSONAL] = Field(default=None, description="Email")
    address: Annotated[str | None, PERSONAL] = Field(default=None, description="Địa chỉ")


class InboundDossier(Canonical):
    """Hồ sơ mới: a dossier that was filed at the portal and is the province's to handle."""

    national_code: str = Field(description="Mã hồ sơ, as the portal issued it")
    procedure_code: str = Field(description="Mã thủ tục hành chính")
    procedure_name: str | None = Field(default=None, description="Tên thủ tục hành chính")
    field_code: str | None = Field(default=None, description="Mã lĩnh vực")
    field_name: str | None = Field(default=None, description="Tên lĩnh vực")
    document_number: str | None = Field(default=None, description="Số văn bản")
    submitted_at: datetime | None = Field(default=None, description="Ngày nộp hồ sơ, UTC")
    subject: InboundSubject
    summary: Annotated[str | None, PERSONAL] = Field(default=None, description="Trích yếu hồ sơ")
    agency: str | None = Field(default=None, description="Đơn vị xử lý, as sent")
    note: Annotated[str | None, PERSONAL] = Field(default=None, description="Ghi chú")
    other_fields: OtherFields


class InboundSupplement(Canonical):
    """Bổ sung hồ sơ: what a citizen changed or added to a dossier that was filed before."""

    national_code: str = Field(description="Mã hồ sơ quốc gia (MaHoSoQG)")
    dossier_code: str | None = Field(default=None, description="Mã hồ sơ of the province, where the portal names it")
    service: str | None = Field(default=None, description="service of the wrapper, as sent")
    updating: bool | None = Field(default=None, description="isUpdating of the wrapper")
    submitted: Annotated[dict[str, Any], PERSONAL] = Field(default={}, description="Thông tin đã nộp, as sent")
    corrected: Annotated[dict[str, Any], PERSONAL] = Field(default={}, description="Thông tin sửa đổi, as sent")
    reason: Annotated[str | None, PERSONAL] = Field(default=None, description="Lý do điều chỉnh")
    other_fields: OtherFields


class InboundTaxNotice(Canonical):
    """Thông báo thuế đất đai: what a citizen owes the tax office for a dossier about land."""

    national_code: str = Field(description="Mã hồ sơ quốc gia")
    notice_number: str | None = Field(default=None, description="Số thông báo")
    issued_on: date | None = Field(default=None, description="Ngày thông báo")
    due_on: date | None = Field(default=None, description="Hạn nộp")
    amount: int | None = Field(default=None, description="Số tiền, đồng; null: the notice does not say it")
    taxpayer: Annotated[str | None, PERSONAL] = Field(default=None, description="Người nộp thuế")
    tax_code: Annotated[str | None, PERSONAL] = Field(default=None, description="Mã số thuế")
    content: Annotated[str | None, PERSONAL] = Field(default=None, description="Nội dung")
    other_fields: OtherFields


class InboundUnknown(Canonical):
    """Thông điệp chưa rõ loại: a message that could not be read, whole; nothing is concluded from it."""

    message_id: str = Field(description="Mã thông điệp")
    source_code: str | None = Field(default=None, description="Loại thông điệp, as sent")
    cause: Literal["unknown_kind", "unreadable"] = Field(
        description="unknown_kind: nobody has said what source_code means; unreadable: off the contract of its kind"
    )
    sent: Annotated[Any, PERSONAL] = Field(description="All that the sender gave, in the sender's names")


class InboundResult(Canonical):
    """Kết quả: a ministry has finished a dossier that the province had sent it."""

    national_code: str = Field(description="Mã hồ sơ, as the ministry names it")
    dossier_code: str | None = Field(default=None, description="Mã hồ sơ of the province, where the ministry names it")
    status_code: str | None = Field(default=None, description="Trạng thái hồ sơ, as sent")
    finished_at: datetime | None = Field(default=None, description="Ngày kết thúc xử lý, UTC")
    content: Annotated[str | None, PERSONAL] = Field(default=None, description="Nội dung")
    other_fields: OtherFields
