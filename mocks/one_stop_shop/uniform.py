"""Bodies of the gateway's uniform API for dossiers and steps, written from the portal's own spelling.

`contracts/public_service_portal/README.md` defines the fields and their Vietnamese terms.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from mocks.engine.clock import HANOI
from mocks.one_stop_shop.dossiers import CHANNELS, STATUSES
from mocks.one_stop_shop.records import Dossier, Step

_KINDS: Final = {"1": "citizen", "2": "enterprise"}


def dossier_body(dossier: Dossier) -> dict[str, object]:
    """Returns the body of `sync_dossier` and `send_dossier`; fields that are empty on the wire are left out."""
    subject = {
        "kind": _KINDS[str(dossier["LoaiDoiTuong"])],
        "name": dossier["ChuHoSo"],
        "identifier": dossier["MaDoiTuong"],
        "phone": dossier["SoDienThoai"],
        "email": dossier["Email"],
    }
    body = {
        "procedure": {"code": dossier["MaTTHC"], "name": dossier["TenTTHC"]},
        "field": {"code": dossier["MaLinhVuc"], "name": dossier["TenLinhVuc"]},
        "channel": CHANNELS[str(dossier["KenhThucHien"])],
        "subject": {name: value for name, value in subject.items() if value},
        "summary": dossier["TrichYeuHoSo"],
        "received_at": _instant(dossier["NgayTiepNhan"]),
        "due_at": _instant(dossier["NgayHenTra"]),
        "status": STATUSES[str(dossier["TrangThaiHoSo"])],
        "finished_at": _instant(dossier["NgayKetThucXuLy"]),
        "handed_over_at": _instant(dossier["NgayTra"]),
        "processing_unit": dossier["DonViXuLy"],
        "note": dossier["GhiChu"],
        "documents": _items(
            dossier,
            "TaiLieuNop",
            id="TepDinhKemId",
            file_name="TenTepDinhKem",
            component_code="MaThanhPhanHoSo",
            url="DuongDanTaiTepTin",
        ),
        "fees": [
            {"name": fee["TenPhiLePhi"], "code": fee["MaPhiLePhi"], "amount": int(str(fee["Gia"]))}
            for fee in _rows(dossier, "DanhSachLePhi")
        ],
        "results": _items(
            dossier,
            "DanhSachGiayToKetQua",
            id="GiayToId",
            name="TenGiayTo",
            component_code="MaThanhPhanHoSo",
            url="DuongDanTepTinKetQua",
        ),
    }
    return {name: value for name, value in body.items() if value}


def progress_body(step: Step) -> dict[str, object]:
    """Returns the body of `report_progress`."""
    return {
        "officer": {"full_name": step["NguoiXuLy"], "position": step["ChucDanh"]},
        "processed_at": _instant(step["ThoiDiemXuLy"]),
        "department": step["PhongBanXuLy"],
        "content": step["NoiDungXuLy"],
        "status": STATUSES[str(step["TrangThai"])],
        "started_at": _instant(step["NgayBatDau"]),
        "due_at": _instant(step["NgayKetThucTheoQuyDinh"]),
    }


def status_body(status: Mapping[str, object]) -> dict[str, object]:
    """Returns the body of `report_status`; fields that are empty on the wire are left out."""
    code = str(status["TrangThai"])
    body = {
        "national_code": status["MaHoSo"],
        "status": STATUSES["3" if code == "11" else code],
        "subject_identifier": status["MaDoiTuong"],
        "content": status["NoiDung"],
        "processed_at": _instant(status["NgayXuLy"]),
    }
    return {name: value for name, value in body.items() if value}


def _instant(written: object) -> str | None:
    """Returns a time in ISO 8601 with Vietnam's offset."""
    if not written:
        return None
    return datetime.strptime(str(written), "%Y%m%d%H%M%S").replace(tzinfo=HANOI).isoformat()


def _rows(dossier: Dossier, name: str) -> list[dict[str, object]]:
    found = dossier[name]
    assert isinstance(found, list), "these fields of a dossier must be lists"
    return found


def _items(dossier: Dossier, listed: str, /, **spelling: str) -> list[dict[str, object]]:
    return [{ours: row[theirs] for ours, theirs in spelling.items()} for row in _rows(dossier, listed)]
