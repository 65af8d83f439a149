"""The settings that make an entry of the configuration a ministry: what differs from one to the next is data."""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from gateway.core.inbound import PullPace
from gateway.core.settings import Frozen, UpstreamSettings
from gateway.dossiers.codes import LocalCodes, nearest
from gateway.dossiers.sentences import SentenceRules
from gateway.dossiers.status import StatusWord

AGENCY: Final = r"^[0-9]{3}\.[0-9]{2}\.[0-9]{2}\.[GH][0-9]{2}$"
PATH: Final = r"^[A-Za-z0-9._~-]+(/[A-Za-z0-9._~-]+)*$"
INSTANTS: Final = (
    "NgayTiepNhan", "NgayHenTra", "NgayTra", "NgayKetThucXuLy", "ThoiDiemXuLy", "NgayBatDau", "NgayKetThucTheoQuyDinh",
    "NgayBoSung", "NgayTiepNhanBoSung", "NgayHenTraTruoc", "NgayHenTraMoi",
)  # fmt: skip
"""Fields with an instant, in the national portal's names."""
TEXTS: Final = (
    "MaHoSo", "MaTTHC", "TenTTHC", "MaLinhVuc", "TenLinhVuc", "KenhThucHien", "ChuHoSo", "LoaiDoiTuong", "MaDoiTuong",
    "ThongTinKhac", "Email", "Fax", "SoDienThoai", "TrichYeuHoSo", "TrangThaiHoSo", "ThongTinTra", "HinhThuc",
    "DonViXuLy", "GhiChu", "TaiLieuNop", "DanhSachLePhi", "DanhSachTepDinhKemKhac", "DanhSachHoSoBoSung",
    "DanhSachGiayToKetQua", "NguoiXuLy", "ChucDanh", "PhongBanXuLy", "NoiDungXuLy", "TrangThai",
)  # fmt: skip
"""The other fields of a dossier and of a step."""
_TOKENS: Final = {"yyyy": "%Y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}
_TOKEN: Final = re.compile("yyyy|MM|dd|HH|mm|ss")
_REST: Final = re.compile(r"[-/ :T.]*")


def _date_form(value: str) -> str:
    """*value*; raises :class:`ValueError` unless it has year, month and day in the letters of the ministries."""
    found = _TOKEN.findall(value)
    if len(set(found)) != len(found) or not {"yyyy", "MM", "dd"} <= set(found):
        raise ValueError("is not a form of a date; use yyyy, MM, dd and HH, mm, ss, as dd/MM/yyyy HH:mm:ss")
    if not _REST.fullmatch(_TOKEN.sub("", value)):
        raise ValueError("has other letters than yyyy, MM, dd, HH, mm, ss")
    return value


DateForm = Annotated[str, AfterValidator(_date_form)]
"""How a ministry writes an instant: ``yyyyMMddHHmmss``, ``dd/MM/yyyy HH:mm:ss``, ``yyyy-MM-dd``."""


def strftime_of(form: str) -> str:
    """*form* in the letters of :meth:`datetime.datetime.strftime`."""
    return _TOKEN.sub(lambda found: _TOKENS[found[0]], form)


class DossierCodes(Frozen):
    """The issuer of the codes of dossiers that are sent, and how they begin."""

    issued_by: Literal["province", "ministry"] = Field(
        default="province", description="province: any code of it is sent; ministry: only codes that begin with agency"
    )
    agency: str | None = Field(
        default=None, pattern=AGENCY, description="agency that the ministry's codes begin with; needed with ministry"
    )

    @model_validator(mode="after")
    def _named(self) -> Self:
        if self.issued_by == "ministry" and self.agency is None:
            raise ValueError("issued_by: ministry needs agency, with which its codes begin")
        return self


class MinistrySettings(UpstreamSettings):
    """One ministry: its address and the province's place in its books."""

    agency: str = Field(
        pattern=AGENCY, description="madonvi: the agency of the province in whose name is asked, as 000.00.01.H58"
    )
    codes: LocalCodes = Field(
        default=LocalCodes(), description="the province's own codes, accepted beside the portal's"
    )
    statuses: dict[StatusWord, Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{1,20}$")]] = Field(
        default={},
        description="the ministry's codes by status, such as {in_process: '3'}; where there are any, a status that is "
        "not among them is refused",
    )
    pull: PullPace | None = Field(
        default=None,
        description="how often it is asked for what it has for the province; needs a store; not said: never",
    )
    sentences: SentenceRules = Field(
        default=(), description="what its sentences mean, such as {says: thử lại, kind: try_again}; the first rule wins"
    )


class PortalSettings(MinistrySettings):
    """A ministry whose portal is shaped like the national one."""

    fields: dict[str, Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$")]] = Field(
        default={}, description="the ministry's own names of fields by the national portal's: {MaDoiTuong: SoDinhDanh}"
    )
    date_form: DateForm = Field(default="yyyyMMddHHmmss", description="how it writes an instant")
    date_forms: dict[str, DateForm] = Field(
        default={}, description="other forms by field, in the national portal's names: {NgayHenTra: dd/MM/yyyy}"
    )
    dossier_codes: DossierCodes = Field(default=DossierCodes(), description="who issues the codes of dossiers")
    others_send: bool = Field(
        default=False,
        description="another program sends dossiers of this province too, or did: the ministry is asked before each",
    )
    newer_replaces: bool = Field(
        default=False, description="a newer state of a dossier takes the place of one that waits and never left"
    )
    most_in_list: int = Field(default=50, ge=1, le=500, description="dossiers or steps in one message")

    @model_validator(mode="after")
    def _known(self) -> Self:
        names = {*INSTANTS, *TEXTS}
        for field in self.fields:
            if field not in names:
                raise ValueError(
                    f"fields: {field!r} is not a field; the nearest are {', '.join(nearest(field, names))}"
                )
        for field in self.date_forms:
            if field not in INSTANTS:
                near = ", ".join(nearest(field, INSTANTS))
                raise ValueError(f"date_forms: {field!r} is not a field with an instant; the nearest are {near}")
        written: dict[str, str] = {}
        for name in sorted(names):
            theirs = self.fields.get(name, name)
            if (other := written.setdefault(theirs, name)) != name:
                raise ValueError(f"fields: {other} and {name} would both be sent as {theirs}; give each its own name")
        return self
