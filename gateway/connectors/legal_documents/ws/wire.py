"""The answers of the SOAP service, field for field [S]; dates as dd/MM/yyyy, 01/01/0001 for no date."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from gateway.core.canonical import Wire
from gateway.core.lenient import read_base64
from gateway.core.wire_types import ROWS, Code, Count, Identifier, LawDay, Text, Texts

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,64}$")]


class WireSummary(Wire):
    """``VanBanTomTat``."""

    Id: Id
    SoKyHieu: Text = None
    TrichYeu: Text = None
    LoaiVanBan: Text = None
    CoQuanBanHanh: Text = None
    NgayBanHanh: LawDay = None
    NgayHieuLuc: LawDay = None
    NgayHetHieuLuc: LawDay = None
    TinhTrangHieuLuc: Text = None


class WireRelation(Wire):
    """``VanBanLienQuan``; ``Chieu`` DI is from this document to the other, DEN from the other to this one."""

    LoaiQuanHe: Code = None
    Chieu: Text = None
    Id: Identifier = None
    SoKyHieu: Text = None


class WireDocument(WireSummary):
    """``VanBan``."""

    NguoiKy: Texts = ()
    LinhVuc: Texts = ()
    VanBanLienQuan: Annotated[tuple[WireRelation | None, ...], ROWS] = ()


class WireDetail(Wire):
    """The answer of ``ChiTietVanBan``."""

    VanBan: WireDocument


class WireSearch(Wire):
    """The answer of ``TimKiemVanBan``."""

    TongSo: Count = None
    Trang: Count = None
    VanBan: Annotated[tuple[WireSummary | None, ...], ROWS] = ()


class WireContent(Wire):
    """The answer of ``NoiDungVanBan``."""

    Id: Id
    TenTep: Text = None
    KieuNoiDung: Text = None
    NoiDung: Annotated[bytes, BeforeValidator(read_base64)] = b""
