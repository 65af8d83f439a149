"""The answer of the health insurance gateway, field for field [G]."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, PlainValidator

from gateway.core.canonical import Wire
from gateway.core.lenient import read_digits, table_code
from gateway.core.unread import Unread, tolerant
from gateway.core.wire_types import Code, Day, Identifier, LifeDate, Text

Number = Annotated[str | Unread | None, PlainValidator(tolerant(read_digits, (10, 12)))]
"""A BHXH number, or a card's that has no letters."""
Facility = Annotated[str | Unread | None, PlainValidator(tolerant(read_digits, (5,)))]
NotRead = Annotated[None, PlainValidator(lambda _: None)]


def read_result(value: object) -> str | None:
    """A ``maKetQua`` with the zeros that are lost where it comes as a number."""
    return table_code(value, 3)


class WireCard(Wire):
    """The answer of ``KQNhanLichSuKCB2024``; its treatment history is not read, because no procedure needs it."""

    maKetQua: Annotated[str, BeforeValidator(read_result)]
    ghiChu: Text = None
    maThe: Number = None
    hoTen: Text = None
    ngaySinh: LifeDate = None
    gioiTinh: Code = None
    diaChi: Text = None
    maDKBD: Facility = None
    cqBHXH: Text = None
    gtTheTu: Day = None
    gtTheDen: Day = None
    maKV: Identifier = None
    ngayDu5Nam: Day = None
    maSoBHXH: Number = None
    maTheCu: Number = None
    maTheMoi: Number = None
    gtTheTuMoi: Day = None
    gtTheDenMoi: Day = None
    maDKBDMoi: Facility = None
    tenDKBDMoi: Text = None
    dsLichSuKCB: NotRead = None
    dsLichSuKCB2018: NotRead = None
    dsLichSuKT2018: NotRead = None
