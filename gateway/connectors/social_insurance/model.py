"""People in social and health insurance (CSDLQG về bảo hiểm)."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from gateway.core.canonical import (
    PERSONAL,
    Address,
    Canonical,
    Day,
    InsuranceNumber,
    Page,
    PartialDate,
    Sex,
    clean_text,
)
from gateway.core.identifiers import IdentifierMark
from gateway.core.mistakes import Mistake

AskedSex = Literal["male", "female", "other"]
Place = Literal["birth", "household"]

_FULL_NAME: Final = Mistake("full_name", "give the full name", "ghi đầy đủ họ và tên")
_CARD_SHAPE: Final = Mistake(
    "card_shape",
    "expected 2 letters, entitlement 1 to 5, province (2 digits) and BHXH number (10), or that number alone (10 or 12)",
    "cần 2 chữ cái, mức hưởng từ 1 đến 5, mã tỉnh (2 chữ số) và số BHXH (10), hoặc chỉ số đó (10 hoặc 12 chữ số)",
)
_TWO_FORMS: Final = Mistake(
    "two_forms",
    "must not be given together with insurance_number; leave one of the two out",
    "không được gửi cùng insurance_number; bỏ một trong hai",
)
_ONE_FORM: Final = Mistake(
    "form_incomplete",
    "give insurance_number, or full_name, birth_date, sex and province_code",
    "ghi insurance_number, hoặc full_name, birth_date, sex và province_code",
)
_A_MEMBER: Final = Mistake(
    "form_incomplete",
    "give full_name, birth_date and sex, or insurance_number, or card_number",
    "ghi full_name, birth_date và sex, hoặc insurance_number, hoặc card_number",
)
_TOGETHER: Final = Mistake(
    "given_together", "give full_name, birth_date and sex together", "ghi full_name, birth_date và sex cùng nhau"
)
_TWO_PEOPLE: Final = Mistake(
    "two_people",
    "ends in another BHXH number than insurance_number; both must be of one person",
    "có số BHXH cuối khác với insurance_number; cả hai phải của cùng một người",
)
_MONTH: Final = Mistake(
    "month_not_accepted",
    "give a whole date or only the year; the source does not accept a month",
    "ghi đủ ngày, tháng, năm hoặc chỉ năm; nguồn không nhận riêng tháng",
)
_CARD: Final = re.compile(r"(?:[A-Z]{2}[1-5][0-9]{2})?[0-9]{10}|[0-9]{12}")
_NEW_LENGTH: Final = 12
"""Digits of a BHXH number that is the citizen number, since 2025-08-01; others have 10."""


def person_name(value: str) -> str:
    """*value* in NFC with single blanks; raises :class:`ValueError` if it is empty."""
    name = " ".join(clean_text(value).split())
    if not name:
        raise _FULL_NAME.error()
    return name


def card_number(value: str) -> str:
    """*value* in capitals, without the blanks and hyphens that are printed between its parts.

    Raises:
        ValueError: On a shape that is neither 15 characters (object code, entitlement 1-5, province, BHXH number;
            Decision 1351/QĐ-BHXH of 2015) nor the BHXH number alone (Decision 1666/QĐ-BHXH of 2020).
    """
    card = value.upper().replace(" ", "").replace("-", "")
    if not _CARD.fullmatch(card):
        raise _CARD_SHAPE.error()
    return card


def number_on(card: str) -> str:
    """The BHXH number on a card: its last 10 digits, or all 12."""
    return card if len(card) == _NEW_LENGTH else card[-10:]


FullName = Annotated[
    str,
    AfterValidator(person_name),
    Field(description="Họ và tên", min_length=1, max_length=200, examples=["Nguyễn Thị Ánh Dương"]),
]
CardNumber = Annotated[
    str,
    AfterValidator(card_number),
    Field(
        description="Mã thẻ BHYT: 15 characters, or the BHXH number alone",
        min_length=10,
        max_length=24,
        examples=["DN4499901841634", "9901841634"],
    ),
    IdentifierMark(also=lambda card: (number_on(card),)),
]
ProvinceCode = Annotated[
    str, Field(description="Mã tỉnh (General Statistics Office)", pattern=r"^[0-9]{2}$", examples=["87"])
]
DistrictCode = Annotated[
    str, Field(description="Mã huyện; districts were abolished on 2025-07-01", pattern=r"^[0-9]{3}$", examples=["866"])
]
AskedPlace = Annotated[
    Place, Field(description="The place that the codes name: birth registration (khai sinh) or household (hộ khẩu)")
]
WardCode = Annotated[str, Field(description="Mã xã", pattern=r"^[0-9]{5}$", examples=["29869"])]

# ---- participants


class ParticipantQuery(Canonical):
    """The participant to look up: by insurance_number alone, or by full_name, birth_date, sex and province_code
    together; district_code, ward_code and place narrow the latter.
    """

    insurance_number: Annotated[InsuranceNumber | None, PERSONAL] = Field(
        default=None, description="Mã số BHXH; give no other field with it"
    )
    full_name: Annotated[FullName | None, PERSONAL] = Field(default=None, description="Họ và tên")
    birth_date: Annotated[PartialDate | None, PERSONAL] = Field(
        default=None, description="Ngày sinh, as precise as the papers say"
    )
    sex: Annotated[AskedSex | None, PERSONAL] = Field(default=None, description="Giới tính")
    province_code: Annotated[ProvinceCode | None, PERSONAL] = Field(default=None, description="Mã tỉnh")
    district_code: Annotated[DistrictCode | None, PERSONAL] = Field(
        default=None, description="Mã huyện, for places recorded before 2025-07-01"
    )
    ward_code: Annotated[WardCode | None, PERSONAL] = Field(default=None, description="Mã xã")
    place: AskedPlace = "household"

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        given = {name for name in self.model_fields_set if getattr(self, name) is not None}
        if self.insurance_number is not None:
            # Generated clients say a default with every request: it narrows nothing.
            idle = {"insurance_number", *(["place"] if self.place == "household" else [])}
            if others := sorted(given - idle):
                raise _TWO_FORMS.at(others[0])
            return self
        for name in ("full_name", "birth_date", "sex", "province_code"):
            if name not in given:
                at = "insurance_number" if not given else name
                raise _ONE_FORM.at(at)
        return self


ParticipantStatus = Literal["participating", "reserved", "on_benefit", "ended", "unknown"]


class Participant(Canonical):
    """A participant as registered (người tham gia BHXH, BHYT)."""

    insurance_number: Annotated[str, PERSONAL] = Field(description="Mã số BHXH")
    full_name: Annotated[str, PERSONAL] = Field(description="Họ và tên")
    birth_date: Annotated[PartialDate | None, PERSONAL] = Field(default=None, description="Ngày sinh")
    sex: Annotated[Sex, PERSONAL] = Field(description="Giới tính")
    sex_source_code: Annotated[str | None, PERSONAL] = Field(
        default=None, description="Mã giới tính của nguồn (gioiTinh)"
    )
    old_book_number: Annotated[str | None, PERSONAL] = Field(default=None, description="Số sổ BHXH cũ")
    birth_place: Annotated[Address | None, PERSONAL] = Field(default=None, description="Nơi đăng ký khai sinh")
    status: ParticipantStatus = Field(
        description="Trạng thái: đang tham gia, bảo lưu, đang hưởng chế độ, đã dừng; unknown: see source_code"
    )
    source_code: str | None = Field(default=None, description="Mã trạng thái của nguồn (trangThai)")


# ---- households


class HouseholdQuery(Canonical):
    """The household to look up, by a member: full_name, birth_date and sex together, or insurance_number, or
    card_number, or several of them. A card_number ends in the insurance_number that is given with it.
    """

    province_code: Annotated[ProvinceCode, PERSONAL]
    full_name: Annotated[FullName | None, PERSONAL] = Field(default=None, description="Họ và tên of a member")
    birth_date: Annotated[PartialDate | None, PERSONAL] = Field(default=None, description="Ngày sinh of that member")
    sex: Annotated[AskedSex | None, PERSONAL] = Field(default=None, description="Giới tính of that member")
    insurance_number: Annotated[InsuranceNumber | None, PERSONAL] = Field(
        default=None, description="Số sổ BHXH (the BHXH number) of that member"
    )
    card_number: Annotated[CardNumber | None, PERSONAL] = Field(default=None, description="Mã thẻ of that member")
    place: AskedPlace = "household"

    @model_validator(mode="after")
    def _names_a_member(self) -> Self:
        by_name = ("full_name", "birth_date", "sex")
        missing = [name for name in by_name if getattr(self, name) is None]
        if len(missing) == len(by_name):
            if self.insurance_number is None and self.card_number is None:
                raise _A_MEMBER.at("full_name")
        elif missing:
            raise _TOGETHER.at(missing[0])
        if (
            self.insurance_number is not None
            and self.card_number is not None
            and len(number := number_on(self.card_number)) == len(self.insurance_number)
            and number != self.insurance_number
        ):
            raise _TWO_PEOPLE.at("card_number")
        return self


class HouseholdMember(Canonical):
    """A member of a household (thành viên hộ gia đình)."""

    insurance_number: Annotated[str, PERSONAL] = Field(description="Mã số BHXH")
    full_name: Annotated[str, PERSONAL] = Field(description="Họ và tên")
    birth_date: Annotated[PartialDate | None, PERSONAL] = Field(default=None, description="Ngày sinh")
    sex: Annotated[Sex, PERSONAL] = Field(description="Giới tính")
    sex_source_code: Annotated[str | None, PERSONAL] = Field(
        default=None, description="Mã giới tính của nguồn (gioiTinh)"
    )
    address: Annotated[Address | None, PERSONAL] = Field(default=None, description="Địa chỉ")
    status: ParticipantStatus = Field(description="Trạng thái, as of a participant")
    source_code: str | None = Field(default=None, description="Mã trạng thái của nguồn (trangThai)")


class Household(Canonical):
    """A household as Social Security lists it (hộ gia đình tham gia BHYT)."""

    household_number: Annotated[str | None, PERSONAL] = Field(default=None, description="Mã hộ gia đình")
    members: tuple[HouseholdMember, ...] = Field(description="Thành viên hộ gia đình, in the source's order")


# ---- contributions


class ContributionsQuery(Canonical):
    """The person whose contributions are asked for."""

    insurance_number: InsuranceNumber


Scheme = Literal["compulsory", "voluntary", "unknown"]


class Contribution(Canonical):
    """A span of months with the same employer and wage (một giai đoạn trong quá trình đóng BHXH)."""

    start: PartialDate = Field(description="Từ tháng")
    end: PartialDate | None = Field(default=None, description="Đến tháng, included; null while it continues")
    employer_code: Annotated[str | None, PERSONAL] = Field(default=None, description="Mã đơn vị")
    employer: Annotated[str | None, PERSONAL] = Field(default=None, description="Tên đơn vị")
    position: Annotated[str | None, PERSONAL] = Field(default=None, description="Chức danh, công việc")
    wage: Annotated[Decimal | None, PERSONAL] = Field(
        default=None, description="Mức tiền lương làm căn cứ đóng, VND a month"
    )
    scheme: Scheme = Field(description="Loại đóng: bắt buộc, tự nguyện; unknown: see source_code")
    source_code: str | None = Field(default=None, description="Mã loại đóng của nguồn (loaiDong)")


ContributionPage = Page[Contribution]

# ---- health cards


class HealthCardQuery(Canonical):
    """The card to check, and its holder as stated; the source compares both. A birth_date is a whole date or a year."""

    card_number: Annotated[CardNumber, PERSONAL]
    full_name: Annotated[FullName, PERSONAL]
    birth_date: Annotated[PartialDate, PERSONAL] = Field(description="Ngày sinh, a whole date or only the year")
    on: Day | None = Field(
        default=None, description="The answer also says whether the card covers this day", examples=["2026-11-24"]
    )

    @field_validator("birth_date")
    @classmethod
    def _whole_or_year(cls, value: PartialDate) -> PartialDate:
        if value.precision == "month":
            raise _MONTH.error()
        return value


CardReason = Literal[
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


class NewCard(Canonical):
    """The card that was issued in place of the one asked for (thẻ mới)."""

    card_number: Annotated[str, PERSONAL] = Field(description="Mã thẻ mới")
    valid_from: date | None = Field(default=None, description="Giá trị từ ngày")
    valid_to: date | None = Field(default=None, description="Giá trị đến ngày")
    facility_code: str | None = Field(default=None, description="Mã nơi đăng ký KCB ban đầu")
    facility_name: str | None = Field(default=None, description="Tên nơi đăng ký KCB ban đầu")


class HealthCard(Canonical):
    """The answer about a card (thẻ BHYT). Treatment history is left out, because no procedure needs it."""

    valid: bool | None = Field(
        description="Whether the card is valid now for the person asked about; null where papers must be checked"
    )
    reason: CardReason = Field(description="The reason, from the source's table of results")
    source_code: str = Field(description="Mã kết quả của nguồn (maKetQua)")
    note: Annotated[str | None, PERSONAL] = Field(default=None, description="Ghi chú của nguồn")
    covers_day: bool | None = Field(
        default=None,
        description="Whether this card or its successor covers the day asked for; null where none was asked or the "
        "source does not vouch for the dates",
    )
    card_number: Annotated[str | None, PERSONAL] = Field(default=None, description="Mã thẻ hiện tại")
    insurance_number: Annotated[str | None, PERSONAL] = Field(default=None, description="Mã số BHXH")
    full_name: Annotated[str | None, PERSONAL] = Field(default=None, description="Họ và tên chủ thẻ")
    birth_date: Annotated[PartialDate | None, PERSONAL] = Field(default=None, description="Ngày sinh")
    sex: Annotated[Sex, PERSONAL] = Field(default="unknown", description="Giới tính")
    sex_source_code: Annotated[str | None, PERSONAL] = Field(
        default=None, description="Giới tính theo nguồn (gioiTinh)"
    )
    address: Annotated[Address | None, PERSONAL] = Field(default=None, description="Địa chỉ")
    valid_from: date | None = Field(default=None, description="Giá trị từ ngày (gtTheTu)")
    valid_to: date | None = Field(default=None, description="Giá trị đến ngày (gtTheDen)")
    five_years_on: date | None = Field(default=None, description="Thời điểm đủ 05 năm liên tục")
    facility_code: str | None = Field(default=None, description="Mã nơi đăng ký KCB ban đầu")
    issuer: str | None = Field(default=None, description="Cơ quan BHXH phát hành")
    area_code: str | None = Field(default=None, description="Mã nơi đối tượng sinh sống: K1, K2, K3")
    old_card_number: Annotated[str | None, PERSONAL] = Field(default=None, description="Mã thẻ cũ")
    new_card: NewCard | None = Field(default=None, description="Thẻ mới")
