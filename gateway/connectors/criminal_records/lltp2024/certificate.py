"""The judgments and bans that a certificate names, as rows of the canonical answer; without I/O."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from gateway.connectors.criminal_records.lltp2024.wire import (
    WireBan,
    WireJudgment,
    WireOffence,
    WirePenalty,
    WireResult,
)
from gateway.core.canonical import PartialDate
from gateway.core.unread import UNREAD, Unread

Row = dict[str, object] | None
"""None: it was there, and could not be read."""


def convictions(result: WireResult) -> list[Row]:
    """``thongTinAn``."""
    return _rows(map(_conviction, result.thongTinAn))


def live(judgments: Iterable[Row], today: date) -> list[bool | None]:
    """Of each judgment whether it is not expunged by *today*; None where that can't be read."""
    return [None if row is None else _is_live(row["expunged_on"], today) for row in judgments]


def _is_live(expunged: object, today: date) -> bool | None:
    if isinstance(expunged, PartialDate):
        return expunged.value > today.isoformat()
    return None if expunged is UNREAD else True


def position_bans(result: WireResult) -> list[Row]:
    """``dsCDNCV``."""
    return _rows(map(_position_ban, result.dsCDNCV))


def _rows(found: Iterable[Row]) -> list[Row]:
    """*found* without those that say nothing: a judgment or a ban without a word is not one."""
    return [row for row in found if row is None or any(value not in (None, []) for value in row.values())]


def _conviction(found: WireJudgment | None) -> Row:
    if found is None:
        return None
    duties = [duty for duty in (found.nghiaVuDanSu, found.anPhi) if duty is not None]
    return {
        "judgment_number": found.soBanAn,
        "judged_on": found.ngayBanAn,
        "court_code": found.toaDaTuyen,
        "court": found.tenToaDaTuyen,
        "offences": [name for one in found.dsToiDanh if (name := _offence(one)) is not None],
        "articles": found.dieuKhoan,
        "principal_penalties": [name for one in found.dsHinhPhatChinh if (name := _penalty(one)) is not None],
        "additional_penalties": [name for one in found.dsHinhPhatBoSung if (name := _penalty(one)) is not None],
        "civil_obligations": UNREAD if UNREAD in duties else "; ".join(map(str, duties)) or None,
        "execution_state": found.tinhTrangThiHanh,
        "served_on": found.ngayChapHanh,
        "expunged_on": found.ngayXoaAn,
    }


def _offence(found: WireOffence | None) -> str | Unread | None:
    return UNREAD if found is None else found.tenToiDanh or found.toiDanh or found.tenToiDanh


def _penalty(found: WirePenalty | None) -> str | Unread | None:
    if found is None:
        return UNREAD
    name = found.tenHinhPhat or found.maHinhPhat
    return ": ".join(part for part in (name, found.noiDungHinhPhatBoSung or found.ghiChu) if part) or name


def _position_ban(found: WireBan | None) -> Row:
    if found is None:
        return None
    return {
        "decision_number": found.soQuyetDinh,
        "decided_on": found.ngayQuyetDinh,
        "court": found.toaAnQD,
        "position": found.chucVuCam,
        "duration": found.thoiHanCam,
        "banned_from": found.camTuNgay,
    }
