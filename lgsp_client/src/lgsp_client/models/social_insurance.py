"""Models: CSDLQG về bảo hiểm. Generated from the declared operations: make generate."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal, TypeAlias

from lgsp_client.models.shared import Address, PartialDate, Sex
from lgsp_client.values import Answered

AskedSex: TypeAlias = Literal["male", "female", "other"]
Place: TypeAlias = Literal["birth", "household"]
ParticipantStatus: TypeAlias = Literal["participating", "reserved", "on_benefit", "ended", "unknown"]
Scheme: TypeAlias = Literal["compulsory", "voluntary", "unknown"]
CardReason: TypeAlias = Literal[
    "valid",
    "check_papers",
    "reissued",
    "expired",
    "name_differs",
    "birth_date_differs",
    "revoked",
    "decreased",
    "child_without_card",
]


class Participant(Answered):
    """A participant as registered (người tham gia BHXH, BHYT)."""

    insurance_number: str
    """Mã số BHXH."""
    full_name: str
    """Họ và tên."""
    birth_date: PartialDate | None = None
    """Ngày sinh."""
    sex: Sex | str
    """Giới tính."""
    sex_source_code: str | None = None
    """Mã giới tính của nguồn (gioiTinh)."""
    old_book_number: str | None = None
    """Số sổ BHXH cũ."""
    birth_place: Address | None = None
    """Nơi đăng ký khai sinh."""
    status: ParticipantStatus | str
    """Trạng thái: đang tham gia, bảo lưu, đang hưởng chế độ, đã dừng; unknown: see source_code."""
    source_code: str | None = None
    """Mã trạng thái của nguồn (trangThai)."""


class HouseholdMember(Answered):
    """A member of a household (thành viên hộ gia đình)."""

    insurance_number: str
    """Mã số BHXH."""
    full_name: str
    """Họ và tên."""
    birth_date: PartialDate | None = None
    """Ngày sinh."""
    sex: Sex | str
    """Giới tính."""
    sex_source_code: str | None = None
    """Mã giới tính của nguồn (gioiTinh)."""
    address: Address | None = None
    """Địa chỉ."""
    status: ParticipantStatus | str
    """Trạng thái, as of a participant."""
    source_code: str | None = None
    """Mã trạng thái của nguồn (trangThai)."""


class Household(Answered):
    """A household as Social Security lists it (hộ gia đình tham gia BHYT)."""

    household_number: str | None = None
    """Mã hộ gia đình."""
    members: tuple[HouseholdMember, ...]
    """Thành viên hộ gia đình, in the source's order."""


class Contribution(Answered):
    """A span of months with the same employer and wage (một giai đoạn trong quá trình đóng BHXH)."""

    start: PartialDate
    """Từ tháng."""
    end: PartialDate | None = None
    """Đến tháng, included; null while it continues."""
    employer_code: str | None = None
    """Mã đơn vị."""
    employer: str | None = None
    """Tên đơn vị."""
    position: str | None = None
    """Chức danh, công việc."""
    wage: Decimal | None = None
    """Mức tiền lương làm căn cứ đóng, VND a month."""
    scheme: Scheme | str
    """Loại đóng: bắt buộc, tự nguyện; unknown: see source_code."""
    source_code: str | None = None
    """Mã loại đóng của nguồn (loaiDong)."""


class NewCard(Answered):
    """The card that was issued in place of the one asked for (thẻ mới)."""

    card_number: str
    """Mã thẻ mới."""
    valid_from: date | None = None
    """Giá trị từ ngày."""
    valid_to: date | None = None
    """Giá trị đến ngày."""
    facility_code: str | None = None
    """Mã nơi đăng ký KCB ban đầu."""
    facility_name: str | None = None
    """Tên nơi đăng ký KCB ban đầu."""


class HealthCard(Answered):
    """The answer about a card (thẻ BHYT). Treatment history is left out, because no procedure needs it."""

    valid: bool | None
    """Whether the card is valid now for the person asked about; null where papers must be checked."""
    reason: CardReason | str
    """The reason, from the source's table of results."""
    source_code: str
    """Mã kết quả của nguồn (maKetQua)."""
    note: str | None = None
    """Ghi chú của nguồn."""
    covers_day: bool | None = None
    """Whether this card or its successor covers the day asked for; null where none was asked or the source does not
    vouch for the dates.
    """
    card_number: str | None = None
    """Mã thẻ hiện tại."""
    insurance_number: str | None = None
    """Mã số BHXH."""
    full_name: str | None = None
    """Họ và tên chủ thẻ."""
    birth_date: PartialDate | None = None
    """Ngày sinh."""
    sex: Sex | str = "unknown"
    """Giới tính."""
    sex_source_code: str | None = None
    """Giới tính theo nguồn (gioiTinh)."""
    address: Address | None = None
    """Địa chỉ."""
    valid_from: date | None = None
    """Giá trị từ ngày (gtTheTu)."""
    valid_to: date | None = None
    """Giá trị đến ngày (gtTheDen)."""
    five_years_on: date | None = None
    """Thời điểm đủ 05 năm liên tục."""
    facility_code: str | None = None
    """Mã nơi đăng ký KCB ban đầu."""
    issuer: str | None = None
    """Cơ quan BHXH phát hành."""
    area_code: str | None = None
    """Mã nơi đối tượng sinh sống: K1, K2, K3."""
    old_card_number: str | None = None
    """Mã thẻ cũ."""
    new_card: NewCard | None = None
    """Thẻ mới."""
