"""The messages that a portal pushes to the province: hồ sơ mới, bổ sung, thông báo thuế, kết quả."""

from __future__ import annotations

import base64
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import count, cycle, islice
from typing import Any, Final

from mocks.engine.pushing import MakePush, Outgoing, PushWish
from mocks.engine.service import World
from mocks.one_stop_shop.dossiers import Applicant, applicants, instant, procedure_for

MOST_FILES: Final = 2_000
"""Files that can be fetched; older ones are forgotten."""
_PEOPLE: Final = 300
_NAMES: Final = ("to-khai.pdf", "giay-to-kem-theo.pdf")


class Outbox:
    """The messages of one portal, each about a dossier of a made-up citizen; a reset makes a new one."""

    def __init__(self, world: World, *, agency: str, key: str) -> None:
        self._world = world
        self._agency = agency
        self._key = key
        self._numbers = count(1)
        self._applicants: Iterator[Applicant] = cycle(islice(applicants(world), _PEOPLE))
        self._files: OrderedDict[str, bytes] = OrderedDict()
        self._filed: OrderedDict[str, Applicant] = OrderedDict()

    def pushes(self) -> Mapping[str, MakePush]:
        """The makers of all kinds."""
        return {
            "dossier": self.dossier,
            "supplement": self.supplement,
            "tax_notice": self.tax_notice,
            "result": self.result,
        }

    def file(self, address: object) -> bytes | None:
        """The file at an address that a message named; None where there is no such file."""
        return self._files.get(str(address))

    def filed(self, code: str) -> bool:
        """Whether a dossier of this code was pushed; the oldest are forgotten."""
        return code in self._filed

    def dossier(self, wish: PushWish) -> Outgoing:
        """Hồ sơ mới, flat [C]."""
        applicant, number = next(self._applicants), next(self._numbers)
        code = wish.code or self._code(number)
        procedure = procedure_for(applicant, number)
        self._filed[code] = applicant
        while len(self._filed) > MOST_FILES:
            self._filed.popitem(last=False)
        body = {
            "MaHoSo": code,
            "MaTTHC": procedure.code,
            "TenTTHC": procedure.title,
            "MaLinhVuc": procedure.field_code,
            "TenLinhVuc": procedure.field,
            "SoVanBan": f"{number}/DVCQG",
            "NgayNopHoSo": instant(self._world.clock.now()),
            "ChuHoSo": applicant.name,
            "LoaiDoiTuong": applicant.kind,
            "MaDoiTuong": applicant.identifier,
            "SoDienThoai": applicant.phone,
            "Email": applicant.email,
            "TrichYeuHoSo": procedure.title,
            "DonViXuLy": procedure.agency,
            "TaiLieuNop": self._attached(code, wish),
        }
        return Outgoing(code, body, self._key)

    def supplement(self, wish: PushWish) -> Outgoing:
        """Bổ sung hồ sơ, in its wrapper; the file of the registration is fetched at its address [C]."""
        number = next(self._numbers)
        code, applicant = self._of_before(wish, number)
        data: dict[str, Any] = {
            "MaHoSoQG": code,
            "ThongTinDaNop": {"SoDienThoai": applicant.phone, "Email": applicant.email},
            "ThongTinSuaDoi": {"SoDienThoai": f"09{number:08d}", "Email": applicant.email},
            "LyDoDieuChinh": "Công dân điều chỉnh thông tin liên hệ",
        }
        if wish.files != "none":
            data |= {"TenTepDangKy": "to-khai-bo-sung.pdf", "URLTepDangKy": self._kept(code, f"bo-sung-{number}.pdf")}
        return Outgoing(code, {"service": "BoSungHoSo", "isUpdating": "True", "data": data}, self._key)

    def tax_notice(self, wish: PushWish) -> Outgoing:
        """Thông báo thuế đất đai; its fields are our assumption [S]."""
        number = next(self._numbers)
        code, applicant = self._of_before(wish, number)
        today = self._world.clock.today()
        body = {
            "MaHoSo": code,
            "SoThongBao": f"TB-{number:06d}",
            "NgayThongBao": today.isoformat(),
            "HanNop": (today + timedelta(days=30)).isoformat(),
            "SoTien": str(100_000 + 1_000 * number),
            "NguoiNopThue": applicant.name,
            "MaSoThue": applicant.identifier,
            "NoiDung": "Lệ phí trước bạ và thuế thu nhập cá nhân",
            "TaiLieuNop": self._attached(code, wish)[:1],
        }
        return Outgoing(code, body, self._key)

    def result(self, wish: PushWish) -> Outgoing:
        """Kết quả of a dossier that the province had sent [S]."""
        number = next(self._numbers)
        code, _ = self._of_before(wish, number)
        body = {
            "MaHoSo": code,
            "TrangThaiHoSo": "9",
            "NgayKetThucXuLy": instant(self._world.clock.now()),
            "DanhSachGiayToKetQua": self._attached(code, wish)[:1],
        }
        return Outgoing(code, body, self._key)

    def _of_before(self, wish: PushWish, number: int) -> tuple[str, Applicant]:
        """The dossier that a message is about: the one that is named, the newest, or one that was never pushed."""
        code = wish.code or next(reversed(self._filed), self._code(number))
        return code, self._filed.get(code) or next(self._applicants)

    def _code(self, number: int) -> str:
        return f"{self._agency}-{self._world.clock.today():%y%m%d}-{number:04d}"

    def _attached(self, code: str, wish: PushWish) -> list[dict[str, object]]:
        if wish.files == "none":
            return []
        rows: list[dict[str, object]] = []
        for place, name in enumerate(_NAMES, 1):
            row: dict[str, object] = {"TenTepDinhKem": name, "MaThanhPhanHoSo": f"TP{place}"}
            if wish.files == "inline":
                row["Base64"] = base64.b64encode(paper(f"{code} {name}")).decode()
            else:
                row["DuongDan"] = self._kept(code, name)
            rows.append(row)
        return rows

    def _kept(self, code: str, name: str) -> str:
        address = f"/tep/{code}/{name}"
        self._files[address] = paper(f"{code} {name}")
        while len(self._files) > MOST_FILES:
            self._files.popitem(last=False)
        return address


def paper(text: str) -> bytes:
    """A PDF of one empty page that tells *text* in a comment: it opens, and needs no library."""
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
    )
    written, places = bytearray(b"%PDF-1.4\n% " + text.encode("ascii", "replace") + b"\n"), []
    for number, one in enumerate(objects, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%b\nendobj\n" % (number, one)
    start = len(written)
    written += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    written += b"".join(b"%010d 00000 n \n" % place for place in places)
    written += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(written)
