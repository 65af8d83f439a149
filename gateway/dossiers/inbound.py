"""The messages that the national portal and the ministries' portals push, and how each is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias

from gateway.core.inbound import InboundFile, InboundKind, InboundMessage, InboundSystem
from gateway.dossiers.inbound_model import (
    InboundDossier,
    InboundResult,
    InboundSubject,
    InboundSupplement,
    InboundTaxNotice,
)
from gateway.dossiers.inbound_wire import (
    AttachedFile,
    MinistryResult,
    NewDossier,
    Supplement,
    SupplementData,
    TaxNotice,
    other_fields,
)

SubjectKind: TypeAlias = Literal["citizen", "enterprise", "agency", "other"]
SUBJECTS: Final[Mapping[str, SubjectKind]] = {"1": "citizen", "2": "enterprise", "3": "agency", "4": "other"}
"""``LoaiDoiTuong`` [C]."""
UNNAMED: Final = "(không có tên)"
"""Of a file that the sender did not name."""


def read_dossier(sent: Mapping[str, Any]) -> InboundMessage:
    """A new dossier, flat, its files in Base64 or by their addresses."""
    read = NewDossier.model_validate(sent)
    subject = InboundSubject(
        kind=None if read.LoaiDoiTuong is None else SUBJECTS.get(read.LoaiDoiTuong, "unknown"),
        source_code=read.LoaiDoiTuong,
        name=read.ChuHoSo,
        identifier=read.MaDoiTuong,
        phone=read.SoDienThoai,
        email=read.Email,
        address=read.DiaChi,
    )
    data = InboundDossier(
        national_code=read.MaHoSo,
        procedure_code=read.MaTTHC,
        procedure_name=read.TenTTHC,
        field_code=read.MaLinhVuc,
        field_name=read.TenLinhVuc,
        document_number=read.SoVanBan,
        submitted_at=read.NgayNopHoSo,
        subject=subject,
        summary=read.TrichYeuHoSo,
        agency=read.DonViXuLy,
        note=read.GhiChu,
        other_fields=other_fields(sent, NewDossier),
    )
    return InboundMessage(read.MaHoSo, data, _files(read.TaiLieuNop))


def read_supplement(sent: Mapping[str, Any]) -> InboundMessage:
    """A supplement in its wrapper; the file of the registration is fetched at its address."""
    read = Supplement.model_validate(sent)
    inside = sent["data"]
    data = InboundSupplement(
        national_code=read.data.MaHoSoQG,
        dossier_code=read.data.MaHoSo,
        service=read.service,
        updating=read.isUpdating,
        submitted=read.data.ThongTinDaNop,
        corrected=read.data.ThongTinSuaDoi,
        reason=read.data.LyDoDieuChinh,
        other_fields={**other_fields(sent, Supplement), **other_fields(inside, SupplementData)},
    )
    files = _files(read.data.TaiLieuNop)
    if read.data.URLTepDangKy is not None:
        files = (InboundFile(read.data.TenTepDangKy or UNNAMED, address=read.data.URLTepDangKy), *files)
    return InboundMessage(read.data.MaHoSoQG, data, files)


def read_tax_notice(sent: Mapping[str, Any]) -> InboundMessage:
    """A notice of the tax office about a dossier of land."""
    read = TaxNotice.model_validate(sent)
    data = InboundTaxNotice(
        national_code=read.MaHoSo,
        notice_number=read.SoThongBao,
        issued_on=read.NgayThongBao,
        due_on=read.HanNop,
        amount=read.SoTien,
        taxpayer=read.NguoiNopThue,
        tax_code=read.MaSoThue,
        content=read.NoiDung,
        other_fields=other_fields(sent, TaxNotice),
    )
    return InboundMessage(read.MaHoSo, data, _files(read.TaiLieuNop))


def read_result(sent: Mapping[str, Any]) -> InboundMessage:
    """The result of a ministry for a dossier of the province."""
    read = MinistryResult.model_validate(sent)
    data = InboundResult(
        national_code=read.MaHoSo,
        dossier_code=read.MaHoSoDonVi,
        status_code=read.TrangThaiHoSo,
        finished_at=read.NgayKetThucXuLy,
        content=read.NoiDung,
        other_fields=other_fields(sent, MinistryResult),
    )
    return InboundMessage(read.MaHoSo, data, _files(read.DanhSachGiayToKetQua))


def _files(sent: Sequence[AttachedFile]) -> tuple[InboundFile, ...]:
    return tuple(
        InboundFile(
            name=one.TenTepDinhKem or UNNAMED,
            component_code=one.MaThanhPhanHoSo,
            content=one.Base64,
            address=None if one.Base64 is not None else one.address,
        )
        for one in sent
    )


DOSSIER: Final = InboundKind(name="dossier", title="Hồ sơ mới", data=InboundDossier, read=read_dossier)
SUPPLEMENT: Final = InboundKind(name="supplement", title="Bổ sung hồ sơ", data=InboundSupplement, read=read_supplement)
TAX_NOTICE: Final = InboundKind(
    name="tax_notice", title="Thông báo thuế đất đai", data=InboundTaxNotice, read=read_tax_notice
)
RESULT: Final = InboundKind(name="result", title="Kết quả của bộ, ngành", data=InboundResult, read=read_result)

PORTAL: Final = InboundSystem(connector="public_service_portal", kinds=(DOSSIER, SUPPLEMENT, TAX_NOTICE))
MINISTRIES: Final = InboundSystem(connector="ministry_portals", kinds=(DOSSIER, SUPPLEMENT, RESULT), by_ministry=True)
