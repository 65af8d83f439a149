"""The answer of the health insurance gateway, field for field [G]."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, model_validator

from gateway.core.canonical import PartialDate, Wire
from gateway.core.lenient import read_date, read_partial_date, text, trimmed_keys

Text = Annotated[str | None, BeforeValidator(text)]
Unread = Annotated[None, BeforeValidator(lambda _: None)]
Day = Annotated[date | None, BeforeValidator(read_date)]


def read_code(value: object) -> str | None:
    """A ``maKetQua`` with the zeros that are lost where it comes as a number."""
    code = text(value)
    return code.zfill(3) if code is not None and code.isdecimal() else code


class WireCard(Wire):
    """The answer of ``KQNhanLichSuKCB2024``; its treatment history is not read, because no procedure needs it."""

    maKetQua: Annotated[str, BeforeValidator(read_code)]
    ghiChu: Text = None
    maThe: Text = None
    hoTen: Text = None
    ngaySinh: Annotated[PartialDate | None, BeforeValidator(read_partial_date)] = None
    gioiTinh: Text = None
    diaChi: Text = None
    maDKBD: Text = None
    cqBHXH: Text = None
    gtTheTu: Day = None
    gtTheDen: Day = None
    maKV: Text = None
    ngayDu5Nam: Day = None
    maSoBHXH: Text = None
    maTheCu: Text = None
    maTheMoi: Text = None
    gtTheTuMoi: Day = None
    gtTheDenMoi: Day = None
    maDKBDMoi: Text = None
    tenDKBDMoi: Text = None
    dsLichSuKCB: Unread = None
    dsLichSuKCB2018: Unread = None
    dsLichSuKT2018: Unread = None

    @model_validator(mode="before")
    @classmethod
    def _trim(cls, body: object) -> object:
        return trimmed_keys(body)
