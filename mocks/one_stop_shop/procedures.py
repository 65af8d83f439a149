"""Thủ tục hành chính that a portal publishes. Titles are like those of provinces; codes, times, fees are made up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

_TABLE: Final = Path(__file__).with_name("procedures.tsv")
_CODE: Final = "9.{:06d}.000.00.00.H58"
"""The test range begins with 9; real codes begin with 1, 2 or 3."""
_IN_PERSON, _ONLINE, _BY_POST = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Procedure:
    """One administrative procedure."""

    code: str
    title: str
    field_code: str
    field: str
    agency: str
    agency_code: str
    days: int
    """Working days."""
    fee: int
    """Đồng."""

    def brief(self) -> dict[str, object]:
        """Returns the procedure in the form of the list of all procedures [S]."""
        return {
            "MATTHC": self.code,
            "TENTTHC": self.title,
            "LINHVUCTHUCHIEN": [{"MALINHVUC": self.field_code, "TENLINHVUC": self.field}],
            "COQUANTHUCHIEN": [{"MADONVI": self.agency_code, "TENDONVI": self.agency}],
        }

    def whole(self) -> dict[str, object]:
        """Returns the procedure in the form of the answer to a request by code [C]."""
        return {
            **self.brief(),
            "TRANGTHAI": "1",
            "TRINHTUTHUCHIEN": [{"TRUONGHOP": "", "TRINHTU": [{"TENTRINHTU": step} for step in _STEPS]}],
            "CACHTHUCTHUCHIEN": [self._way(way) for way in (_IN_PERSON, _ONLINE, _BY_POST)],
            "THANHPHANHOSO": [
                {
                    "TRUONGHOP": "",
                    "GIAYTO": [self._paper(number, name, form) for number, (name, form) in enumerate(_PAPERS, 1)],
                }
            ],
            "YEUCAU": "Không",
            "MOTADOITUONGTHUCHIEN": "Công dân Việt Nam; Doanh nghiệp",
            "KETQUATHUCHIEN": [{"MAKETQUA": f"KQ.{self.code}", "TENKETQUA": f"Kết quả: {self.title}"}],
            "CANCUPHAPLY": [{"SOVANBAN": "61/2018/NĐ-CP", "TENVANBAN": _LEGAL_BASIS}],
        }

    def _paper(self, number: int, name: str, form: str) -> dict[str, object]:
        code = f"{self.code}-{number}"
        where = f"https://dichvucong.invalid/mau/{code}.docx" if form else ""
        return {
            "MAGIAYTO": code,
            "TENGIAYTO": name,
            "TENMAUDON": form,
            "URL": where,
            "SOBANCHINH": "1",
            "SOBANSAO": "0",
        }

    def _way(self, way: int) -> dict[str, object]:
        fee = {"MAPHILEPHI": f"{self.code}-LP", "SOTIEN": str(self.fee), "DONVI": "Đồng", "MOTA": "Lệ phí"}
        fees = [fee] if self.fee else []
        time = {"THOIGIANGIAIQUYET": self.days, "DONVITINH": "Ngày làm việc", "MOTA": "", "PHILEPHI": fees}
        return {"KENH": way, "THOIGIAN": [time]}


_STEPS: Final = ("Nộp hồ sơ", "Tiếp nhận và kiểm tra hồ sơ", "Giải quyết hồ sơ", "Trả kết quả")
_PAPERS: Final = (("Tờ khai theo mẫu", "Mẫu số 01"), ("Bản sao giấy tờ tùy thân", ""))
_LEGAL_BASIS: Final = "Nghị định về thực hiện cơ chế một cửa, một cửa liên thông trong giải quyết thủ tục hành chính"


@cache
def procedures() -> Sequence[Procedure]:
    """Returns all procedures, in order."""
    lines = _TABLE.read_text(encoding="utf-8").splitlines()[1:]
    rows = [line.split("\t") for line in lines]
    agencies = {agency: f"000.00.{number:02d}.H58" for number, agency in enumerate(sorted({row[2] for row in rows}), 1)}
    return tuple(
        Procedure(_CODE.format(number), title, field_code, field, agency, agencies[agency], int(days), int(fee))
        for number, (field_code, field, agency, days, fee, title) in enumerate(rows, 101)
    )
