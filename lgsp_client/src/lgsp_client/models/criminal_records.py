"""Models: Cấp Phiếu lý lịch tư pháp. Generated from the declared operations: make generate."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal, TypeAlias

from lgsp_client.models.shared import PartialDate
from lgsp_client.values import Answered, Asked

OrderedSex: TypeAlias = Literal["male", "female"]
IdentityKind: TypeAlias = Literal["citizen_card", "identity_card", "passport", "residence_card"]
MediaType: TypeAlias = Literal["application/pdf", "image/jpeg", "image/png"]
Channel: TypeAlias = Literal["online", "in_person", "post"]
State: TypeAlias = Literal[
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
ConvictionStatus: TypeAlias = Literal["none", "convicted", "unknown"]
BanStatus: TypeAlias = Literal["none", "banned", "unknown"]


class Coded(Asked):
    """An entry of a catalogue (danh mục): its code and its name."""

    code: str
    """Mã danh mục."""
    name: str
    """Tên."""


class Country(Coded):
    """A country or a nationality: its code of ISO 3166-1 alpha-2 [C] and its name."""


class Place(Asked):
    """A place where a person lives (nơi cư trú), with a street or a province; since 2025-07-01 without a district."""

    street: str | None = None
    """Số nhà, đường, thôn, xóm."""
    ward: Coded | None = None
    """Xã, phường, đặc khu."""
    district: Coded | None = None
    """Quận, huyện, in records from before 2025-07-01."""
    province: Coded | None = None
    """Tỉnh, thành phố."""


class BirthPlace(Asked):
    """Nơi sinh: a province of Vietnam, or a country; province is given for Vietnam, and for Vietnam alone."""

    country: Country | None = None
    """Quốc gia, ISO 3166-1 alpha-2."""
    province: Coded | None = None
    """Tỉnh, thành phố; required for a place in Vietnam."""


class IdentityDocument(Asked):
    """Giấy tờ tùy thân: a citizen_card has 12 digits, an identity_card 9."""

    kind: IdentityKind
    """citizen_card: CCCD / thẻ căn cước (12 digits) · identity_card: CMND (9 digits) · passport: hộ chiếu ·
    residence_card: thẻ thường trú.
    """
    number: str
    """Số giấy tờ."""
    issued_on: date | None = None
    """Ngày cấp."""
    issued_by: str | None = None
    """Nơi cấp."""


class Applicant(Asked):
    """The person whom the certificate is about (người được cấp Phiếu)."""

    full_name: str
    """Họ và tên."""
    other_name: str | None = None
    """Tên gọi khác."""
    sex: OrderedSex
    """Giới tính."""
    birth_date: PartialDate
    """Ngày sinh, as precise as the papers have it."""
    birth_place: BirthPlace
    """Nơi sinh."""
    nationality: Country
    """Quốc tịch, ISO 3166-1 alpha-2."""
    ethnicity: Coded | None = None
    """Dân tộc (danh mục các dân tộc Việt Nam)."""
    permanent_residence: Place
    """Nơi thường trú."""
    temporary_residence: Place | None = None
    """Nơi tạm trú."""
    identity_document: IdentityDocument
    """Giấy tờ tùy thân."""
    phone: str
    """Điện thoại, digits only."""
    email: str | None = None
    """Thư điện tử."""


class Relative(Asked):
    """Father, mother, husband or wife (cha, mẹ, vợ / chồng)."""

    full_name: str
    """Họ và tên."""
    birth_date: PartialDate | None = None
    """Ngày, tháng, năm sinh."""


class Mandatee(Asked):
    """The person who applies in the applicant's name (người được ủy quyền)."""

    full_name: str
    """Họ và tên."""
    other_name: str | None = None
    """Tên gọi khác."""
    sex: OrderedSex
    """Giới tính."""
    birth_date: PartialDate
    """Ngày sinh."""
    nationality: Country | None = None
    """Quốc tịch."""
    ethnicity: Coded | None = None
    """Dân tộc."""
    residence: Place
    """Nơi thường trú."""
    identity_document: IdentityDocument
    """Giấy tờ tùy thân."""
    phone: str | None = None
    """Điện thoại."""
    email: str | None = None
    """Thư điện tử."""
    relation: str
    """Quan hệ với người ủy quyền."""
    signed_on: date | None = None
    """Ngày ký văn bản ủy quyền."""


class Residence(Asked):
    """One stage of life since the age of 14 (quá trình cư trú); end is not before start."""

    start: PartialDate
    """Từ tháng, năm."""
    end: PartialDate
    """Đến tháng, năm; of the present one, the application's."""
    place: str
    """Nơi thường trú / tạm trú."""
    occupation: str | None = None
    """Nghề nghiệp."""
    workplace: str | None = None
    """Nơi làm việc."""


class ApplicationPurpose(Asked):
    """Mục đích yêu cầu cấp Phiếu."""

    code: str | None = None
    """Mã mục đích of the source's catalogue."""
    name: str
    """Tên mục đích."""
    other: str | None = None
    """Mục đích khác, in the applicant's words."""


class Attachment(Asked):
    """A scan of the dossier (thành phần hồ sơ)."""

    kind: str
    """Tên loại giấy tờ."""
    file_name: str
    """Tên tệp."""
    media_type: MediaType
    """Loại tệp; the content is compared with it."""
    content: str
    """Nội dung, base64."""


class Delivery(Asked):
    """Paper by post (trả kết quả qua dịch vụ bưu chính)."""

    address: str
    """Địa chỉ nhận kết quả."""


class Conviction(Answered):
    """A judgment (bản án) that the certificate names."""

    judgment_number: str | None = None
    """Số bản án."""
    judged_on: PartialDate | None = None
    """Ngày tuyên án."""
    court_code: str | None = None
    """Mã tòa đã tuyên."""
    court: str | None = None
    """Tòa án đã tuyên."""
    offences: tuple[str, ...] = ()
    """Tội danh."""
    articles: str | None = None
    """Điều khoản luật áp dụng."""
    principal_penalties: tuple[str, ...] = ()
    """Hình phạt chính."""
    additional_penalties: tuple[str, ...] = ()
    """Hình phạt bổ sung."""
    civil_obligations: str | None = None
    """Nghĩa vụ dân sự, án phí."""
    execution_state: str | None = None
    """Tình trạng thi hành án."""
    served_on: PartialDate | None = None
    """Ngày chấp hành xong."""
    expunged_on: PartialDate | None = None
    """Ngày được xóa án tích."""


class PositionBan(Answered):
    """A decision that bans from positions, or from founding and running enterprises (cấm đảm nhiệm chức vụ)."""

    decision_number: str | None = None
    """Số quyết định."""
    decided_on: PartialDate | None = None
    """Ngày quyết định."""
    court: str | None = None
    """Tòa án ra quyết định."""
    position: str | None = None
    """Chức vụ bị cấm đảm nhiệm."""
    duration: str | None = None
    """Thời hạn cấm, as the source writes it."""
    banned_from: PartialDate | None = None
    """Cấm từ ngày."""


class HistoryEntry(Answered):
    """A state that an application reached."""

    at: datetime
    """Thời điểm, UTC."""
    state: State | str
    """Trạng thái, as of the application."""
    source_code: str | None = None
    """Mã trạng thái of the source."""
    note: str | None = None
    """A stable word that says why, where there is more to say."""


class Application(Answered):
    """The state of an application, and its result."""

    application_id: str
    """Mã hồ sơ một cửa: the dossier code that the application was made for."""
    source_id: str | None = None
    """Mã định danh trên hệ thống lý lịch tư pháp."""
    state: State | str
    """accepted: cổng tích hợp đã nhận, chưa gửi · reconciling: sent, and it is being asked whether it arrived (đang
    đối soát) · refused: nguồn từ chối, the gateway's operator is told · cancelled: đã hủy, before it was sent ·
    registered: mới đăng ký · received: được tiếp nhận · not_received: không được tiếp nhận · in_process: đang xử lý ·
    supplement_requested: yêu cầu bổ sung giấy tờ (send again is allowed) · payment_requested: yêu cầu thực hiện nghĩa
    vụ tài chính · withdrawn: công dân rút hồ sơ · stopped: dừng xử lý · issued: đã xử lý xong, đã có Phiếu ·
    handed_over: đã trả kết quả · unknown: a state that the contract does not know, see source_code.
    """
    source_code: str | None = None
    """Mã trạng thái of the source."""
    source_text: str | None = None
    """Tên trạng thái in the source's words."""
    supplement_request: str | None = None
    """Nội dung yêu cầu bổ sung in the source's words, while a supplement is requested."""
    due_on_by_law: date | None = None
    """Hạn trả kết quả by law, in working days from the acceptance; where a store keeps it."""
    overdue: bool | None = None
    """Whether due_on_by_law has passed without a result (quá hạn)."""
    history: tuple[HistoryEntry, ...] = ()
    """Quá trình xử lý: the states so far, oldest first; where a store keeps it."""
    certificate_number: str | None = None
    """Số Phiếu lý lịch tư pháp."""
    certificate_form: Literal[1, 2] | int | None = None
    """Loại Phiếu: số 1 or số 2."""
    certificate_form_source_code: str | None = None
    """Mã loại Phiếu of the source."""
    approved_on: date | None = None
    """Ngày phê duyệt Phiếu."""
    issued_on: date | None = None
    """Ngày cấp Phiếu."""
    prepared_by: str | None = None
    """Người lập Phiếu."""
    signer: str | None = None
    """Người ký."""
    signer_position: str | None = None
    """Chức vụ người ký."""
    certificate_available: bool | None = None
    """Whether the electronic certificate can be fetched; null where the source can't say."""
    revoked: bool | None = None
    """Có quyết định thu hồi Phiếu."""
    conviction_status: ConvictionStatus | str | None = None
    """Tình trạng án tích, read from the source's words: none: không có án tích · convicted: có án tích."""
    conviction_status_source_code: str | None = None
    """Mã tình trạng án tích of the source; its meaning is not published."""
    conviction_status_text: str | None = None
    """Tên tình trạng án tích in the source's words."""
    convictions: tuple[Conviction, ...] = ()
    """Thông tin án."""
    ban_status: BanStatus | str | None = None
    """Cấm đảm nhiệm chức vụ, read from the source's words: none: không bị cấm · banned: bị cấm."""
    ban_status_source_code: str | None = None
    """Mã thông tin cấm đảm nhiệm chức vụ of the source; its meaning is not published."""
    ban_status_text: str | None = None
    """Thông tin cấm đảm nhiệm chức vụ in the source's words."""
    position_bans: tuple[PositionBan, ...] = ()
    """Các quyết định cấm đảm nhiệm chức vụ."""
