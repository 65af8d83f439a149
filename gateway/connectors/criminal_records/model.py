"""Applications for criminal record certificates and their results (Law 28/2009/QH12, form 03/2013/TT-LLTP)."""

from __future__ import annotations

import base64
import binascii
from datetime import date, datetime
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from gateway.core.asked import WHOLE
from gateway.core.canonical import PERSONAL, Canonical, Day, PartialDate
from gateway.core.identifiers import IDENTIFIER
from gateway.core.mistakes import Mistake

_SOMEWHERE: Final = Mistake("place_required", "give a street or a province", "ghi số nhà, đường hoặc tỉnh")
_BIRTH_PROVINCE: Final = Mistake(
    "birth_province",
    "give the province of a birth place in Vietnam; leave it out for a birth place abroad",
    "ghi tỉnh nếu nơi sinh ở Việt Nam; bỏ tỉnh nếu nơi sinh ở nước ngoài",
)
_NOT_BASE64: Final = Mistake(
    "not_base64",
    "is not base64 (RFC 4648 section 4, with padding and without line breaks)",
    "không phải là base64 (RFC 4648 mục 4, có ký tự đệm, không xuống dòng)",
)

# ---- parts of a declaration (tờ khai)

ApplicationId = Annotated[
    str,
    Field(
        description="Mã hồ sơ một cửa: the dossier code that the application was made for",
        min_length=1,
        max_length=64,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
        examples=["000.00.04.H58-260105-0001"],
    ),
    IDENTIFIER,
]
PersonName = Annotated[str, Field(description="Họ và tên", min_length=1, max_length=200), PERSONAL]
Short = Annotated[str, Field(min_length=1, max_length=200)]
Long = Annotated[str, Field(min_length=1, max_length=2000)]
OrderedSex = Literal["male", "female"]


class Coded(Canonical):
    """An entry of a catalogue (danh mục): its code and its name."""

    code: str = Field(description="Mã danh mục", min_length=1, max_length=10, pattern=r"^[A-Z0-9]+$")
    name: Short = Field(description="Tên")


class Country(Coded):
    """A country or a nationality: its code of ISO 3166-1 alpha-2 [C] and its name."""

    code: str = Field(description="Mã quốc gia, ISO 3166-1 alpha-2", pattern=r"^[A-Z]{2}$", examples=["VN"])


VIETNAM: Final = "VN"


class Place(Canonical):
    """A place where a person lives (nơi cư trú), with a street or a province; since 2025-07-01 without a district."""

    street: Annotated[Long | None, PERSONAL] = Field(default=None, description="Số nhà, đường, thôn, xóm")
    ward: Coded | None = Field(default=None, description="Xã, phường, đặc khu")
    district: Coded | None = Field(default=None, description="Quận, huyện, in records from before 2025-07-01")
    province: Coded | None = Field(default=None, description="Tỉnh, thành phố")

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if self.street is None and self.province is None:
            raise _SOMEWHERE.error()
        return self

    def full_text(self) -> str:
        """The address in one line, smallest part first."""
        units = (unit.name for unit in (self.ward, self.district, self.province) if unit is not None)
        return ", ".join(part for part in (self.street, *units) if part)


class BirthPlace(Canonical):
    """Nơi sinh: a province of Vietnam, or a country; province is given for Vietnam, and for Vietnam alone."""

    country: Country = Field(default=Country(code=VIETNAM, name="Việt Nam"), description="Quốc gia, ISO 3166-1 alpha-2")
    province: Coded | None = Field(default=None, description="Tỉnh, thành phố; required for a place in Vietnam")

    @model_validator(mode="after")
    def _province_in_vietnam(self) -> Self:
        if (self.country.code == VIETNAM) != (self.province is not None):
            raise _BIRTH_PROVINCE.error()
        return self


IdentityKind = Literal["citizen_card", "identity_card", "passport", "residence_card"]


class IdentityDocument(Canonical):
    """Giấy tờ tùy thân: a citizen_card has 12 digits, an identity_card 9."""

    kind: IdentityKind = Field(
        description="citizen_card: CCCD / thẻ căn cước (12 digits) · identity_card: CMND (9 digits) · "
        "passport: hộ chiếu · residence_card: thẻ thường trú"
    )
    number: Annotated[str, Field(min_length=1, max_length=50, pattern=r"^[A-Z0-9]+$"), PERSONAL, IDENTIFIER] = Field(
        description="Số giấy tờ"
    )
    issued_on: Annotated[Day | None, PERSONAL] = Field(default=None, description="Ngày cấp")
    issued_by: Short | None = Field(default=None, description="Nơi cấp")


Phone = Annotated[
    str, Field(description="Điện thoại, digits only", pattern=r"^[0-9]{8,15}$", examples=["0912345678"]), PERSONAL
]
Email = Annotated[
    str, Field(description="Thư điện tử", max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$"), PERSONAL
]


class Applicant(Canonical):
    """The person whom the certificate is about (người được cấp Phiếu)."""

    full_name: PersonName
    other_name: Annotated[Short | None, PERSONAL] = Field(default=None, description="Tên gọi khác")
    sex: Annotated[OrderedSex, PERSONAL] = Field(description="Giới tính")
    birth_date: Annotated[PartialDate, PERSONAL] = Field(description="Ngày sinh, as precise as the papers have it")
    birth_place: Annotated[BirthPlace, PERSONAL] = Field(description="Nơi sinh")
    nationality: Annotated[Country, PERSONAL] = Field(description="Quốc tịch, ISO 3166-1 alpha-2")
    ethnicity: Annotated[Coded | None, PERSONAL] = Field(
        default=None, description="Dân tộc (danh mục các dân tộc Việt Nam)"
    )
    permanent_residence: Annotated[Place, PERSONAL] = Field(description="Nơi thường trú")
    temporary_residence: Annotated[Place | None, PERSONAL] = Field(default=None, description="Nơi tạm trú")
    identity_document: Annotated[IdentityDocument, PERSONAL] = Field(description="Giấy tờ tùy thân")
    phone: Phone
    email: Email | None = Field(default=None, description="Thư điện tử")


class Relative(Canonical):
    """Father, mother, husband or wife (cha, mẹ, vợ / chồng)."""

    full_name: PersonName
    birth_date: Annotated[PartialDate | None, PERSONAL] = Field(default=None, description="Ngày, tháng, năm sinh")


class Mandatee(Canonical):
    """The person who applies in the applicant's name (người được ủy quyền)."""

    full_name: PersonName
    other_name: Annotated[Short | None, PERSONAL] = Field(default=None, description="Tên gọi khác")
    sex: Annotated[OrderedSex, PERSONAL] = Field(description="Giới tính")
    birth_date: Annotated[PartialDate, PERSONAL] = Field(description="Ngày sinh")
    nationality: Annotated[Country | None, PERSONAL] = Field(default=None, description="Quốc tịch")
    ethnicity: Annotated[Coded | None, PERSONAL] = Field(default=None, description="Dân tộc")
    residence: Annotated[Place, PERSONAL] = Field(description="Nơi thường trú")
    identity_document: Annotated[IdentityDocument, PERSONAL] = Field(description="Giấy tờ tùy thân")
    phone: Phone | None = Field(default=None, description="Điện thoại")
    email: Email | None = Field(default=None, description="Thư điện tử")
    relation: Short = Field(description="Quan hệ với người ủy quyền")
    signed_on: Day | None = Field(default=None, description="Ngày ký văn bản ủy quyền")


class Residence(Canonical):
    """One stage of life since the age of 14 (quá trình cư trú); end is not before start."""

    start: Annotated[PartialDate, PERSONAL] = Field(description="Từ tháng, năm")
    end: Annotated[PartialDate, PERSONAL] = Field(description="Đến tháng, năm; of the present one, the application's")
    place: Annotated[Long, PERSONAL] = Field(description="Nơi thường trú / tạm trú")
    occupation: Annotated[Short | None, PERSONAL] = Field(default=None, description="Nghề nghiệp")
    workplace: Annotated[Short | None, PERSONAL] = Field(default=None, description="Nơi làm việc")


class ApplicationPurpose(Canonical):
    """Mục đích yêu cầu cấp Phiếu."""

    code: str | None = Field(
        default=None, description="Mã mục đích of the source's catalogue", min_length=1, max_length=20
    )
    name: Short = Field(description="Tên mục đích", examples=["Bổ sung hồ sơ xin việc làm"])
    other: Long | None = Field(default=None, description="Mục đích khác, in the applicant's words")


# ---- attachments

MediaType = Literal["application/pdf", "image/jpeg", "image/png"]
MAX_ATTACHMENTS: Final = 20


def _base64(value: str) -> str:
    """*value*, if it is base64 (RFC 4648 section 4) without blanks."""
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise _NOT_BASE64.error() from None
    return value


class Attachment(Canonical):
    """A scan of the dossier (thành phần hồ sơ)."""

    kind: Short = Field(description="Tên loại giấy tờ", examples=["Bản chụp thẻ căn cước"])
    file_name: str = Field(
        description="Tên tệp", min_length=1, max_length=255, pattern=r"^[^/\\\x00-\x1f]+$", examples=["can-cuoc.pdf"]
    )
    media_type: MediaType = Field(description="Loại tệp; the content is compared with it")
    content: Annotated[str, AfterValidator(_base64), PERSONAL] = Field(
        description="Nội dung, base64",
        min_length=4,
        max_length=8 * 1024 * 1024,
        json_schema_extra={"contentEncoding": "base64"},
    )


class Delivery(Canonical):
    """Paper by post (trả kết quả qua dịch vụ bưu chính)."""

    address: Annotated[Long, PERSONAL] = Field(description="Địa chỉ nhận kết quả")


# ---- the order and its state


Channel = Literal["online", "in_person", "post"]


class ApplicationOrder(Canonical):
    """An application (hồ sơ đề nghị cấp Phiếu lý lịch tư pháp), or its supplement under the same dossier code.

    The rules between its fields are in ``rules.py``.
    """

    dossier_code: ApplicationId
    received_on: Day = Field(description="Ngày tiếp nhận")
    due_on: Day | None = Field(default=None, description="Ngày hẹn trả kết quả; not before received_on")
    channel: Channel = Field(
        default="online", description="online: trực tuyến · in_person: trực tiếp · post: bưu chính công ích"
    )
    certificate_form: Annotated[Literal[1, 2], WHOLE] = Field(description="Loại Phiếu lý lịch tư pháp: số 1 or số 2")
    confirm_position_bans: bool = Field(
        default=False,
        description="Yêu cầu xác nhận nội dung cấm đảm nhiệm chức vụ, thành lập, quản lý doanh nghiệp, hợp tác xã",
    )
    copies: int = Field(default=1, ge=1, le=99, description="Số lượng Phiếu, in all")
    purpose: ApplicationPurpose = Field(description="Mục đích yêu cầu cấp Phiếu")
    applicant: Annotated[Applicant, PERSONAL] = Field(description="Người được cấp Phiếu")
    father: Annotated[Relative | None, PERSONAL] = Field(default=None, description="Cha")
    mother: Annotated[Relative | None, PERSONAL] = Field(default=None, description="Mẹ")
    spouse: Annotated[Relative | None, PERSONAL] = Field(default=None, description="Vợ / chồng")
    mandatee: Annotated[Mandatee | None, PERSONAL] = Field(
        default=None, description="Người được ủy quyền, where somebody else applies"
    )
    residences: Annotated[tuple[Residence, ...], PERSONAL] = Field(
        default=(), max_length=100, description="Quá trình cư trú since the age of 14"
    )
    convictions_declared: Annotated[Long | None, PERSONAL] = Field(
        default=None, description="Phần khai về án tích, nội dung bị cấm đảm nhiệm chức vụ"
    )
    fee_receipt_number: str | None = Field(default=None, max_length=50, description="Số biên lai thu phí")
    delivery: Annotated[Delivery | None, PERSONAL] = Field(default=None, description="Trả kết quả qua bưu chính")
    attachments: Annotated[tuple[Attachment, ...], PERSONAL] = Field(
        default=(), max_length=MAX_ATTACHMENTS, description="Giấy tờ kèm theo; the whole body has a limit"
    )


class ApplicationQuery(Canonical):
    """The application to look up."""

    application_id: ApplicationId


State = Literal[
    "accepted",
    "reconciling",
    "refused",
    "cancelled",
    "registered",
    "received",
    "not_received",
    "in_process",
    "supplement_requested",
    "payment_requested",
    "withdrawn",
    "stopped",
    "issued",
    "handed_over",
    "unknown",
]
ConvictionStatus = Literal["none", "convicted", "unknown"]
BanStatus = Literal["none", "banned", "unknown"]


class Conviction(Canonical):
    """A judgment (bản án) that the certificate names."""

    judgment_number: str | None = Field(default=None, description="Số bản án")
    judged_on: PartialDate | None = Field(default=None, description="Ngày tuyên án")
    court_code: str | None = Field(default=None, description="Mã tòa đã tuyên")
    court: str | None = Field(default=None, description="Tòa án đã tuyên")
    offences: tuple[str, ...] = Field(default=(), description="Tội danh")
    articles: str | None = Field(default=None, description="Điều khoản luật áp dụng")
    principal_penalties: tuple[str, ...] = Field(default=(), description="Hình phạt chính")
    additional_penalties: tuple[str, ...] = Field(default=(), description="Hình phạt bổ sung")
    civil_obligations: str | None = Field(default=None, description="Nghĩa vụ dân sự, án phí")
    execution_state: str | None = Field(default=None, description="Tình trạng thi hành án")
    served_on: PartialDate | None = Field(default=None, description="Ngày chấp hành xong")
    expunged_on: PartialDate | None = Field(default=None, description="Ngày được xóa án tích")


class PositionBan(Canonical):
    """A decision that bans from positions, or from founding and running enterprises (cấm đảm nhiệm chức vụ)."""

    decision_number: str | None = Field(default=None, description="Số quyết định")
    decided_on: PartialDate | None = Field(default=None, description="Ngày quyết định")
    court: str | None = Field(default=None, description="Tòa án ra quyết định")
    position: str | None = Field(default=None, description="Chức vụ bị cấm đảm nhiệm")
    duration: str | None = Field(default=None, description="Thời hạn cấm, as the source writes it")
    banned_from: PartialDate | None = Field(default=None, description="Cấm từ ngày")


class HistoryEntry(Canonical):
    """A state that an application reached."""

    at: datetime = Field(description="Thời điểm, UTC")
    state: State = Field(description="Trạng thái, as of the application")
    source_code: str | None = Field(default=None, description="Mã trạng thái of the source")
    note: str | None = Field(default=None, description="A stable word that says why, where there is more to say")


class Application(Canonical):
    """The state of an application, and its result."""

    application_id: ApplicationId
    source_id: str | None = Field(default=None, description="Mã định danh trên hệ thống lý lịch tư pháp")
    state: State = Field(
        description="accepted: cổng tích hợp đã nhận, chưa gửi · reconciling: sent, and it is being asked whether it "
        "arrived (đang đối soát) · refused: nguồn từ chối, the gateway's operator is told · cancelled: đã hủy, before "
        "it was sent · registered: mới đăng ký · received: được tiếp nhận · not_received: không được tiếp nhận · "
        "in_process: đang xử lý · supplement_requested: yêu cầu bổ sung giấy tờ (send again is allowed) · "
        "payment_requested: yêu cầu thực hiện nghĩa vụ tài chính · withdrawn: công dân rút hồ sơ · "
        "stopped: dừng xử lý · issued: đã xử lý xong, đã có Phiếu · handed_over: đã trả kết quả · "
        "unknown: a state that the contract does not know, see source_code"
    )
    source_code: str | None = Field(default=None, description="Mã trạng thái of the source")
    source_text: str | None = Field(default=None, description="Tên trạng thái in the source's words")
    supplement_request: str | None = Field(
        default=None, description="Nội dung yêu cầu bổ sung in the source's words, while a supplement is requested"
    )
    due_on_by_law: date | None = Field(
        default=None, description="Hạn trả kết quả by law, in working days from the acceptance; where a store keeps it"
    )
    overdue: bool | None = Field(
        default=None, description="Whether due_on_by_law has passed without a result (quá hạn)"
    )
    history: tuple[HistoryEntry, ...] = Field(
        default=(), description="Quá trình xử lý: the states so far, oldest first; where a store keeps it"
    )
    certificate_number: Annotated[str | None, PERSONAL] = Field(default=None, description="Số Phiếu lý lịch tư pháp")
    certificate_form: Literal[1, 2] | None = Field(default=None, description="Loại Phiếu: số 1 or số 2")
    certificate_form_source_code: str | None = Field(default=None, description="Mã loại Phiếu of the source")
    approved_on: date | None = Field(default=None, description="Ngày phê duyệt Phiếu")
    issued_on: date | None = Field(default=None, description="Ngày cấp Phiếu")
    prepared_by: str | None = Field(default=None, description="Người lập Phiếu")
    signer: str | None = Field(default=None, description="Người ký")
    signer_position: str | None = Field(default=None, description="Chức vụ người ký")
    certificate_available: bool | None = Field(
        default=None, description="Whether the electronic certificate can be fetched; null where the source can't say"
    )
    revoked: bool | None = Field(default=None, description="Có quyết định thu hồi Phiếu")
    conviction_status: Annotated[ConvictionStatus | None, PERSONAL] = Field(
        default=None,
        description="Tình trạng án tích, read from the source's words: none: không có án tích · convicted: có án tích",
    )
    conviction_status_source_code: Annotated[str | None, PERSONAL] = Field(
        default=None, description="Mã tình trạng án tích of the source; its meaning is not published"
    )
    conviction_status_text: Annotated[str | None, PERSONAL] = Field(
        default=None, description="Tên tình trạng án tích in the source's words"
    )
    convictions: Annotated[tuple[Conviction, ...], PERSONAL] = Field(default=(), description="Thông tin án")
    ban_status: Annotated[BanStatus | None, PERSONAL] = Field(
        default=None,
        description="Cấm đảm nhiệm chức vụ, read from the source's words: none: không bị cấm · banned: bị cấm",
    )
    ban_status_source_code: Annotated[str | None, PERSONAL] = Field(
        default=None, description="Mã thông tin cấm đảm nhiệm chức vụ of the source; its meaning is not published"
    )
    ban_status_text: Annotated[str | None, PERSONAL] = Field(
        default=None, description="Thông tin cấm đảm nhiệm chức vụ in the source's words"
    )
    position_bans: Annotated[tuple[PositionBan, ...], PERSONAL] = Field(
        default=(), description="Các quyết định cấm đảm nhiệm chức vụ"
    )
