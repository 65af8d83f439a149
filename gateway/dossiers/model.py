"""Dossiers (hồ sơ) as portals take them, the steps of their handling, and how far the portals have them.

``contracts/public_service_portal/README.md`` says for each field which field of the portals it becomes. All fields that
newer generations have added are optional.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import BeforeValidator, Field

from gateway.core.canonical import PERSONAL, Canonical
from gateway.core.days import YEARS
from gateway.core.identifiers import IDENTIFIER
from gateway.core.mistakes import NOT_AN_INSTANT, YEAR_RANGE
from gateway.dossiers.status import KnownStatus

MOST_ROWS: Final = 500
"""Rows of each list of a dossier."""
_INSTANT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:[0-9]{2})", re.ASCII
)


def _instant(value: object) -> object:
    """The instant in UTC, in whole seconds: portals know no shorter time.

    Numbers are refused: pydantic takes them for seconds since 1970.
    """
    try:
        if isinstance(value, str) and _INSTANT.fullmatch(value):
            value = datetime.fromisoformat(value)
        if not isinstance(value, datetime) or value.tzinfo is None:
            raise NOT_AN_INSTANT.error()
        found = value if value.tzinfo is UTC else value.astimezone(UTC)
    except (ValueError, OverflowError):
        raise NOT_AN_INSTANT.error() from None
    if found.year not in YEARS:  # the last hours of the year 9999 are none in Vietnam
        raise YEAR_RANGE.error()
    return found.replace(microsecond=0) if found.microsecond else found


# ---- types

Instant = Annotated[datetime, BeforeValidator(_instant)]
"""An instant in a question: ISO 8601 with its zone."""
DossierCode = Annotated[
    str,
    Field(
        description="Mã hồ sơ: agency, day and number, as 000.00.04.H58-260106-0001",
        min_length=1,
        max_length=64,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
        examples=["000.00.04.H58-260106-9101"],
    ),
    IDENTIFIER,
]
NationalCode = Annotated[
    str,
    Field(
        description="Mã hồ sơ quốc gia: the code that the national portal gave the dossier",
        min_length=1,
        max_length=100,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
        examples=["000.00.00.G22-260106-0001"],
    ),
    IDENTIFIER,
]
Short = Annotated[str, Field(min_length=1, max_length=200)]
Long = Annotated[str, Field(min_length=1, max_length=2000)]
Code = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]*$")]
FileName = Annotated[str, Field(min_length=1, max_length=4000, pattern=r"^[^/\\\x00-\x1f]+$")]
FileLink = Annotated[str, Field(min_length=1, max_length=2000, pattern=r"^https?://[!-~]+$")]
StatusCode = Annotated[
    str,
    Field(
        description="Trạng thái hồ sơ: newly_registered mới đăng ký · received được tiếp nhận · not_received không "
        "được tiếp nhận · in_process đang xử lý · supplement_requested yêu cầu bổ sung giấy tờ · payment_requested "
        "yêu cầu thực hiện nghĩa vụ tài chính · withdrawn công dân rút hồ sơ · stopped dừng xử lý · finished đã xử lý "
        "xong · handed_over đã trả kết quả; or a local code of the deployment's table",
        min_length=1,
        max_length=64,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
        examples=["in_process"],
    ),
]
Channel: TypeAlias = Literal["counter", "online", "post"]
SubjectKind: TypeAlias = Literal["citizen", "enterprise", "agency", "other"]

# ---- the dossier


class Coded(Canonical):
    """An entry of a catalogue (danh mục): its code and its name."""

    code: Code = Field(description="Mã", examples=["9.000101.000.00.00.H58"])
    name: Long = Field(description="Tên")


class Identity(Canonical):
    """An identity number of the subject (DinhDanhCHS): a citizen_id has 12 digits, an old_identity_card 9."""

    kind: Literal["citizen_id", "old_identity_card"] = Field(
        description="Loại định danh: citizen_id số định danh cá nhân · old_identity_card chứng minh nhân dân"
    )
    number: Annotated[str, Field(description="Số định danh", pattern=r"^([0-9]{12}|[0-9]{9})$"), PERSONAL, IDENTIFIER]


class Subject(Canonical):
    """Chủ hồ sơ: the citizen or the organisation that the dossier belongs to."""

    kind: SubjectKind | None = Field(
        default=None,
        description="Loại đối tượng: citizen người dân · enterprise doanh nghiệp · agency cơ quan nhà nước · "
        "other khác",
    )
    name: Annotated[Long | None, PERSONAL] = Field(default=None, description="Chủ hồ sơ")
    identifier: Annotated[
        Annotated[str, Field(max_length=50, pattern=r"^[A-Za-z0-9-]+$")] | None, PERSONAL, IDENTIFIER
    ] = Field(default=None, description="Mã đối tượng: số định danh cá nhân or mã số doanh nghiệp")
    document_number: Annotated[
        Annotated[str, Field(max_length=50, pattern=r"^[A-Za-z0-9-]+$")] | None, PERSONAL, IDENTIFIER
    ] = Field(default=None, description="Số giấy tờ chủ hồ sơ (SoGiayToChuHoSo)")
    identities: Annotated[tuple[Identity, ...], PERSONAL] = Field(
        default=(), max_length=10, description="Định danh chủ hồ sơ (DinhDanhCHS)"
    )
    phone: Annotated[Annotated[str, Field(max_length=50, pattern=r"^[0-9+(). -]+$")] | None, PERSONAL] = Field(
        default=None, description="Số điện thoại"
    )
    email: Annotated[Annotated[str, Field(max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")] | None, PERSONAL] = (
        Field(default=None, description="Thư điện tử")
    )
    fax: Annotated[Short | None, PERSONAL] = Field(default=None, description="Fax")
    other: Annotated[Long | None, PERSONAL] = Field(default=None, description="Thông tin khác (ThongTinKhac)")


class Document(Canonical):
    """Tài liệu nộp: a file of the dossier, with its component (thành phần hồ sơ) and where it can be fetched."""

    id: Short | None = Field(default=None, description="Mã tệp đính kèm (TepDinhKemId)")
    file_name: FileName = Field(description="Tên tệp đính kèm", examples=["to-khai.pdf"])
    component_code: Code | None = Field(default=None, description="Mã thành phần hồ sơ")
    url: FileLink | None = Field(default=None, description="Đường dẫn tải tệp tin")
    digitised: bool | None = Field(default=None, description="Được số hóa (DuocSoHoa)")
    reuse: Literal["no", "reused", "from_result"] | None = Field(
        default=None, description="Được tái sử dụng (DuocTaiSuDung 0, 1, 2 [S])"
    )
    from_national_store: bool | None = Field(
        default=None, description="Được lấy từ kho dữ liệu quốc gia (DuocLayTuKhoDMQG)"
    )
    replaced_by: Code | None = Field(default=None, description="Mã kết quả thay thế (MaKetQuaThayThe)")


class Fee(Canonical):
    """Phí, lệ phí of the dossier."""

    name: Long = Field(description="Tên phí, lệ phí")
    code: Code | None = Field(default=None, description="Mã phí, lệ phí")
    amount: int = Field(ge=0, le=10**12, description="Số tiền, đồng")


class ResultPaper(Canonical):
    """Giấy tờ kết quả: a paper that the dossier ended in, and where it can be fetched."""

    id: Short | None = Field(default=None, description="Mã giấy tờ (GiayToId)")
    name: Long = Field(description="Tên giấy tờ kết quả")
    component_code: Code | None = Field(default=None, description="Mã thành phần hồ sơ")
    url: FileLink | None = Field(default=None, description="Đường dẫn tệp tin kết quả")
    code: Code | None = Field(default=None, description="Mã giấy tờ kết quả (MaGiayToKetQua)")


class OtherPaper(Canonical):
    """Tệp đính kèm khác: papers of the dossier of which there is no file."""

    name: Long = Field(description="Tên giấy tờ")
    quantity: int = Field(default=1, ge=0, le=10_000, description="Số lượng")
    kind: Short | None = Field(default=None, description="Loại giấy tờ")


class SupplementRequest(Canonical):
    """Hồ sơ bổ sung: a request to the citizen for more, and what came of it."""

    id: Short | None = Field(default=None, description="Mã yêu cầu bổ sung (HoSoBoSungId)")
    requested_by: Annotated[Short | None, PERSONAL] = Field(default=None, description="Người yêu cầu bổ sung")
    content: Long | None = Field(default=None, description="Nội dung bổ sung")
    requested_at: Instant | None = Field(default=None, description="Ngày bổ sung")
    received_by: Annotated[Short | None, PERSONAL] = Field(default=None, description="Người tiếp nhận bổ sung")
    received_note: Long | None = Field(default=None, description="Thông tin tiếp nhận")
    received_at: Instant | None = Field(default=None, description="Ngày tiếp nhận bổ sung")
    status: Short | None = Field(default=None, description="Trạng thái bổ sung, as the portal's table has it")
    due_at_before: Instant | None = Field(default=None, description="Ngày hẹn trả trước")
    due_at_after: Instant | None = Field(default=None, description="Ngày hẹn trả mới")


class DossierBody(Canonical):
    """A dossier (hồ sơ) in its present state: what a portal shall have of it. Its rules are in ``rules.py``."""

    dossier_code: DossierCode
    procedure: Coded = Field(description="Thủ tục hành chính; the code may be a local one of the deployment's table")
    field: Coded = Field(description="Lĩnh vực")
    channel: Channel | None = Field(
        default=None, description="Kênh thực hiện: counter trực tiếp · online trực tuyến · post bưu chính"
    )
    subject: Subject | None = Field(default=None, description="Chủ hồ sơ")
    summary: Annotated[Long | None, PERSONAL] = Field(default=None, description="Trích yếu hồ sơ")
    note: Annotated[Long | None, PERSONAL] = Field(default=None, description="Ghi chú")
    submitted_at: Instant | None = Field(default=None, description="Ngày nộp hồ sơ (NgayNopHoSo)")
    received_at: Instant | None = Field(default=None, description="Ngày tiếp nhận; not before submitted_at")
    due_at: Instant | None = Field(default=None, description="Ngày hẹn trả; not before received_at")
    refused_at: Instant | None = Field(default=None, description="Ngày từ chối (NgayTuChoi)")
    finished_at: Instant | None = Field(default=None, description="Ngày kết thúc xử lý; not before received_at")
    handed_over_at: Instant | None = Field(default=None, description="Ngày trả; not before finished_at")
    status: StatusCode
    processing_unit: Long = Field(description="Đơn vị xử lý")
    submitted_to: Literal["national_portal", "own_system"] | None = Field(
        default=None, description="Nơi nộp hồ sơ (NoiNopHoSo 1, 2)"
    )
    digitised: bool | None = Field(default=None, description="Hồ sơ có thành phần số hóa (HoSoCoThanhPhanSoHoa)")
    vneid_verified: bool | None = Field(
        default=None, description="Tài khoản được xác thực với VNeID (TaiKhoanDuocXacThucVoiVNeID)"
    )
    online_payment: Literal["national_platform", "own_platform", "none", "other"] | None = Field(
        default=None,
        description="Được thanh toán trực tuyến (DuocThanhToanTrucTuyen 1, 2, 0, 3 [S]); 1 and 2 count as paid online",
    )
    databases: tuple[Code, ...] = Field(
        default=(), max_length=50, description="Danh sách kết nối CSDL: codes of the databases that were asked (MaCSDL)"
    )
    documents: tuple[Document, ...] = Field(default=(), max_length=MOST_ROWS, description="Tài liệu nộp")
    fees: tuple[Fee, ...] = Field(default=(), max_length=MOST_ROWS, description="Danh sách lệ phí")
    other_papers: tuple[OtherPaper, ...] = Field(
        default=(), max_length=MOST_ROWS, description="Danh sách tệp đính kèm khác"
    )
    supplements: tuple[SupplementRequest, ...] = Field(
        default=(), max_length=MOST_ROWS, description="Danh sách hồ sơ bổ sung"
    )
    results: tuple[ResultPaper, ...] = Field(default=(), max_length=MOST_ROWS, description="Danh sách giấy tờ kết quả")


# ---- a step


class StepOfficer(Canonical):
    """Người xử lý: the officer of a step."""

    full_name: Annotated[Short, PERSONAL] = Field(description="Người xử lý")
    position: Short | None = Field(default=None, description="Chức danh")


class StepBody(Canonical):
    """Tiến độ: one step of the handling of a dossier."""

    dossier_code: DossierCode
    officer: StepOfficer = Field(description="Người xử lý")
    processed_at: Instant = Field(description="Thời điểm xử lý")
    department: Long | None = Field(default=None, description="Phòng ban xử lý")
    content: Long = Field(description="Nội dung xử lý")
    status: StatusCode
    started_at: Instant | None = Field(default=None, description="Ngày bắt đầu")
    due_at: Instant | None = Field(default=None, description="Ngày kết thúc theo quy định; not before started_at")


# ---- how far a portal has a dossier

SyncState: TypeAlias = Literal["accepted", "synced", "reconciling", "held", "refused", "cancelled"]


class DossierQuery(Canonical):
    """The dossier to look up."""

    dossier_code: DossierCode


class ReportedStep(Canonical):
    """A step that the portal has."""

    processed_at: datetime | None = Field(default=None, description="Thời điểm xử lý, UTC")
    status: KnownStatus | None = Field(default=None, description="Trạng thái, as of the dossier")
    source_code: str | None = Field(default=None, description="Mã trạng thái of the portal")
    officer: Annotated[str | None, PERSONAL] = Field(default=None, description="Người xử lý")
    department: str | None = Field(default=None, description="Phòng ban xử lý")
    content: str | None = Field(default=None, description="Nội dung xử lý")


class SyncEntry(Canonical):
    """An entry of the way of a dossier to the portal."""

    at: datetime = Field(description="Thời điểm, UTC")
    state: SyncState = Field(description="Trạng thái đồng bộ, as of the dossier")
    event: str = Field(description="The stable word for what happened: accepted, arrived, reconciling, refused, …")
    operation: str | None = Field(default=None, description="The order that it happened to, such as report_progress")
    note: str | None = Field(default=None, description="A stable word that says why, where there is more to say")


class Parked(Canonical):
    """Why nothing of a dossier is sent any more until an operator acts."""

    reason: str = Field(description="A stable word, or the portal's code")
    since: datetime | None = Field(default=None, description="Từ thời điểm, UTC")


class DossierSync(Canonical):
    """How far a portal has a dossier: what it has accepted, what waits here, what it refused."""

    dossier_code: DossierCode
    state: SyncState = Field(
        description="accepted: cổng tích hợp đã nhận, chưa gửi · synced: cổng nhận đã có hồ sơ · reconciling: sent, "
        "and it is being asked whether it arrived (đang đối soát) · held: kept until the dossier itself is sent · "
        "refused: bị từ chối, the gateway's operator is told · cancelled: đã hủy trước khi gửi"
    )
    status: KnownStatus | None = Field(default=None, description="Trạng thái hồ sơ that the portal has")
    source_code: str | None = Field(default=None, description="Mã trạng thái of the portal")
    procedure_code: str | None = Field(default=None, description="Mã thủ tục hành chính that the portal has")
    source_id: str | None = Field(default=None, description="The portal's own code of the dossier, where it gives one")
    waiting: int = Field(default=0, description="Number of messages that the portal has not accepted yet")
    parked: Parked | None = Field(default=None, description="Why the rest waits for an operator; null where it goes on")
    steps: tuple[ReportedStep, ...] = Field(
        default=(), description="Tiến độ that the portal has, where it was asked; oldest first"
    )
    history: tuple[SyncEntry, ...] = Field(
        default=(), description="Lịch sử đồng bộ, oldest first; where a store keeps it"
    )
