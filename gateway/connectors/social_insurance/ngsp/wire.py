"""The answers of the NGSP, field for field: three answers [G], the contribution history and the frame of a list [S]."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from gateway.core.canonical import PartialDate, Wire
from gateway.core.days import LIFE, read_partial_date
from gateway.core.lenient import one_or_many, read_digits
from gateway.core.wire_types import ROWS, Amount, Code, District, Identifier, LifeDate, Province, Required, Text, Ward


def facts_of(body: object) -> object:
    """*body* without the ``data`` frame of some provinces' adapters."""
    return body["data"] if isinstance(body, dict) and "data" in body else body


Number = Annotated[
    str, BeforeValidator(lambda value: read_digits(value, (10, 12))), Field(pattern=r"^([0-9]{10}|[0-9]{12})$")
]
"""A BHXH number."""
Month = Annotated[PartialDate, BeforeValidator(lambda value: read_partial_date(value, LIFE))]


class Framed(Wire):
    """An answer that may be inside a ``data`` frame."""

    _open = model_validator(mode="before")(facts_of)

    @classmethod
    def opened(cls, body: object) -> object:
        return facts_of(body)


class WireNumber(Framed):
    """The answer of ``getMaSoBhxhTheoTieuChi``."""

    maSoBhxh: Number
    trangThai: Code = None
    errorCode: Code = None


class WireParticipant(Framed):
    """The answer of ``getTraCuuTtHgdByMaSoBhxh``; by the guide it does not repeat the number."""

    maSoBhxh: Number | None = None
    hoTen: Required
    soSoCu: Identifier = None
    ngaySinh: LifeDate = None
    loaiNgaySinh: Code = None
    gioiTinh: Code = None
    maTinhKs: Province = None
    maHuyenKs: District = None
    maXaKs: Ward = None
    trangThai: Code = None
    errorCode: Code = None


class WireMember(Wire):
    """One member in the answer of ``getTraCuuThongTinHgd``."""

    maSo: Number
    hoTen: Required
    ngaySinh: LifeDate = None
    loaiNgaySinh: Code = None
    gioiTinh: Code = None
    maHo: Identifier = None
    diaChi: Text = None
    trangThai: Code = None


def _household(body: object) -> object:
    """*body* with a name for its list."""
    if isinstance(body, dict) and body.keys() == {"thanhVien"}:
        return body
    return {"thanhVien": one_or_many(facts_of(body))}


class WireHousehold(Wire):
    """The answer of ``getTraCuuThongTinHgd``: a list without a name, or one member alone."""

    thanhVien: tuple[WireMember | None, ...]

    _open = model_validator(mode="before")(_household)

    @classmethod
    def opened(cls, body: object) -> object:
        return _household(body)


class WireContribution(Wire):
    """One span of ``quaTrinhDong`` [S]."""

    tuThang: Month
    denThang: LifeDate = None
    maDonVi: Identifier = None
    tenDonVi: Text = None
    chucDanh: Text = None
    mucDong: Amount = None
    loaiDong: Code = None


class WireContributions(Framed):
    """The answer of ``getQuaTrinhDong`` [S]."""

    maSoBhxh: Number
    quaTrinhDong: Annotated[tuple[WireContribution | None, ...], ROWS]
    errorCode: Code = None
