"""The answer of ``danhsachhoso``; ``contracts/ministry_portals/README.md`` marks each field."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator

from gateway.core.canonical import Wire
from gateway.core.days import read_instant
from gateway.core.lenient import read_code
from gateway.core.unread import tolerant
from gateway.core.wire_types import ROWS, Code, Raw, Required, Text

maybe_instant = tolerant(read_instant)


class WireRow(Wire):
    """A dossier of the list."""

    MaHoSo: Required
    MaTTHC: Text = None
    TenTTHC: Text = None
    MaLinhVuc: Text = None
    TenLinhVuc: Text = None
    KenhThucHien: Code = None
    ChuHoSo: Raw = None
    LoaiDoiTuong: Raw = None
    MaDoiTuong: Raw = None
    SoDienThoai: Raw = None
    Email: Raw = None
    TrichYeuHoSo: Raw = None
    NgayTiepNhan: Raw = None
    NgayHenTra: Raw = None
    TrangThaiHoSo: Code = None
    DonViXuLy: Raw = None
    TaiLieuNop: Raw = None


class WireList(Wire):
    """The answer: a code, and the dossiers."""

    error_code: Annotated[str, BeforeValidator(read_code)]
    message: Text = None
    data: Annotated[tuple[WireRow | None, ...], ROWS] = ()
