"""The answers of the SOAP service, field for field [S]; dates as dd/MM/yyyy, 01/01/0001 for no date."""

from __future__ import annotations

import base64
import binascii
from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, Field

from gateway.core.canonical import Wire
from gateway.core.lenient import one_or_many, read_date, read_int, text


def _decoded(value: object) -> bytes:
    if value is None:
        return b""
    try:
        return base64.b64decode("".join(str(value).split()), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("not base64") from None


Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,64}$")]
Text = Annotated[str | None, BeforeValidator(text)]
Day = Annotated[date | None, BeforeValidator(read_date)]
Count = Annotated[int | None, BeforeValidator(read_int)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(one_or_many)]


class WireSummary(Wire):
    """``VanBanTomTat``."""

    Id: Id
    SoKyHieu: Text = None
    TrichYeu: Text = None
    LoaiVanBan: Text = None
    CoQuanBanHanh: Text = None
    NgayBanHanh: Day = None
    NgayHieuLuc: Day = None
    NgayHetHieuLuc: Day = None
    TinhTrangHieuLuc: Text = None


class WireRelation(Wire):
    """``VanBanLienQuan``; ``Chieu`` DI is from this document to the other, DEN from the other to this one."""

    LoaiQuanHe: Text = None
    Chieu: Text = None
    Id: Text = None
    SoKyHieu: Text = None


class WireDocument(WireSummary):
    """``VanBan``."""

    NguoiKy: Texts = ()
    LinhVuc: Texts = ()
    VanBanLienQuan: Annotated[tuple[WireRelation, ...], BeforeValidator(one_or_many)] = ()


class WireDetail(Wire):
    """The answer of ``ChiTietVanBan``."""

    VanBan: WireDocument


class WireSearch(Wire):
    """The answer of ``TimKiemVanBan``."""

    TongSo: Count = None
    Trang: Count = None
    VanBan: Annotated[tuple[WireSummary, ...], BeforeValidator(one_or_many)] = ()


class WireContent(Wire):
    """The answer of ``NoiDungVanBan``."""

    Id: Id
    TenTep: Text = None
    KieuNoiDung: Text = None
    NoiDung: Annotated[bytes, BeforeValidator(_decoded)] = b""
