"""Models: dossiers, which portals share. Generated from the declared operations: make generate."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

from pydantic import Field

from lgsp_client.values import Answered, Asked

KnownStatus: TypeAlias = Literal[
    "newly_registered",
    "received",
    "not_received",
    "in_process",
    "supplement_requested",
    "payment_requested",
    "withdrawn",
    "stopped",
    "finished",
    "handed_over",
    "unknown",
]
Channel: TypeAlias = Literal["counter", "online", "post"]
SubjectKind: TypeAlias = Literal["citizen", "enterprise", "agency", "other"]
SyncState: TypeAlias = Literal["accepted", "synced", "reconciling", "held", "refused", "cancelled"]
Group: TypeAlias = Literal["transparency", "progress", "online", "digitisation"]
Name: TypeAlias = Literal[
    "synced",
    "on_time",
    "online",
    "paid_online",
    "components_digitised",
    "result_digitised",
    "reused",
    "national_store",
    "identified",
]
PointState: TypeAlias = Literal["kept", "lost", "open"]
FeeState: TypeAlias = Literal["charged", "no_fee", "not_said"]


class InboundSubject(Answered):
    """Chủ hồ sơ: the citizen or the organisation that filed the dossier."""

    kind: Literal["citizen", "enterprise", "agency", "other", "unknown"] | str | None = None
    """Loại đối tượng; unknown: a code that is not known, see source_code."""
    source_code: str | None = None
    """LoaiDoiTuong as sent."""
    name: str | None = None
    """Chủ hồ sơ."""
    identifier: str | None = None
    """Mã đối tượng: số định danh, MST."""
    phone: str | None = None
    """Số điện thoại."""
    email: str | None = None
    """Email."""
    address: str | None = None
    """Địa chỉ."""


class InboundDossier(Answered):
    """Hồ sơ mới: a dossier that was filed at the portal and is the province's to handle."""

    national_code: str
    """Mã hồ sơ, as the portal issued it."""
    procedure_code: str
    """Mã thủ tục hành chính."""
    procedure_name: str | None = None
    """Tên thủ tục hành chính."""
    field_code: str | None = None
    """Mã lĩnh vực."""
    field_name: str | None = None
    """Tên lĩnh vực."""
    document_number: str | None = None
    """Số văn bản."""
    submitted_at: datetime | None = None
    """Ngày nộp hồ sơ, UTC."""
    subject: InboundSubject
    summary: str | None = None
    """Trích yếu hồ sơ."""
    agency: str | None = None
    """Đơn vị xử lý, as sent."""
    note: str | None = None
    """Ghi chú."""
    other_fields: dict[str, object] = Field(default_factory=dict)
    """The fields that the sender gave and that have no name here, as sent."""


class InboundResult(Answered):
    """Kết quả: a ministry has finished a dossier that the province had sent it."""

    national_code: str
    """Mã hồ sơ, as the ministry names it."""
    dossier_code: str | None = None
    """Mã hồ sơ of the province, where the ministry names it."""
    status_code: str | None = None
    """Trạng thái hồ sơ, as sent."""
    finished_at: datetime | None = None
    """Ngày kết thúc xử lý, UTC."""
    content: str | None = None
    """Nội dung."""
    other_fields: dict[str, object] = Field(default_factory=dict)
    """The fields that the sender gave and that have no name here, as sent."""


class Coded(Asked):
    """An entry of a catalogue (danh mục): its code and its name."""

    code: str
    """Mã."""
    name: str
    """Tên."""


class Identity(Asked):
    """An identity number of the subject (DinhDanhCHS): a citizen_id has 12 digits, an old_identity_card 9."""

    kind: Literal["citizen_id", "old_identity_card"]
    """Loại định danh: citizen_id số định danh cá nhân · old_identity_card chứng minh nhân dân."""
    number: str
    """Số định danh."""


class Subject(Asked):
    """Chủ hồ sơ: the citizen or the organisation that the dossier belongs to."""

    kind: SubjectKind | None = None
    """Loại đối tượng: citizen người dân · enterprise doanh nghiệp · agency cơ quan nhà nước · other khác."""
    name: str | None = None
    """Chủ hồ sơ."""
    identifier: str | None = None
    """Mã đối tượng: số định danh cá nhân or mã số doanh nghiệp."""
    document_number: str | None = None
    """Số giấy tờ chủ hồ sơ (SoGiayToChuHoSo)."""
    identities: tuple[Identity, ...] | None = None
    """Định danh chủ hồ sơ (DinhDanhCHS)."""
    phone: str | None = None
    """Số điện thoại."""
    email: str | None = None
    """Thư điện tử."""
    fax: str | None = None
    """Fax."""
    other: str | None = None
    """Thông tin khác (ThongTinKhac)."""


class Document(Asked):
    """Tài liệu nộp: a file of the dossier, with its component (thành phần hồ sơ) and where it can be fetched."""

    id: str | None = None
    """Mã tệp đính kèm (TepDinhKemId)."""
    file_name: str
    """Tên tệp đính kèm."""
    component_code: str | None = None
    """Mã thành phần hồ sơ."""
    url: str | None = None
    """Đường dẫn tải tệp tin."""
    digitised: bool | None = None
    """Được số hóa (DuocSoHoa)."""
    reuse: Literal["no", "reused", "from_result"] | None = None
    """Được tái sử dụng (DuocTaiSuDung 0, 1, 2 [S])."""
    from_national_store: bool | None = None
    """Được lấy từ kho dữ liệu quốc gia (DuocLayTuKhoDMQG)."""
    replaced_by: str | None = None
    """Mã kết quả thay thế (MaKetQuaThayThe)."""


class Fee(Asked):
    """Phí, lệ phí of the dossier."""

    name: str
    """Tên phí, lệ phí."""
    code: str | None = None
    """Mã phí, lệ phí."""
    amount: int
    """Số tiền, đồng."""


class ResultPaper(Asked):
    """Giấy tờ kết quả: a paper that the dossier ended in, and where it can be fetched."""

    id: str | None = None
    """Mã giấy tờ (GiayToId)."""
    name: str
    """Tên giấy tờ kết quả."""
    component_code: str | None = None
    """Mã thành phần hồ sơ."""
    url: str | None = None
    """Đường dẫn tệp tin kết quả."""
    code: str | None = None
    """Mã giấy tờ kết quả (MaGiayToKetQua)."""


class OtherPaper(Asked):
    """Tệp đính kèm khác: papers of the dossier of which there is no file."""

    name: str
    """Tên giấy tờ."""
    quantity: int | None = None
    """Số lượng."""
    kind: str | None = None
    """Loại giấy tờ."""


class SupplementRequest(Asked):
    """Hồ sơ bổ sung: a request to the citizen for more, and what came of it."""

    id: str | None = None
    """Mã yêu cầu bổ sung (HoSoBoSungId)."""
    requested_by: str | None = None
    """Người yêu cầu bổ sung."""
    content: str | None = None
    """Nội dung bổ sung."""
    requested_at: datetime | None = None
    """Ngày bổ sung."""
    received_by: str | None = None
    """Người tiếp nhận bổ sung."""
    received_note: str | None = None
    """Thông tin tiếp nhận."""
    received_at: datetime | None = None
    """Ngày tiếp nhận bổ sung."""
    status: str | None = None
    """Trạng thái bổ sung, as the portal's table has it."""
    due_at_before: datetime | None = None
    """Ngày hẹn trả trước."""
    due_at_after: datetime | None = None
    """Ngày hẹn trả mới."""


class StepOfficer(Asked):
    """Người xử lý: the officer of a step."""

    full_name: str
    """Người xử lý."""
    position: str | None = None
    """Chức danh."""


class ReportedStep(Answered):
    """A step that the portal has."""

    processed_at: datetime | None = None
    """Thời điểm xử lý, UTC."""
    status: KnownStatus | str | None = None
    """Trạng thái, as of the dossier."""
    source_code: str | None = None
    """Mã trạng thái of the portal."""
    officer: str | None = None
    """Người xử lý."""
    department: str | None = None
    """Phòng ban xử lý."""
    content: str | None = None
    """Nội dung xử lý."""


class SyncEntry(Answered):
    """An entry of the way of a dossier to the portal."""

    at: datetime
    """Thời điểm, UTC."""
    state: SyncState | str
    """Trạng thái đồng bộ, as of the dossier."""
    event: str
    """The stable word for what happened: accepted, arrived, reconciling, refused, …."""
    operation: str | None = None
    """The order that it happened to, such as report_progress."""
    note: str | None = None
    """A stable word that says why, where there is more to say."""


class Parked(Answered):
    """Why nothing of a dossier is sent any more until an operator acts."""

    reason: str
    """A stable word, or the portal's code."""
    since: datetime | None = None
    """Từ thời điểm, UTC."""


class DossierSync(Answered):
    """How far a portal has a dossier: what it has accepted, what waits here, what it refused."""

    dossier_code: str
    """Mã hồ sơ: agency, day and number, as 000.00.04.H58-260106-0001."""
    state: SyncState | str
    """accepted: cổng tích hợp đã nhận, chưa gửi · synced: cổng nhận đã có hồ sơ · reconciling: sent, and it is being
    asked whether it arrived (đang đối soát) · held: kept until the dossier itself is sent · refused: bị từ chối, the
    gateway's operator is told · cancelled: đã hủy trước khi gửi.
    """
    status: KnownStatus | str | None = None
    """Trạng thái hồ sơ that the portal has."""
    source_code: str | None = None
    """Mã trạng thái of the portal."""
    procedure_code: str | None = None
    """Mã thủ tục hành chính that the portal has."""
    source_id: str | None = None
    """The portal's own code of the dossier, where it gives one."""
    waiting: int = 0
    """Number of messages that the portal has not accepted yet."""
    parked: Parked | None = None
    """Why the rest waits for an operator; null where it goes on."""
    steps: tuple[ReportedStep, ...] = ()
    """Tiến độ that the portal has, where it was asked; oldest first."""
    history: tuple[SyncEntry, ...] = ()
    """Lịch sử đồng bộ, oldest first; where a store keeps it."""


class PreflightPoint(Answered):
    """One point of Quyết định 766/QĐ-TTg."""

    name: Name | str
    """Chỉ tiêu."""
    group: Group | str
    """Nhóm chỉ số: transparency công khai, minh bạch · progress tiến độ giải quyết · online dịch vụ trực tuyến ·
    digitisation mức độ số hóa.
    """
    verdict: PointState | str
    """kept: được tính · lost: bị mất · open: chưa xác định (the dossier is not finished, or does not say enough)."""
    fields: tuple[str, ...] = ()
    """JSON pointers of the fields by which it is lost or open; at most 10."""
    reason: str | None = None
    """A stable word that says why; null where it is kept."""
    explanation: str | None = None
    """Giải thích, in Vietnamese."""


class Preflight(Answered):
    """The points that a dossier keeps and loses by what it says."""

    dossier_code: str
    """Mã hồ sơ: agency, day and number, as 000.00.04.H58-260106-0001."""
    complete: bool
    """No point is lost."""
    kept: int
    """Số chỉ tiêu được tính."""
    lost: int
    """Số chỉ tiêu bị mất."""
    open: int
    """Số chỉ tiêu chưa xác định."""
    evidence: Literal["public_code"] | str = "public_code"
    """Formulas are known from public code, not from a guide."""
    points: tuple[PreflightPoint, ...]


class Named(Answered):
    """A code with its name, as far as the source gives them."""

    code: str | None = None
    """Mã."""
    name: str | None = None
    """Tên."""


class ProcedureFee(Answered):
    """Phí, lệ phí of a procedure."""

    code: str | None = None
    """Mã phí, lệ phí."""
    amount: int | None = None
    """Số tiền; null: the source does not say it."""
    unit: str | None = None
    """Đơn vị, such as Đồng."""
    description: str | None = None
    """Mô tả."""


class ProcedureTime(Answered):
    """Thời hạn giải quyết in one way, with what it costs."""

    duration: int | None = None
    """Thời gian giải quyết."""
    unit: str | None = None
    """Đơn vị tính, such as Ngày làm việc."""
    description: str | None = None
    """Mô tả."""
    fee_state: FeeState | str = "not_said"
    """charged: có phí, lệ phí · no_fee: không thu phí · not_said: nguồn không nêu."""
    fees: tuple[ProcedureFee, ...] = ()
    """Phí, lệ phí."""


class ProcedureWay(Answered):
    """Cách thức thực hiện: one channel of a procedure."""

    channel: Literal["counter", "online", "post", "unknown"] | str | None = None
    """Kênh: counter trực tiếp · online trực tuyến · post bưu chính; see source_code."""
    source_code: str | None = None
    """KENH of the source."""
    times: tuple[ProcedureTime, ...] = ()
    """Thời hạn giải quyết."""


class ProcedurePaper(Answered):
    """Giấy tờ that a citizen has to hand in."""

    code: str | None = None
    """Mã giấy tờ."""
    name: str | None = None
    """Tên giấy tờ."""
    form_name: str | None = None
    """Tên mẫu đơn."""
    url: str | None = None
    """Đường dẫn mẫu đơn."""
    originals: int | None = None
    """Số bản chính."""
    copies: int | None = None
    """Số bản sao."""


class ProcedureComponents(Answered):
    """Thành phần hồ sơ in one case."""

    case: str | None = None
    """Trường hợp; null: in every case."""
    papers: tuple[ProcedurePaper, ...] = ()
    """Giấy tờ."""


class ProcedureSteps(Answered):
    """Trình tự thực hiện in one case."""

    case: str | None = None
    """Trường hợp; null: in every case."""
    steps: tuple[str, ...] = ()
    """Trình tự."""


class LegalBasis(Answered):
    """Căn cứ pháp lý."""

    number: str | None = None
    """Số văn bản."""
    name: str | None = None
    """Tên văn bản."""


class Procedure(Answered):
    """An administrative procedure. A list has code, name, field and agency; one asked by its code has the rest."""

    code: str
    """Mã thủ tục hành chính."""
    name: str
    """Tên thủ tục hành chính."""
    fields: tuple[Named, ...] = ()
    """Lĩnh vực thực hiện."""
    agencies: tuple[Named, ...] = ()
    """Cơ quan thực hiện."""
    is_public: bool | None = None
    """Công khai (TRANGTHAI 1); null where it is not said."""
    fee_state: FeeState | str = "not_said"
    """charged: có phí, lệ phí in some way · no_fee: không thu phí in any way · not_said: nguồn không nêu."""
    steps: tuple[ProcedureSteps, ...] = ()
    """Trình tự thực hiện."""
    ways: tuple[ProcedureWay, ...] = ()
    """Cách thức thực hiện."""
    components: tuple[ProcedureComponents, ...] = ()
    """Thành phần hồ sơ."""
    requirements: str | None = None
    """Yêu cầu, điều kiện thực hiện."""
    subjects: str | None = None
    """Đối tượng thực hiện."""
    results: tuple[Named, ...] = ()
    """Kết quả thực hiện."""
    legal_bases: tuple[LegalBasis, ...] = ()
    """Căn cứ pháp lý."""
