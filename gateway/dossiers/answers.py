"""The answers of portals, in the national portal's names, as far as its connector and that of ministries share them."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator

from gateway.core.canonical import Wire
from gateway.core.lenient import read_code
from gateway.core.wire_types import Code, Raw, Required, Text


class WireAnswer(Wire):
    """The fields of all answers, which the table reads."""

    error_code: Annotated[str, BeforeValidator(read_code)]
    message: Text = None


class WireForm(Wire):
    """A dossier without its steps: the form that was sent last [S], with which a later one is compared."""

    MaHoSo: Required
    MaTTHC: Text = None
    TrangThaiHoSo: Code = None
    TenTTHC: Raw = None
    MaLinhVuc: Raw = None
    TenLinhVuc: Raw = None
    KenhThucHien: Raw = None
    ChuHoSo: Raw = None
    LoaiDoiTuong: Raw = None
    MaDoiTuong: Raw = None
    ThongTinKhac: Raw = None
    Email: Raw = None
    Fax: Raw = None
    SoDienThoai: Raw = None
    TrichYeuHoSo: Raw = None
    NgayTiepNhan: Raw = None
    NgayHenTra: Raw = None
    NgayTra: Raw = None
    ThongTinTra: Raw = None
    HinhThuc: Raw = None
    NgayKetThucXuLy: Raw = None
    DonViXuLy: Raw = None
    GhiChu: Raw = None
    TaiLieuNop: Raw = None
    DanhSachLePhi: Raw = None
    DanhSachTepDinhKemKhac: Raw = None
    DanhSachHoSoBoSung: Raw = None
    DanhSachGiayToKetQua: Raw = None
