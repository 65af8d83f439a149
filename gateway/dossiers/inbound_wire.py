"""The messages that portals push to the province, field for field as they spell them.

``contracts/public_service_portal/inbound.yaml`` says how sure each field is. What a message says beside these fields is
kept as it is.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field

from gateway.core.canonical import Wire
from gateway.core.days import read_date, read_instant
from gateway.core.mistakes import NOT_A_DATE, Mistake

CODE: Final = r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}$"
MOST_FILES: Final = 200
LONGEST_ADDRESS: Final = 4_000
"""Characters; of a file's name too."""
NOT_BASE64: Final = Mistake("not_base64", "is not Base64", "không phải là Base64")
NOT_AN_INSTANT: Final = Mistake(
    "not_an_instant", "is not an instant; use yyyyMMddHHmmss", "không phải là thời điểm; dùng dạng yyyyMMddHHmmss"
)
NOT_AN_AMOUNT: Final = Mistake(
    "not_an_amount", "is not a whole number of dong", "không phải là số tiền nguyên tính bằng đồng"
)
NOT_YES_OR_NO: Final = Mistake("not_allowed", "must be True or False", "phải là một trong các giá trị: True hoặc False")
_DATA_URL: Final = re.compile(r"data:[\w.+/-]{0,100}(?:;[\w=.-]{1,50})*;base64,", re.ASCII)
_BLANKS: Final = str.maketrans("", "", " \t\r\n")
_GROUPED: Final = re.compile(r"\d{1,3}(?:[.,]\d{3})+|\d{1,15}", re.ASCII)


def _none_for_blank(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


def _empty_for_nothing(value: object) -> object:
    return {} if value is None or value == "" else value


def _instant(value: object) -> object:
    try:
        return read_instant(value)
    except ValueError:
        raise NOT_AN_INSTANT.error() from None


def _day(value: object) -> object:
    try:
        return read_date(value)
    except ValueError:
        raise NOT_A_DATE.error() from None


def _amount(value: object) -> object:
    """Đồng: digits, perhaps in groups of three; a number with a part after the comma is refused."""
    if isinstance(value, bool):
        raise NOT_AN_AMOUNT.error()
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    text = str(value).strip().removesuffix("đ").strip()
    if not _GROUPED.fullmatch(text):
        raise NOT_AN_AMOUNT.error()
    return int(text.replace(".", "").replace(",", ""))


def _flag(value: object) -> object:
    if value is None or isinstance(value, bool):
        return value
    read = {"true": True, "1": True, "false": False, "0": False}.get(str(value).strip().lower())
    if read is None:
        raise NOT_YES_OR_NO.error()
    return read


def _decoded(value: object) -> object:
    """The bytes of a Base64 text, whose lines may be broken and which may be a data URL."""
    if value is None or isinstance(value, bytes):
        return value
    if not isinstance(value, str):
        raise NOT_BASE64.error()
    text = value[match.end() :] if (match := _DATA_URL.match(value)) else value
    try:
        return base64.b64decode(text.translate(_BLANKS), validate=True)
    except (binascii.Error, ValueError):
        raise NOT_BASE64.error() from None


def _list(value: object) -> object:
    """One object where a list is meant, and nothing for an empty one."""
    if value is None or value == "":
        return ()
    return [value] if isinstance(value, dict) else value


Code = Annotated[str, Field(pattern=CODE)]
MaybeCode = Annotated[Code | None, BeforeValidator(_none_for_blank)]
Text = Annotated[Annotated[str, Field(max_length=10_000)] | None, BeforeValidator(_none_for_blank)]
LongText = Annotated[Annotated[str, Field(max_length=LONGEST_ADDRESS)] | None, BeforeValidator(_none_for_blank)]
Instant = Annotated[datetime | None, BeforeValidator(_instant), BeforeValidator(_none_for_blank)]
Day = Annotated[date | None, BeforeValidator(_day), BeforeValidator(_none_for_blank)]
Amount = Annotated[
    Annotated[int, Field(ge=0, le=10**15)] | None, BeforeValidator(_amount), BeforeValidator(_none_for_blank)
]
Flag = Annotated[bool | None, BeforeValidator(_flag), BeforeValidator(_none_for_blank)]
Bytes64 = Annotated[bytes | None, BeforeValidator(_decoded), BeforeValidator(_none_for_blank)]
Anything = Annotated[dict[str, Any], Field(default_factory=dict), BeforeValidator(_empty_for_nothing)]


def _without_nothing(files: tuple[AttachedFile, ...]) -> tuple[AttachedFile, ...]:
    """Rows that name neither bytes nor an address and have no name are padding of forms."""
    return tuple(one for one in files if one.TenTepDinhKem or one.Base64 is not None or one.address)


class AttachedFile(Wire):
    """Tài liệu nộp: a file that came with a dossier, or the address at which the sender gives it."""

    TenTepDinhKem: LongText = None
    MaThanhPhanHoSo: Text = None
    Base64: Bytes64 = None
    DuongDanTaiTepTin: Annotated[str | None, BeforeValidator(_none_for_blank), Field(max_length=LONGEST_ADDRESS)] = None
    DuongDan: LongText = None

    @property
    def address(self) -> str | None:
        """The address at which the file is given."""
        return self.DuongDan or self.DuongDanTaiTepTin


Files = Annotated[
    tuple[AttachedFile, ...],
    Field(max_length=MOST_FILES),
    AfterValidator(_without_nothing),
    BeforeValidator(_list),
]


class NewDossier(Wire):
    """Hồ sơ mới, flat [C]."""

    MaHoSo: Code
    MaTTHC: Annotated[str, Field(min_length=1, max_length=200)]
    TenTTHC: Text = None
    MaLinhVuc: Text = None
    TenLinhVuc: Text = None
    SoVanBan: Text = None
    NgayNopHoSo: Instant = None
    ChuHoSo: Text = None
    LoaiDoiTuong: Text = None
    MaDoiTuong: Text = None
    SoDienThoai: Text = None
    Email: Text = None
    DiaChi: Text = None
    TrichYeuHoSo: Text = None
    DonViXuLy: Text = None
    GhiChu: Text = None
    TaiLieuNop: Files = ()


class SupplementData(Wire):
    """Bổ sung hồ sơ, within its wrapper [C]."""

    MaHoSoQG: Code
    MaHoSo: MaybeCode = None
    ThongTinDaNop: Anything
    ThongTinSuaDoi: Anything
    LyDoDieuChinh: Text = None
    TenTepDangKy: Text = None
    URLTepDangKy: LongText = None
    TaiLieuNop: Files = ()


class Supplement(Wire):
    """The wrapper of a supplement [C]."""

    service: Text = None
    isUpdating: Flag = None
    data: SupplementData


class TaxNotice(Wire):
    """Thông báo thuế: the path is [C], the fields are [S]."""

    MaHoSo: Code
    SoThongBao: Text = None
    NgayThongBao: Day = None
    HanNop: Day = None
    SoTien: Amount = None
    NguoiNopThue: Text = None
    MaSoThue: Text = None
    NoiDung: Text = None
    TaiLieuNop: Files = ()


class MinistryResult(Wire):
    """Kết quả of a ministry [S]."""

    MaHoSo: Code
    MaHoSoDonVi: MaybeCode = None
    TrangThaiHoSo: Text = None
    NgayKetThucXuLy: Instant = None
    NoiDung: Text = None
    DanhSachGiayToKetQua: Files = ()


def other_fields(sent: Mapping[str, Any], known: type[Wire]) -> dict[str, Any]:
    """The fields of *sent* that *known* does not have."""
    return {name: value for name, value in sent.items() if name not in known.model_fields}
