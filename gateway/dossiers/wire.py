"""Dossiers and steps in the spelling that the first generation of the portals, national and ministries', shares [C].

A value that is not said is an empty text, as in public code.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from gateway.core.days import VIETNAM
from gateway.dossiers.model import Channel, DossierBody, StepBody, Subject, SubjectKind, SupplementRequest
from gateway.dossiers.status import Status

CHANNELS: Final[Mapping[Channel, str]] = {"counter": "1", "online": "2", "post": "3"}
"""``KenhThucHien`` [C]."""
SUBJECTS: Final[Mapping[SubjectKind, str]] = {"citizen": "1", "enterprise": "2", "agency": "3", "other": "4"}
"""``LoaiDoiTuong`` [C]; the first generation has the first two."""


def instant(at: datetime | None) -> str:
    """``yyyyMMddHHmmss`` in Vietnam."""
    return "" if at is None else f"{at.astimezone(VIETNAM):%Y%m%d%H%M%S}"


def dossier_fields(dossier: DossierBody, *, status: Status, procedure: str) -> dict[str, object]:
    """``HoSo``: *dossier* with the portal's codes of its *status* and *procedure*."""
    subject = dossier.subject or Subject()
    return {
        "MaHoSo": dossier.dossier_code,
        "MaTTHC": procedure,
        "TenTTHC": dossier.procedure.name,
        "MaLinhVuc": dossier.field.code,
        "TenLinhVuc": dossier.field.name,
        "KenhThucHien": CHANNELS[dossier.channel] if dossier.channel else "",
        "ChuHoSo": subject.name or "",
        "LoaiDoiTuong": SUBJECTS[subject.kind] if subject.kind else "",
        "MaDoiTuong": subject.identifier or "",
        "ThongTinKhac": subject.other or "",
        "Email": subject.email or "",
        "Fax": subject.fax or "",
        "SoDienThoai": subject.phone or "",
        "TrichYeuHoSo": dossier.summary or "",
        "NgayTiepNhan": instant(dossier.received_at),
        "NgayHenTra": instant(dossier.due_at),
        "TrangThaiHoSo": status.code,
        "NgayTra": instant(dossier.handed_over_at),
        "ThongTinTra": "",
        "HinhThuc": "",
        "NgayKetThucXuLy": instant(dossier.finished_at),
        "DonViXuLy": dossier.processing_unit,
        "GhiChu": dossier.note or "",
        **_rows(dossier),
    }


def _rows(dossier: DossierBody) -> dict[str, object]:
    return {
        "TaiLieuNop": [
            {
                "TepDinhKemId": file.id or "",
                "TenTepDinhKem": file.file_name,
                "IsDeleted": "False",
                "MaThanhPhanHoSo": file.component_code or "",
                "DuongDanTaiTepTin": file.url or "",
            }
            for file in dossier.documents
        ],
        "DanhSachLePhi": [
            {
                "TenPhiLePhi": fee.name,
                "MaPhiLePhi": fee.code or "",
                "HinhThucThu": "",
                "Gia": str(fee.amount),
                "LoaiPhiLePhi": "",
            }
            for fee in dossier.fees
        ],
        "DanhSachTepDinhKemKhac": [
            {"TenGiayTo": paper.name, "SoLuong": str(paper.quantity), "LoaiGiayTo": paper.kind or ""}
            for paper in dossier.other_papers
        ],
        "DanhSachHoSoBoSung": list(map(_supplement, dossier.supplements)),
        "DanhSachGiayToKetQua": [
            {
                "TenGiayTo": paper.name,
                "MaThanhPhanHoSo": paper.component_code or "",
                "GiayToId": paper.id or "",
                "DuongDanTepTinKetQua": paper.url or "",
            }
            for paper in dossier.results
        ],
    }


def _supplement(asked: SupplementRequest) -> dict[str, object]:
    return {
        "HoSoBoSungId": asked.id or "",
        "NguoiYeuCauBoSung": asked.requested_by or "",
        "NoiDungBoSung": asked.content or "",
        "NgayBoSung": instant(asked.requested_at),
        "NguoiTiepNhanBoSung": asked.received_by or "",
        "ThongTinTiepNhan": asked.received_note or "",
        "NgayTiepNhanBoSung": instant(asked.received_at),
        "TrangThaiBoSung": asked.status or "",
        "NgayHenTraTruoc": instant(asked.due_at_before),
        "NgayHenTraMoi": instant(asked.due_at_after),
    }


def step_fields(step: StepBody, *, status: Status) -> dict[str, object]:
    """``TienDo``: *step* with the portal's code of its *status*."""
    return {
        "MaHoSo": step.dossier_code,
        "NguoiXuLy": step.officer.full_name,
        "ChucDanh": step.officer.position or "",
        "ThoiDiemXuLy": instant(step.processed_at),
        "PhongBanXuLy": step.department or "",
        "NoiDungXuLy": step.content,
        "TrangThai": status.code,
        "NgayBatDau": instant(step.started_at),
        "NgayKetThucTheoQuyDinh": instant(step.due_at),
    }
