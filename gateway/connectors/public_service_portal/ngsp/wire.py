"""The portal's answers, field for field [C]; ``contracts/public_service_portal/README.md`` marks each."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BeforeValidator, PlainValidator

from gateway.core.canonical import Wire
from gateway.core.days import read_instant
from gateway.core.lenient import one_or_many, read_base64
from gateway.core.unread import Unread, tolerant
from gateway.core.wire_types import ROWS, Code, Count, Identifier, Required, Text
from gateway.dossiers.answers import WireAnswer, WireForm

Instant = Annotated[datetime | Unread | None, PlainValidator(tolerant(read_instant))]
NotRead = Annotated[None, PlainValidator(lambda _: None)]
"""A field of the contract that the uniform answer does not have."""


class WireStep(Wire):
    """A step of ``TienDo``, as it was reported."""

    MaHoSo: Identifier = None
    NguoiXuLy: Text = None
    ChucDanh: NotRead = None
    ThoiDiemXuLy: Instant = None
    PhongBanXuLy: Text = None
    NoiDungXuLy: Text = None
    TrangThai: Code = None
    NgayBatDau: NotRead = None
    NgayKetThucTheoQuyDinh: NotRead = None


class WireDossier(WireForm):
    """A dossier of ``TraCuuHoSo``."""

    TienDo: Annotated[tuple[WireStep | None, ...], ROWS] = ()


class WireDossiers(WireAnswer):
    """The answer of ``TraCuuHoSo``."""

    result: Annotated[tuple[WireDossier | None, ...], ROWS]


class WireFile(Wire):
    """A file in Base64 [S]."""

    TenTepDinhKem: Text = None
    Base64: Annotated[bytes, BeforeValidator(read_base64)]


class WireGivenFile(WireAnswer):
    """The answer of ``getfile``."""

    result: WireFile


# ---- procedures


class WireField(Wire):
    """An entry of ``LINHVUCTHUCHIEN``."""

    MALINHVUC: Text = None
    TENLINHVUC: Text = None


class WireAgency(Wire):
    """An entry of ``COQUANTHUCHIEN``."""

    MADONVI: Text = None
    TENDONVI: Text = None


class WireStage(Wire):
    """An entry of ``TRINHTU``."""

    TENTRINHTU: Text = None


class WireStages(Wire):
    """An entry of ``TRINHTUTHUCHIEN``."""

    TRUONGHOP: Text = None
    TRINHTU: Annotated[tuple[WireStage | None, ...], ROWS] = ()


class WireFee(Wire):
    """An entry of ``PHILEPHI``."""

    MAPHILEPHI: Text = None
    SOTIEN: Count = None
    DONVI: Text = None
    MOTA: Text = None


def _rows_or_none(value: object) -> object:
    """The rows; None where the list is missing, which is not the same as an empty one."""
    return None if value is None else one_or_many(value)


class WireTime(Wire):
    """An entry of ``THOIGIAN``; its list of fees is None where it is missing."""

    THOIGIANGIAIQUYET: Count = None
    DONVITINH: Text = None
    MOTA: Text = None
    PHILEPHI: Annotated[tuple[WireFee | None, ...] | None, BeforeValidator(_rows_or_none)] = None


class WireWay(Wire):
    """An entry of ``CACHTHUCTHUCHIEN``."""

    KENH: Code = None
    THOIGIAN: Annotated[tuple[WireTime | None, ...], ROWS] = ()


class WirePaper(Wire):
    """An entry of ``GIAYTO``."""

    MAGIAYTO: Text = None
    TENGIAYTO: Text = None
    TENMAUDON: Text = None
    URL: Text = None
    SOBANCHINH: Count = None
    SOBANSAO: Count = None


class WireComponents(Wire):
    """An entry of ``THANHPHANHOSO``."""

    TRUONGHOP: Text = None
    GIAYTO: Annotated[tuple[WirePaper | None, ...], ROWS] = ()


class WireResult(Wire):
    """An entry of ``KETQUATHUCHIEN``."""

    MAKETQUA: Text = None
    TENKETQUA: Text = None


class WireBasis(Wire):
    """An entry of ``CANCUPHAPLY``."""

    SOVANBAN: Text = None
    TENVANBAN: Text = None


class WireProcedure(Wire):
    """A procedure; the list has its first four fields alone [S]."""

    MATTHC: Required
    TENTTHC: Required
    LINHVUCTHUCHIEN: Annotated[tuple[WireField | None, ...], ROWS] = ()
    COQUANTHUCHIEN: Annotated[tuple[WireAgency | None, ...], ROWS] = ()
    TRANGTHAI: Code = None
    TRINHTUTHUCHIEN: Annotated[tuple[WireStages | None, ...], ROWS] = ()
    CACHTHUCTHUCHIEN: Annotated[tuple[WireWay | None, ...], ROWS] = ()
    THANHPHANHOSO: Annotated[tuple[WireComponents | None, ...], ROWS] = ()
    YEUCAU: Text = None
    MOTADOITUONGTHUCHIEN: Text = None
    KETQUATHUCHIEN: Annotated[tuple[WireResult | None, ...], ROWS] = ()
    CANCUPHAPLY: Annotated[tuple[WireBasis | None, ...], ROWS] = ()


class WireProcedures(WireAnswer):
    """The answer of ``LayDanhSachTTHC`` and ``LayThuTuc``."""

    result: Annotated[tuple[WireProcedure | None, ...], ROWS]
