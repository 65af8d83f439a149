"""The answers of the NGSP, field for field: three answers [G], the contribution history and the frame of a list [S]."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Final

from pydantic import BeforeValidator, Field, model_validator

from gateway.core.canonical import PartialDate, Wire
from gateway.core.lenient import one_or_many, read_decimal, read_partial_date, text, trimmed_keys

_COMPACT_MONTH: Final = re.compile(r"^[0-9]{6}$")


def read_compact(value: object) -> PartialDate | None:
    """A date as these services write it (yyyyMMdd, yyyyMM, yyyy), or in another of the known formats."""
    read = text(value)
    if read is not None and _COMPACT_MONTH.match(read):
        return PartialDate.of(int(read[:4]), int(read[4:]))
    return read_partial_date(read)


def read_digits(width: int) -> Callable[[object], str | None]:
    """A reader of codes of *width* digits that gives back leading zeros lost where a source writes a number."""

    def read(value: object) -> str | None:
        found = text(value)
        return found.zfill(width) if found is not None and found.isdigit() else found

    return read


def facts_of(body: object) -> object:
    """*body* without the ``data`` frame of some provinces' adapters and without blanks around its keys."""
    trimmed = trimmed_keys(body)
    if isinstance(trimmed, dict) and "data" in trimmed:
        return trimmed["data"]
    return trimmed


def read_number(value: object) -> str | None:
    """A BHXH number of 10 or 12 digits, with leading zeros lost where a source writes a number."""
    found = text(value)
    return read_digits(10 if found is None or len(found) <= 10 else 12)(found)


Number = Annotated[str, BeforeValidator(read_number), Field(pattern=r"^([0-9]{10}|[0-9]{12})$")]
Text = Annotated[str | None, BeforeValidator(text)]
When = Annotated[PartialDate | None, BeforeValidator(read_compact)]
Money = Annotated[Decimal | None, BeforeValidator(read_decimal)]


class Framed(Wire):
    """An answer that may be inside a ``data`` frame."""

    @model_validator(mode="before")
    @classmethod
    def _unframe(cls, body: object) -> object:
        return facts_of(body)


class WireNumber(Framed):
    """The answer of ``getMaSoBhxhTheoTieuChi``."""

    maSoBhxh: Number
    trangThai: Text = None
    errorCode: Text = None


class WireParticipant(Framed):
    """The answer of ``getTraCuuTtHgdByMaSoBhxh``; by the guide it does not repeat the number."""

    maSoBhxh: Annotated[str | None, BeforeValidator(read_number)] = None
    hoTen: str
    soSoCu: Text = None
    ngaySinh: When = None
    loaiNgaySinh: Text = None
    gioiTinh: Text = None
    maTinhKs: Annotated[str | None, BeforeValidator(read_digits(2))] = None
    maHuyenKs: Annotated[str | None, BeforeValidator(read_digits(3))] = None
    maXaKs: Annotated[str | None, BeforeValidator(read_digits(5))] = None
    trangThai: Text = None
    errorCode: Text = None


class WireMember(Framed):
    """One member in the answer of ``getTraCuuThongTinHgd``."""

    maSo: Number
    hoTen: str
    ngaySinh: When = None
    loaiNgaySinh: Text = None
    gioiTinh: Text = None
    maHo: Text = None
    diaChi: Text = None
    trangThai: Text = None


class WireHousehold(Wire):
    """The answer of ``getTraCuuThongTinHgd``: a list without a name, or one member alone."""

    thanhVien: tuple[WireMember, ...]

    @model_validator(mode="before")
    @classmethod
    def _name_the_list(cls, body: object) -> object:
        return {"thanhVien": one_or_many(facts_of(body))}


class WireContribution(Framed):
    """One span of ``quaTrinhDong`` [S]."""

    tuThang: Annotated[PartialDate, BeforeValidator(read_compact)]
    denThang: When = None
    maDonVi: Text = None
    tenDonVi: Text = None
    chucDanh: Text = None
    mucDong: Money = None
    loaiDong: Text = None


class WireContributions(Framed):
    """The answer of ``getQuaTrinhDong`` [S]."""

    maSoBhxh: Number
    quaTrinhDong: Annotated[tuple[WireContribution, ...], BeforeValidator(one_or_many)]
    errorCode: Text = None
