"""Models: CSDLQG về đăng ký doanh nghiệp. Generated from the declared operations: make generate."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal, TypeAlias

from lgsp_client.models.shared import Address
from lgsp_client.values import Answered

EnterpriseStatus: TypeAlias = Literal[
    "active", "suspended", "dissolving", "dissolved", "bankrupt", "revoked", "unknown"
]
RegistrationState: TypeAlias = Literal[
    "received", "in_process", "supplement_requested", "approved", "refused", "withdrawn", "unknown"
]


class BusinessLine(Answered):
    """A registered activity (ngành, nghề kinh doanh, Decision 27/2018/QĐ-TTg)."""

    code: str
    """Mã ngành (VSIC)."""
    name: str | None = None
    """Tên ngành."""
    is_main: bool | None = None
    """Ngành, nghề kinh doanh chính; null where the source does not say."""


class Member(Answered):
    """A holder of capital (thành viên góp vốn, cổ đông)."""

    name: str
    """Tên thành viên góp vốn."""
    amount: Decimal | None = None
    """Giá trị phần vốn góp, VND."""
    ratio_percent: Decimal | None = None
    """Tỷ lệ góp vốn, %."""
    country: str | None = None
    """Quốc tịch."""
    identity_number: str | None = None
    """Số định danh / giấy tờ pháp lý của thành viên."""


class Representative(Answered):
    """A legal representative of the enterprise (người đại diện theo pháp luật)."""

    full_name: str
    """Họ và tên."""
    position: str | None = None
    """Chức danh."""
    identity_number: str | None = None
    """Số định danh / giấy tờ pháp lý của người đại diện."""


class Enterprise(Answered):
    """An enterprise or dependent unit as registered."""

    enterprise_code: str
    """Mã số doanh nghiệp (10 digits, the last a check digit) or mã số đơn vị phụ thuộc (NNNNNNNNNN-NNN)."""
    registry_id: str | None = None
    """Mã nội bộ của hệ thống (ENTERPRISE_ID)."""
    old_certificate_number: str | None = None
    """Số GCN ĐKKD cũ."""
    name: str
    """Tên doanh nghiệp."""
    short_name: str | None = None
    """Tên viết tắt."""
    foreign_name: str | None = None
    """Tên bằng tiếng nước ngoài."""
    type_name: str | None = None
    """Loại hình doanh nghiệp."""
    type_source_code: str | None = None
    """Mã loại hình của nguồn (ENTERPRISE_TYPE_ID)."""
    status: EnterpriseStatus | str
    """Tình trạng hoạt động."""
    source_code: str | None = None
    """Mã tình trạng của nguồn (ENTERPRISE_STATUS)."""
    founded_on: date | None = None
    """Ngày đăng ký lần đầu."""
    amended_on: date | None = None
    """Ngày đăng ký thay đổi gần nhất."""
    amendments: int | None = None
    """Số lần thay đổi."""
    capital: Decimal | None = None
    """Vốn điều lệ, VND."""
    head_office: Address | None = None
    """Địa chỉ trụ sở chính."""
    representatives: tuple[Representative, ...] = ()
    """Người đại diện theo pháp luật."""
    members: tuple[Member, ...] = ()
    """Thành viên góp vốn."""
    business_lines: tuple[BusinessLine, ...] = ()
    """Ngành, nghề kinh doanh."""


class RegistrationSummary(Answered):
    """A registration dossier (hồ sơ đăng ký doanh nghiệp) in a list."""

    registration_number: str
    """Số hồ sơ (IN_JOURNAL_NO)."""
    document_type: str | None = None
    """Loại hồ sơ (DOCUMENT_TYPE)."""
    enterprise_code: str | None = None
    """Mã số doanh nghiệp."""
    name: str | None = None
    """Tên doanh nghiệp."""
    office_code: str | None = None
    """Mã phòng ĐKKD (SITE_ID)."""
    state: RegistrationState | str
    """Tình trạng hồ sơ."""
    source_code: str | None = None
    """Mã tình trạng của nguồn (PROCESS_STATUS)."""
    received_on: date | None = None
    """Ngày tiếp nhận."""
    due_on: date | None = None
    """Ngày hẹn trả."""
    processed_on: date | None = None
    """Ngày xử lý."""


class Contact(Answered):
    """The person who submitted the dossier (người nộp hồ sơ)."""

    full_name: str | None = None
    """Họ và tên."""
    address: str | None = None
    """Địa chỉ liên hệ."""
    identity_number: str | None = None
    """Số giấy tờ."""
    phone: str | None = None
    """Điện thoại."""
    email: str | None = None
    """Thư điện tử."""


class Registration(RegistrationSummary):
    """A registration dossier with its submitter."""

    registered_on: date | None = None
    """Ngày đăng ký."""
    supplemented_on: date | None = None
    """Ngày bổ sung."""
    submission_type: str | None = None
    """Hình thức nộp (SUBMISSION_TYPE)."""
    contact: Contact | None = None
    """Người nộp hồ sơ."""
