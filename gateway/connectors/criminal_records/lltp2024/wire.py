"""The messages of the shared criminal records software, field for field [C]."""

from __future__ import annotations

from typing import Annotated

from gateway.core.canonical import Wire
from gateway.core.unread import Unread
from gateway.core.wire_types import (
    OR_UNREAD,
    ROWS,
    Code,
    Identifier,
    LifeDate,
    LifeDay,
    Raw,
    Required,
    Text,
)

# ---- what is sent: every key stands in every message, with an empty text where nothing is known


class WirePlace(Wire):
    """``DiaBan``."""

    maTinhThanh: str = ""
    tenTinhThanh: str = ""
    maQuanHuyen: str = ""
    tenQuanHuyen: str = ""
    maPhuongXa: str = ""
    tenPhuongXa: str = ""
    dcChiTiet: str = ""


class WireResidence(Wire):
    """An entry of ``nycCuTru``."""

    tuNgay: str
    denNgay: str
    noiCuTru: str
    ngheNghiep: str = ""
    noiLamViec: str = ""


class WireFile(Wire):
    """An entry of ``fileHoSo``."""

    tenLoaiFile: str
    tenFile: str
    noiDungFile: str


class WireMandatee(Wire):
    """The keys of ``toKhai`` that are present only when ``uyQuyen`` is 1; ``nyqQuanHe`` is their spelling."""

    uyQuyenHoTen: str
    nuqTenGoiKhac: str = ""
    nuqGioiTinh: str
    nuqNgaySinh: str
    nuqTenDanToc: str = ""
    nuqDanToc: str = ""
    nuqTenQuocTich: str = ""
    nuqQuocTich: str = ""
    nuqEmail: str = ""
    nyqQuanHe: str
    nuqThuongTruChiTiet: WirePlace
    nuqDienThoai: str = ""
    nuqLoaiGiayto: str
    nuqSoGiayTo: str
    nuqNgayCapGiayTo: str = ""
    nuqNoiCapGiayTo: str = ""


class WireRequest(Wire):
    """The request itself: the first part of ``toKhai``."""

    ngayHenTra: str = ""
    loaiPhieu: str
    yeuCauCDNCV: str
    maMucDich: str = ""
    mucDich: str = ""
    tenMucDich: str
    mucDichKhac: str = ""
    soLuongCap: str
    uyQuyen: str
    thongTinAnTich: str = ""
    nycCuTru: tuple[WireResidence, ...] = ()
    fileHoSo: tuple[WireFile, ...] = ()


class WireApplicant(Wire):
    """The applicant: the ``nyc…`` fields of ``toKhai``."""

    nycHoTen: str
    nycTenGoiKhac: str = ""
    nycGioiTinh: str
    nycTenGioiTinh: str
    nycNgaySinh: str
    nycNoiSinhNuocNgoai: str
    nycNoiSinh: WirePlace
    nycThuongTru: WirePlace
    nycTamTru: WirePlace
    nycDienThoai: str
    nycEmail: str = ""
    nycLoaiGiayTo: str
    nycTenLoaiGiayTo: str
    nycSoGiayTo: str
    nycNgayCapGiayTo: str = ""
    nycNoiCapGiayTo: str = ""
    nycQuocTich: str
    nycTenQuocTich: str
    nycDanToc: str = ""
    nycTenDanToc: str = ""


class WireFamily(Wire):
    """Father, mother, husband or wife in ``toKhai``; public code leaves their papers empty."""

    nycHoTenCha: str
    chaNgaySinh: str
    chaLoaiGiayTo: str = ""
    chaSoGiayTo: str = ""
    nycHoTenMe: str
    meNgaySinh: str
    meLoaiGiayTo: str = ""
    meSoGiayTo: str = ""
    nycHoTenVoChong: str
    voChongNgaySinh: str
    voChongLoaiGiayTo: str = ""
    voChongSoGiayTo: str = ""


# ---- what comes back


class WireSubmitted(Wire):
    """The answer of ``guiHoSo``; it says everything in its texts, which the table reads."""

    status: Code = None
    statusDescription: Text = None
    errorCode: Identifier = None
    errorDescription: Text = None


class WireOffence(Wire):
    toiDanh: Text = None
    tenToiDanh: Text = None


class WirePenalty(Wire):
    """``dsHinhPhatChinh`` and ``dsHinhPhatBoSung``."""

    maHinhPhat: Text = None
    tenHinhPhat: Text = None
    ghiChu: Text = None
    noiDungHinhPhatBoSung: Text = None


class WireJudgment(Wire):
    """An entry of ``thongTinAn``."""

    soBanAn: Identifier = None
    ngayBanAn: LifeDate = None
    toaDaTuyen: Text = None
    tenToaDaTuyen: Text = None
    dsToiDanh: Annotated[tuple[WireOffence | None, ...], ROWS] = ()
    dsHinhPhatChinh: Annotated[tuple[WirePenalty | None, ...], ROWS] = ()
    dsHinhPhatBoSung: Annotated[tuple[WirePenalty | None, ...], ROWS] = ()
    ngayChapHanh: LifeDate = None
    ngayXoaAn: LifeDate = None
    dieuKhoan: Text = None
    anPhi: Text = None
    nghiaVuDanSu: Text = None
    tinhTrangThiHanh: Text = None


class WireBan(Wire):
    """An entry of ``dsCDNCV``."""

    soQuyetDinh: Identifier = None
    ngayQuyetDinh: LifeDate = None
    toaAnQD: Text = None
    chucVuCam: Text = None
    thoiHanCam: Text = None
    camTuNgay: LifeDate = None


class WireResult(Wire):
    """``ketQuaXuLy``."""

    soPhieuLLTP: Identifier = None
    ngayCapPhieu: LifeDay = None
    loaiPhieu: Code = None
    nguoiLapPhieu: Text = None
    nguoiKy: Text = None
    chucVu: Text = None
    tinhTrangAnTich: Code = None
    tenTinhTrangAnTich: Text = None
    thongTinCDNCV: Code = None
    tenThongTinCDNCV: Text = None
    thongTinAn: Annotated[tuple[WireJudgment | None, ...], ROWS] = ()
    dsCDNCV: Annotated[tuple[WireBan | None, ...], ROWS] = ()
    phieuLLTP: Raw = None
    quyetDinhThuHoi: Raw = None


class WireProcessed(Wire):
    """An entry of ``value``."""

    maHoSoMCDT: Required
    trangThaiXuLy: Code
    tenTrangThaiXuLy: Text = None
    lyDoTuChoi: Text = None
    ghiChu: Text = None
    ketQuaXuLy: Annotated[WireResult | Unread | None, OR_UNREAD] = None


class WireStatus(Wire):
    """The answer of ``nhanTrangThai``."""

    status: Code = None
    statusDescription: Text = None
    value: Annotated[tuple[WireProcessed | None, ...], ROWS]

    def entry(self, dossier_code: str) -> WireProcessed | None:
        """The newest entry for *dossier_code*; the list may hold several."""
        return next((found for found in reversed(self.value) if found and found.maHoSoMCDT == dossier_code), None)
