"""Names of a dossier and of a step on the wire [C], in the order of the contract."""

from __future__ import annotations

from typing import Final

OF_DOSSIER: Final = (
    "MaHoSo", "MaTTHC", "TenTTHC", "MaLinhVuc", "TenLinhVuc", "KenhThucHien", "ChuHoSo", "LoaiDoiTuong", "MaDoiTuong",
    "ThongTinKhac", "Email", "Fax", "SoDienThoai", "TrichYeuHoSo", "NgayTiepNhan", "NgayHenTra", "TrangThaiHoSo",
    "NgayTra", "ThongTinTra", "HinhThuc", "NgayKetThucXuLy", "DonViXuLy", "GhiChu", "TaiLieuNop", "DanhSachLePhi",
    "DanhSachTepDinhKemKhac", "DanhSachHoSoBoSung", "DanhSachGiayToKetQua",
)  # fmt: skip
OF_STEP: Final = (
    "MaHoSo", "NguoiXuLy", "ChucDanh", "ThoiDiemXuLy", "PhongBanXuLy", "NoiDungXuLy", "TrangThai", "NgayBatDau",
    "NgayKetThucTheoQuyDinh",
)  # fmt: skip
_WITHIN: Final = (
    "TepDinhKemId", "TenTepDinhKem", "IsDeleted", "MaThanhPhanHoSo", "DuongDanTaiTepTin", "TenPhiLePhi", "MaPhiLePhi",
    "HinhThucThu", "Gia", "LoaiPhiLePhi", "TenGiayTo", "SoLuong", "LoaiGiayTo", "HoSoBoSungId", "NguoiYeuCauBoSung",
    "NoiDungBoSung", "NgayBoSung", "NguoiTiepNhanBoSung", "ThongTinTiepNhan", "NgayTiepNhanBoSung", "TrangThaiBoSung",
    "DanhSachGiayToBoSung", "DanhSachLePhiBoSung", "NgayHenTraTruoc", "NgayHenTraMoi", "GiayToId",
    "DuongDanTepTinKetQua",
)  # fmt: skip
OF_ANSWER: Final = frozenset({"error_code", "message", "result", "TienDo", *OF_DOSSIER, *OF_STEP, *_WITHIN})
"""All names of fields in an answer about dossiers."""
