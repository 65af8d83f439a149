"""Dossiers of the population, in the portals' spelling."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from mocks.engine import working_days
from mocks.engine.clock import HANOI
from mocks.engine.service import World
from mocks.one_stop_shop.procedures import Procedure, procedures
from mocks.one_stop_shop.records import Dossier, Step

STATUSES: Final[Mapping[str, str]] = {
    "1": "newly_registered",  # mới đăng ký
    "2": "received",  # được tiếp nhận
    "3": "not_received",  # không được tiếp nhận
    "4": "in_process",  # đang xử lý
    "5": "supplement_requested",  # yêu cầu bổ sung giấy tờ
    "6": "payment_requested",  # yêu cầu thực hiện nghĩa vụ tài chính
    "7": "withdrawn",  # công dân yêu cầu rút hồ sơ
    "8": "stopped",  # dừng xử lý
    "9": "finished",  # đã xử lý xong
    "10": "handed_over",  # đã trả kết quả
}
"""`TrangThaiHoSo` [C], and the uniform API's word for each."""
CHANNELS: Final[Mapping[str, str]] = {"1": "counter", "2": "online", "3": "post"}
"""`KenhThucHien` as `KENH` [C] of the procedure."""
_OF_ENTERPRISES: Final = "Thành lập và hoạt động của doanh nghiệp"
_WITH_RESULT: Final = frozenset({"9", "10"})
_OPENED: Final = datetime(2026, 1, 5, 8, 30, tzinfo=HANOI)


@dataclass(frozen=True, slots=True)
class Applicant:
    """Chủ hồ sơ: a citizen, or an enterprise with the person who represents it."""

    kind: str
    """`LoaiDoiTuong`: "1" citizen, "2" enterprise."""
    identifier: str
    name: str
    phone: str
    email: str


def instant(at: datetime) -> str:
    """Returns a time in the portals' form: yyyyMMddHHmmss, in Vietnam [C]."""
    return f"{at.astimezone(HANOI):%Y%m%d%H%M%S}"


def applicants(world: World) -> Iterator[Applicant]:
    """Yields applicants without end: two citizens, then an enterprise; the same on every day."""
    people, enterprises = world.population.people, world.population.enterprises
    index = 0
    while True:
        index += 1
        person = people[(index * 29) % len(people)]
        if index % 3:
            yield Applicant("1", person.citizen_id, person.full_name, person.phone, person.email or "")
        else:
            enterprise = enterprises[index % len(enterprises)]
            head = people.representing(enterprise.index)
            yield Applicant("2", enterprise.code, enterprise.name, head.phone, head.email or "")


def procedure_for(applicant: Applicant, turn: int) -> Procedure:
    """Returns a procedure for the applicant: registrations of enterprises for enterprises, others for citizens."""
    of_enterprises = [known for known in procedures() if known.field == _OF_ENTERPRISES]
    others = [known for known in procedures() if known.field != _OF_ENTERPRISES]
    offered = of_enterprises if applicant.kind == "2" else others
    return offered[turn % len(offered)]


def dossier(code: str, applicant: Applicant, procedure: Procedure, status: str, received_at: datetime) -> Dossier:
    """Returns a dossier with all fields of a portal; missing values are empty text, as in public code [C]."""
    due_at = working_days.after(received_at, procedure.days) + timedelta(hours=17)
    ended = instant(due_at) if status in _WITH_RESULT else ""
    return {
        "MaHoSo": code,
        "MaTTHC": procedure.code,
        "TenTTHC": procedure.title,
        "MaLinhVuc": procedure.field_code,
        "TenLinhVuc": procedure.field,
        "KenhThucHien": "2" if applicant.kind == "1" else "1",
        "ChuHoSo": applicant.name,
        "LoaiDoiTuong": applicant.kind,
        "MaDoiTuong": applicant.identifier,
        "ThongTinKhac": "",
        "Email": applicant.email,
        "Fax": "",
        "SoDienThoai": applicant.phone,
        "TrichYeuHoSo": procedure.title,
        "NgayTiepNhan": instant(received_at),
        "NgayHenTra": instant(due_at),
        "TrangThaiHoSo": status,
        "NgayTra": ended if status == "10" else "",
        "ThongTinTra": "",
        "HinhThuc": "0",
        "NgayKetThucXuLy": ended,
        "DonViXuLy": procedure.agency,
        "GhiChu": "",
        "TaiLieuNop": [_declaration(code, procedure)],
        "DanhSachLePhi": [_fee(procedure)] if procedure.fee else [],
        "DanhSachTepDinhKemKhac": [],
        "DanhSachHoSoBoSung": [],
        "DanhSachGiayToKetQua": [result(code, procedure.code)] if status in _WITH_RESULT else [],
    }


def _declaration(code: str, procedure: Procedure) -> dict[str, object]:
    return {
        "TepDinhKemId": f"{code}-1",
        "TenTepDinhKem": "to-khai.pdf",
        "IsDeleted": "False",
        "MaThanhPhanHoSo": f"{procedure.code}-1",
        "DuongDanTaiTepTin": f"https://mot-cua.invalid/tep/{code}-1",
    }


def _fee(procedure: Procedure) -> dict[str, object]:
    return {
        "TenPhiLePhi": "Lệ phí",
        "MaPhiLePhi": "1",
        "HinhThucThu": "1",
        "Gia": str(procedure.fee),
        "LoaiPhiLePhi": "1",
    }


def result(code: str, procedure: str) -> dict[str, object]:
    """Returns one result paper of a dossier."""
    return {
        "TenGiayTo": "Giấy tờ kết quả",
        "MaThanhPhanHoSo": f"KQ.{procedure}",
        "GiayToId": f"{code}-KQ",
        "DuongDanTepTinKetQua": f"https://mot-cua.invalid/tep/{code}-KQ",
    }


def step(held: Dossier, at: datetime, status: str) -> Step:
    """Returns one step of the handling of a dossier."""
    return {
        "MaHoSo": held["MaHoSo"],
        "NguoiXuLy": "Trần Thị Mai Phương",
        "ChucDanh": "Chuyên viên",
        "ThoiDiemXuLy": instant(at),
        "PhongBanXuLy": held["DonViXuLy"],
        "NoiDungXuLy": "Tiếp nhận hồ sơ" if status == "2" else "Xử lý hồ sơ",
        "TrangThai": status,
        "NgayBatDau": held["NgayTiepNhan"],
        "NgayKetThucTheoQuyDinh": held["NgayHenTra"],
    }


def seeded(world: World, first: str) -> Iterator[Dossier]:
    """Yields the twelve dossiers that a portal has at start, in every state; *first* is the code of the first one."""
    stem, _, number = first.rpartition("-")
    for index, applicant in enumerate(islice(applicants(world), 12)):
        procedure = procedure_for(applicant, index)
        status = str(index % 10 + 1)
        received_at = _OPENED + timedelta(days=index % 5, minutes=17 * index)
        yield dossier(f"{stem}-{int(number) + index:04d}", applicant, procedure, status, received_at)


def first_step(held: Dossier) -> Step:
    """Returns the step that was reported for a seeded dossier."""
    received_at = datetime.strptime(str(held["NgayTiepNhan"]), "%Y%m%d%H%M%S").replace(tzinfo=HANOI)
    return step(held, received_at + timedelta(minutes=5), str(held["TrangThaiHoSo"]))
