"""Enterprises and their registration dossiers (CSDLQG về đăng ký doanh nghiệp)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from gateway.core.asked import IN_REACH
from gateway.core.canonical import PERSONAL, Address, Canonical, Day, EnterpriseCode, Page
from gateway.core.identifiers import IDENTIFIER
from gateway.core.mistakes import Mistake

RegistrationNumber = Annotated[
    str,
    Field(
        description="Số hồ sơ đăng ký doanh nghiệp (IN_JOURNAL_NO)",
        min_length=1,
        max_length=64,
        pattern=r"^[A-Za-z0-9./_-]+$",
    ),
    IDENTIFIER,
]


class EnterpriseQuery(Canonical):
    """The enterprise or dependent unit to look up."""

    enterprise_code: EnterpriseCode


class BusinessLine(Canonical):
    """A registered activity (ngành, nghề kinh doanh, Decision 27/2018/QĐ-TTg)."""

    code: str = Field(description="Mã ngành (VSIC)")
    name: str | None = Field(default=None, description="Tên ngành")
    is_main: bool | None = Field(
        default=None, description="Ngành, nghề kinh doanh chính; null where the source does not say"
    )


class Member(Canonical):
    """A holder of capital (thành viên góp vốn, cổ đông)."""

    name: str = Field(description="Tên thành viên góp vốn")
    amount: Decimal | None = Field(default=None, description="Giá trị phần vốn góp, VND")
    ratio_percent: Decimal | None = Field(default=None, description="Tỷ lệ góp vốn, %")
    country: str | None = Field(default=None, description="Quốc tịch")
    identity_number: Annotated[str | None, PERSONAL] = Field(
        default=None, description="Số định danh / giấy tờ pháp lý của thành viên"
    )


class Representative(Canonical):
    """A legal representative of the enterprise (người đại diện theo pháp luật)."""

    full_name: str = Field(description="Họ và tên")
    position: str | None = Field(default=None, description="Chức danh")
    identity_number: Annotated[str | None, PERSONAL] = Field(
        default=None, description="Số định danh / giấy tờ pháp lý của người đại diện"
    )


EnterpriseStatus = Literal["active", "suspended", "dissolving", "dissolved", "bankrupt", "revoked", "unknown"]


class Enterprise(Canonical):
    """An enterprise or dependent unit as registered."""

    enterprise_code: EnterpriseCode
    registry_id: str | None = Field(default=None, description="Mã nội bộ của hệ thống (ENTERPRISE_ID)")
    old_certificate_number: str | None = Field(default=None, description="Số GCN ĐKKD cũ")
    name: str = Field(description="Tên doanh nghiệp")
    short_name: str | None = Field(default=None, description="Tên viết tắt")
    foreign_name: str | None = Field(default=None, description="Tên bằng tiếng nước ngoài")
    type_name: str | None = Field(default=None, description="Loại hình doanh nghiệp")
    type_source_code: str | None = Field(default=None, description="Mã loại hình của nguồn (ENTERPRISE_TYPE_ID)")
    status: EnterpriseStatus = Field(description="Tình trạng hoạt động")
    source_code: str | None = Field(default=None, description="Mã tình trạng của nguồn (ENTERPRISE_STATUS)")
    founded_on: date | None = Field(default=None, description="Ngày đăng ký lần đầu")
    amended_on: date | None = Field(default=None, description="Ngày đăng ký thay đổi gần nhất")
    amendments: int | None = Field(default=None, description="Số lần thay đổi")
    capital: Decimal | None = Field(default=None, description="Vốn điều lệ, VND")
    head_office: Address | None = Field(default=None, description="Địa chỉ trụ sở chính")
    representatives: tuple[Representative, ...] = Field(default=(), description="Người đại diện theo pháp luật")
    members: tuple[Member, ...] = Field(default=(), description="Thành viên góp vốn")
    business_lines: tuple[BusinessLine, ...] = Field(default=(), description="Ngành, nghề kinh doanh")


class RegistrationQuery(Canonical):
    """The registration dossier to look up; the answer has the submitter's personal data, so the number is sent in a
    body.
    """

    registration_number: RegistrationNumber


RegistrationState = Literal[
    "received", "in_process", "supplement_requested", "approved", "refused", "withdrawn", "unknown"
]


class RegistrationSummary(Canonical):
    """A registration dossier (hồ sơ đăng ký doanh nghiệp) in a list."""

    registration_number: str = Field(description="Số hồ sơ (IN_JOURNAL_NO)")
    document_type: str | None = Field(default=None, description="Loại hồ sơ (DOCUMENT_TYPE)")
    enterprise_code: str | None = Field(default=None, description="Mã số doanh nghiệp")
    name: str | None = Field(default=None, description="Tên doanh nghiệp")
    office_code: str | None = Field(default=None, description="Mã phòng ĐKKD (SITE_ID)")
    state: RegistrationState = Field(description="Tình trạng hồ sơ")
    source_code: str | None = Field(default=None, description="Mã tình trạng của nguồn (PROCESS_STATUS)")
    received_on: date | None = Field(default=None, description="Ngày tiếp nhận")
    due_on: date | None = Field(default=None, description="Ngày hẹn trả")
    processed_on: date | None = Field(default=None, description="Ngày xử lý")


class Contact(Canonical):
    """The person who submitted the dossier (người nộp hồ sơ)."""

    full_name: Annotated[str | None, PERSONAL] = Field(default=None, description="Họ và tên")
    address: Annotated[str | None, PERSONAL] = Field(default=None, description="Địa chỉ liên hệ")
    identity_number: Annotated[str | None, PERSONAL] = Field(default=None, description="Số giấy tờ")
    phone: Annotated[str | None, PERSONAL] = Field(default=None, description="Điện thoại")
    email: Annotated[str | None, PERSONAL] = Field(default=None, description="Thư điện tử")


class Registration(RegistrationSummary):
    """A registration dossier with its submitter."""

    registered_on: date | None = Field(default=None, description="Ngày đăng ký")
    supplemented_on: date | None = Field(default=None, description="Ngày bổ sung")
    submission_type: str | None = Field(default=None, description="Hình thức nộp (SUBMISSION_TYPE)")
    contact: Contact | None = Field(default=None, description="Người nộp hồ sơ")


MAX_DAYS: Final = 92
_TO_FIRST: Final = Mistake("to_before_from", "to is before from", "to sớm hơn from")
_TOO_LONG: Final = Mistake(
    "period_too_long",
    f"the period is longer than {MAX_DAYS} days; ask for shorter periods",
    f"khoảng thời gian dài hơn {MAX_DAYS} ngày; hỏi từng khoảng ngắn hơn",
)


class RegistrationsQuery(Canonical):
    """The period in which the dossiers were received: to is not before from, and the period has at most 92 days; the
    gateway splits periods longer than the source's five days.
    """

    first_day: Annotated[Day, IN_REACH] = Field(alias="from", description="Từ ngày", examples=["2026-11-20"])
    last_day: Annotated[Day, IN_REACH] = Field(
        alias="to", description=f"Đến ngày, both included; at most {MAX_DAYS} days", examples=["2026-11-24"]
    )
    page_token: str | None = Field(default=None, description="meta.next_page_token of the previous page", max_length=64)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.last_day < self.first_day:
            raise _TO_FIRST.error()
        if (self.last_day - self.first_day).days >= MAX_DAYS:
            raise _TOO_LONG.error()
        return self


RegistrationPage = Page[RegistrationSummary]
