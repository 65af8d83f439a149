"""Translates between the uniform API and the shared criminal records software, without I/O."""

from __future__ import annotations

from datetime import date
from typing import Final

from pydantic import Field, SecretStr

from gateway.connectors.criminal_records.lltp2024.certificate import convictions, live, position_bans
from gateway.connectors.criminal_records.lltp2024.wire import (
    WireApplicant,
    WireFamily,
    WireFile,
    WireMandatee,
    WirePlace,
    WireProcessed,
    WireRequest,
    WireResidence,
    WireResult,
)
from gateway.connectors.criminal_records.model import (
    VIETNAM,
    Applicant,
    Application,
    ApplicationOrder,
    BirthPlace,
    Channel,
    IdentityKind,
    Mandatee,
    OrderedSex,
    Place,
    State,
)
from gateway.connectors.criminal_records.orders import IssuanceSettings, refuse
from gateway.connectors.criminal_records.translate import (
    ACCEPTED_SENTENCE,
    CHANNEL_NOT_ACCEPTED,
    ban_status,
    code_of,
    contradiction,
    conviction_status,
    denies,
    failure,
    flag,
    lost,
    name_of,
    pdf_of,
    relative,
    repeated,
    written,
    written_partial,
)
from gateway.connectors.criminal_records.translate import revoked as decided
from gateway.core.canonical import Wire
from gateway.core.lenient import is_nothing, read_flag, table_code, text
from gateway.core.message import Exchange, Outcome, Reply, ReplyKind, Rest
from gateway.core.no_record import unless_failed
from gateway.core.problems import FieldError, NotFound, OffContract
from gateway.core.settings import Frozen
from gateway.core.unread import UNREAD, Unread, known, part_of, read
from gateway.core.vietnamese import folded

SUBMIT: Final = "guiHoSo"
STATUS: Final = "nhanTrangThai"


class RegistrationSource(Frozen):
    """Nguồn đăng ký: where the application came from, in the source's catalogue."""

    code: str = Field(pattern=r"^[0-9]{1,3}$")
    name: str = Field(min_length=1)


_ONLINE: Final = RegistrationSource(code="1", name="Hồ sơ đăng ký trực tuyến qua cổng DVC của địa phương")
_COUNTER: Final = RegistrationSource(code="3", name="Hồ sơ nộp trực tiếp tại Sở Tư pháp")


class Lltp2024Settings(IssuanceSettings):
    """The province as the source knows it. The paths below its address are assigned with the key [C]."""

    auth_key: SecretStr = Field(description="authKey, in the body of every message")
    province_code: str = Field(pattern=r"^[0-9]{2}$", description="maTinh, code of the province (GSO)")
    province_name: str = Field(min_length=1, description="tenTinh")
    registration_sources: dict[Channel, RegistrationSource] = Field(
        default={"online": _ONLINE, "in_person": _COUNTER, "post": _COUNTER},
        description="nguonDangKy and tenNguonDangKy for each channel of the uniform API",
    )
    submit_path: str = Field(default=SUBMIT, pattern=r"^[^/].*$", description="where applications are sent")
    status_path: str = Field(default=STATUS, pattern=r"^[^/].*$", description="where states are asked for")


# ---- out

_SEX: Final[dict[OrderedSex, tuple[str, str]]] = {"male": ("1", "Nam"), "female": ("2", "Nữ")}
_DOCUMENTS: Final[dict[IdentityKind, tuple[str, str]]] = {
    "passport": ("0", "Hộ chiếu"),
    "identity_card": ("1", "Chứng minh nhân dân"),
    "residence_card": ("2", "Thẻ thường trú"),
    "citizen_card": ("3", "Căn cước công dân"),
}
_BORN_IN_VIETNAM: Final = "1"
_BORN_ABROAD: Final = "2"


def unsendable(order: ApplicationOrder, settings: Lltp2024Settings) -> list[FieldError]:
    """The fields of *order* that this generation, or this province, cannot carry."""
    errors = lost(
        {
            "/fee_receipt_number": order.fee_receipt_number,
            "/delivery": order.delivery,
            "/mandatee/signed_on": order.mandatee and order.mandatee.signed_on,
        }
    )
    if order.channel not in settings.registration_sources:
        errors.append(FieldError("/channel", CHANNEL_NOT_ACCEPTED))
    return errors


def submission(order: ApplicationOrder, settings: Lltp2024Settings) -> Rest:
    """The message that carries *order*.

    Raises:
        InvalidRequest: The order has a field that cannot be carried.
    """
    refuse(unsendable(order, settings))
    source = settings.registration_sources[order.channel]
    parts: list[Wire] = [_request(order), _applicant(order.applicant), _family(order)]
    if order.mandatee is not None:
        parts.append(_mandatee(order.mandatee))
    return Rest(
        name=SUBMIT,
        path=settings.submit_path,
        json={
            "authKey": settings.auth_key.get_secret_value(),
            "maTinh": settings.province_code,
            "tenTinh": settings.province_name,
            "maHoSoMCDT": order.dossier_code,
            "nguonDangKy": source.code,
            "tenNguonDangKy": source.name,
            "ngayTiepNhan": written(order.received_on),
            "toKhai": {name: value for part in parts for name, value in part.model_dump().items()},
        },
    )


def status_request(dossier_code: str, settings: Lltp2024Settings) -> Rest:
    """The question for the state of *dossier_code*."""
    return Rest(
        name=STATUS,
        path=settings.status_path,
        json={
            "authKey": settings.auth_key.get_secret_value(),
            "maTinh": settings.province_code,
            "maHoSoMCDT": dossier_code,
        },
    )


def _request(order: ApplicationOrder) -> WireRequest:
    return WireRequest(
        ngayHenTra=written(order.due_on),
        loaiPhieu=str(order.certificate_form),
        yeuCauCDNCV=flag(order.confirm_position_bans),
        maMucDich=order.purpose.code or "",
        mucDich=order.purpose.name,
        tenMucDich=order.purpose.name,
        mucDichKhac=order.purpose.other or "",
        soLuongCap=str(order.copies),
        uyQuyen=flag(order.mandatee is not None),
        thongTinAnTich=order.convictions_declared or "",
        nycCuTru=tuple(
            WireResidence(
                tuNgay=written_partial(stage.start),
                denNgay=written_partial(stage.end),
                noiCuTru=stage.place,
                ngheNghiep=stage.occupation or "",
                noiLamViec=stage.workplace or "",
            )
            for stage in order.residences
        ),
        fileHoSo=tuple(
            WireFile(tenLoaiFile=file.kind, tenFile=file.file_name, noiDungFile=file.content)
            for file in order.attachments
        ),
    )


def _applicant(who: Applicant) -> WireApplicant:
    paper = who.identity_document
    sex, sex_name = _SEX[who.sex]
    kind, kind_name = _DOCUMENTS[paper.kind]
    return WireApplicant(
        nycHoTen=who.full_name,
        nycTenGoiKhac=who.other_name or "",
        nycGioiTinh=sex,
        nycTenGioiTinh=sex_name,
        nycNgaySinh=written_partial(who.birth_date),
        nycNoiSinhNuocNgoai=_BORN_IN_VIETNAM if who.birth_place.country.code == VIETNAM else _BORN_ABROAD,
        nycNoiSinh=_birth_place(who.birth_place),
        nycThuongTru=_place(who.permanent_residence),
        nycTamTru=_place(who.temporary_residence),
        nycDienThoai=who.phone,
        nycEmail=who.email or "",
        nycLoaiGiayTo=kind,
        nycTenLoaiGiayTo=kind_name,
        nycSoGiayTo=paper.number,
        nycNgayCapGiayTo=written(paper.issued_on),
        nycNoiCapGiayTo=paper.issued_by or "",
        nycQuocTich=who.nationality.code,
        nycTenQuocTich=who.nationality.name,
        nycDanToc=code_of(who.ethnicity),
        nycTenDanToc=name_of(who.ethnicity),
    )


def _family(order: ApplicationOrder) -> WireFamily:
    father, father_born = relative(order.father)
    mother, mother_born = relative(order.mother)
    spouse, spouse_born = relative(order.spouse)
    return WireFamily(
        nycHoTenCha=father,
        chaNgaySinh=father_born,
        nycHoTenMe=mother,
        meNgaySinh=mother_born,
        nycHoTenVoChong=spouse,
        voChongNgaySinh=spouse_born,
    )


def _mandatee(who: Mandatee) -> WireMandatee:
    paper = who.identity_document
    return WireMandatee(
        uyQuyenHoTen=who.full_name,
        nuqTenGoiKhac=who.other_name or "",
        nuqGioiTinh=_SEX[who.sex][0],
        nuqNgaySinh=written_partial(who.birth_date),
        nuqTenDanToc=name_of(who.ethnicity),
        nuqDanToc=code_of(who.ethnicity),
        nuqTenQuocTich=name_of(who.nationality),
        nuqQuocTich=code_of(who.nationality),
        nuqEmail=who.email or "",
        nyqQuanHe=who.relation,
        nuqThuongTruChiTiet=_place(who.residence),
        nuqDienThoai=who.phone or "",
        nuqLoaiGiayto=_DOCUMENTS[paper.kind][0],
        nuqSoGiayTo=paper.number,
        nuqNgayCapGiayTo=written(paper.issued_on),
        nuqNoiCapGiayTo=paper.issued_by or "",
    )


def _place(place: Place | None) -> WirePlace:
    if place is None:
        return WirePlace()
    return WirePlace(
        maTinhThanh=code_of(place.province),
        tenTinhThanh=name_of(place.province),
        maQuanHuyen=code_of(place.district),
        tenQuanHuyen=name_of(place.district),
        maPhuongXa=code_of(place.ward),
        tenPhuongXa=name_of(place.ward),
        dcChiTiet=place.street or "",
    )


def _birth_place(place: BirthPlace) -> WirePlace:
    if place.province is None:
        return WirePlace(dcChiTiet=place.country.name)
    return WirePlace(maTinhThanh=place.province.code, tenTinhThanh=place.province.name)


# ---- back: is it an answer?


def classify(exchange: Exchange, reply: Reply) -> Outcome:
    """Reads their table of codes: all their answers have HTTP 200, and an empty 404 to the question for a state is "no
    such dossier" [S]; other statuses are left to the API's own table.
    """
    if reply.bare_404:
        return ReplyKind.NO_RECORD if exchange.name == STATUS else None
    if reply.status != 200:
        return None
    body = reply.body
    fields = body if isinstance(body, dict) else {"statusDescription": body}
    said = " ".join(filter(None, (text(fields.get("statusDescription")), text(fields.get("errorDescription")))))
    status = table_code(fields.get("status"))
    code = text(fields.get("errorCode")) or (None if status in {"0", "1"} else status)
    if exchange.name == SUBMIT:
        return _submitted(status, code, said)
    if status == "1" and "value" in fields and (code is None or not code.strip("0")):
        none = is_nothing(fields["value"])
        return unless_failed(ReplyKind.NO_RECORD, (fields,), {"status": {"1"}}) if none else ReplyKind.ANSWER
    return failure(code, said, write=False)


def _submitted(status: str | None, code: str | None, said: str) -> Outcome:
    """Reads success and "already known" from the sentence; status and code only keep a contradiction from being
    success: of one nobody knows whether it was taken in.
    """
    if conflict := repeated(said):
        return conflict
    if ACCEPTED_SENTENCE not in folded(said):
        return failure(code, said, write=True)
    well = status in {None, "1"} and (code is None or not code.strip("0")) and not denies(said)
    return ReplyKind.ANSWER if well else contradiction()


# ---- back: what does it say?

STATES: Final[dict[str, State]] = {
    "1": "registered",
    "2": "received",
    "3": "not_received",
    "4": "in_process",
    "5": "supplement_requested",
    "6": "payment_requested",
    "7": "withdrawn",
    "8": "stopped",
    "9": "issued",
    "10": "handed_over",
}
"""``trangThaiXuLy``, the numbers of the national public service portal [C]."""


def to_application(found: WireProcessed, today: date) -> Application:
    """The application in canonical form; it has a result only where the source gives one."""
    state = STATES.get(found.trangThaiXuLy or "", "unknown")
    result = part_of(WireResult, found.ketQuaXuLy)
    revoked = _revoked(result)
    judgments, bans = convictions(result), position_bans(result)
    return read(
        Application,
        {
            "application_id": found.maHoSoMCDT,
            "state": state,
            "source_code": found.trangThaiXuLy,
            "source_text": found.tenTrangThaiXuLy,
            "supplement_request": (found.lyDoTuChoi or found.ghiChu) if state == "supplement_requested" else None,
            "certificate_number": result.soPhieuLLTP,
            "certificate_form": {"1": 1, "2": 2}.get(result.loaiPhieu or ""),
            "certificate_form_source_code": result.loaiPhieu,
            "issued_on": result.ngayCapPhieu,
            "prepared_by": result.nguoiLapPhieu,
            "signer": result.nguoiKy,
            "signer_position": result.chucVu,
            "certificate_available": _may_be_fetched(state, result, revoked),
            "revoked": revoked if result.soPhieuLLTP else None,
            "conviction_status": conviction_status(known(result.tenTinhTrangAnTich), live(judgments, today)),
            "conviction_status_source_code": result.tinhTrangAnTich,
            "conviction_status_text": result.tenTinhTrangAnTich,
            "convictions": judgments,
            "ban_status": ban_status(known(result.tenThongTinCDNCV), [None if row is None else True for row in bans]),
            "ban_status_source_code": result.thongTinCDNCV,
            "ban_status_text": result.tenThongTinCDNCV,
            "position_bans": bans,
        },
    )


def _revoked(result: WireResult) -> bool | Unread:
    """Whether there is a decision to revoke, or a flag that says so."""
    given = result.quyetDinhThuHoi
    if is_nothing(given):
        return False
    try:
        return bool(read_flag(given))
    except ValueError:
        return (isinstance(given, str) and decided(given)) or UNREAD


def _may_be_fetched(state: State, result: WireResult, revoked: bool | Unread) -> bool | None:
    if state not in {"issued", "handed_over"} or is_nothing(result.phieuLLTP) or revoked is True:
        return False
    return None if isinstance(revoked, Unread) or isinstance(result.phieuLLTP, Unread) else True


def certificate_of(found: WireProcessed) -> bytes:
    """The certificate's PDF.

    Raises:
        NotFound: The certificate is not issued yet, exists only on paper, or was revoked: the reason says which.
        OffContract: The source sent something that is not a PDF.
    """
    state = STATES.get(found.trangThaiXuLy or "", "unknown")
    result = part_of(WireResult, found.ketQuaXuLy)
    if state not in {"issued", "handed_over"}:
        raise NotFound(
            f"The application exists, but its certificate is not issued yet (state {state}).", reason="not_issued"
        )
    if isinstance(revoked := _revoked(result), Unread) or isinstance(result.phieuLLTP, Unread):
        raise OffContract("Whether the certificate was revoked, or the certificate, can't be read.", reason="malformed")
    if revoked:
        raise NotFound("The certificate was revoked; the application has the details.", reason="revoked")
    if is_nothing(result.phieuLLTP):
        raise NotFound("The certificate exists only on paper and is collected or sent by post.", reason="paper_only")
    return pdf_of(result.phieuLLTP)
