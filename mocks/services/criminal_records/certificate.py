"""Papers as PDF, with every letter of Vietnamese: the certificate, and the decision to revoke it.

Each has a specimen notice at the top. Rendering takes about ten milliseconds; the last papers are cached.
"""

from __future__ import annotations

import logging
import sys
import threading
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from mocks.services.criminal_records.applications import Application

FONT: Final = Path(__file__).parent / "assets" / "DejaVuSans-Vietnamese.ttf"
# fpdf2 would print each letter missing in the font to standard error.
logging.getLogger("fpdf").setLevel(logging.ERROR)
_FAMILY: Final = "DejaVu"
_SPECIMEN: Final = "BẢN THỬ NGHIỆM, KHÔNG CÓ GIÁ TRỊ PHÁP LÝ"
_OFFICE: Final = "CÔNG AN TỈNH ĐỒNG THÁP"
_NATION: Final = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
_MOTTO: Final = "Độc lập - Tự do - Hạnh phúc"


@dataclass(frozen=True, slots=True)
class Paper:
    """One page of text."""

    number: str
    title: str
    lines: tuple[str, ...]
    issued_at: datetime


def certificate(application: Application) -> bytes:
    """Returns Phiếu lý lịch tư pháp (forms 06 and 07 of 2013/TT-LLTP) as PDF."""
    holder, day = application.holder, application.issued_on
    lines = [
        f"1. Họ và tên: {holder.full_name}",
        f"2. Giới tính: {holder.sex}",
        f"3. Ngày, tháng, năm sinh: {holder.born}",
        f"4. Nơi sinh: {holder.birth_place}",
        f"5. Quốc tịch: {holder.nationality}",
        f"6. Nơi thường trú: {holder.residence}",
        f"7. Số định danh cá nhân / giấy tờ: {holder.identity_number}",
        f"8. Tình trạng án tích: {conviction_text(application)}",
        f"9. Thông tin về cấm đảm nhiệm chức vụ, thành lập, quản lý doanh nghiệp, hợp tác xã: {ban_text(application)}",
        "",
        f"Đồng Tháp, ngày {day:%d} tháng {day:%m} năm {day:%Y}",
        f"{SIGNER_POSITION}: {SIGNER}",
    ]
    title = f"PHIẾU LÝ LỊCH TƯ PHÁP SỐ {application.form}"
    return render(Paper(application.certificate_number, title, tuple(lines), _noon(application)))


def decision(application: Application) -> bytes:
    """Returns Quyết định thu hồi Phiếu as PDF."""
    lines = (
        f"Thu hồi Phiếu lý lịch tư pháp số {application.certificate_number}.",
        "Lý do: cấp sai thông tin nhân thân.",
    )
    return render(
        Paper(f"{application.quirk}/QĐ", "QUYẾT ĐỊNH THU HỒI PHIẾU LÝ LỊCH TƯ PHÁP", lines, _noon(application))
    )


SIGNER: Final = "Thượng tá Nguyễn Đức Ưu"
SIGNER_POSITION: Final = "Phó Trưởng phòng Hồ sơ nghiệp vụ"


def conviction_text(application: Application) -> str:
    """Returns ``tenTinhTrangAnTich`` [S]."""
    return "Có án tích" if application.convicted else "Không có án tích"


def ban_text(application: Application) -> str:
    """Returns ``tenThongTinCDNCV`` [S]."""
    kept_from = "đảm nhiệm chức vụ, thành lập, quản lý doanh nghiệp, hợp tác xã"
    return f"Bị cấm {kept_from}" if application.convicted else f"Không bị cấm {kept_from}"


def _noon(application: Application) -> datetime:
    return datetime.combine(application.issued_on, time(5), UTC)


@lru_cache(maxsize=256)
def render(paper: Paper) -> bytes:
    """Returns *paper* as PDF; the same paper gives the same bytes."""
    fpdf = import_module("fpdf")
    page = fpdf.FPDF(format="A4")
    page.set_creation_date(paper.issued_at)
    page.set_title(paper.title)
    page.set_lang("vi")
    page.add_page()
    page.add_font(_FAMILY, fname=FONT)
    _head(page, paper)
    page.set_font(_FAMILY, size=11)
    for line in paper.lines:
        page.multi_cell(0, 7, unicodedata.normalize("NFC", line), new_x="LMARGIN", new_y="NEXT")
    return bytes(page.output())


def _head(page: Any, paper: Paper) -> None:
    page.set_font(_FAMILY, size=9)
    page.cell(0, 6, _SPECIMEN, align="C", border=1, new_x="LMARGIN", new_y="NEXT")
    page.ln(4)
    page.cell(80, 6, _OFFICE, align="C")
    page.cell(0, 6, _NATION, align="C", new_x="LMARGIN", new_y="NEXT")
    page.cell(80, 6, f"Số: {paper.number}", align="C")
    page.cell(0, 6, _MOTTO, align="C", new_x="LMARGIN", new_y="NEXT")
    page.ln(8)
    page.set_font(_FAMILY, size=15)
    page.cell(0, 10, paper.title, align="C", new_x="LMARGIN", new_y="NEXT")
    page.ln(4)


def warm_up() -> None:
    """Loads the PDF library in a thread: a third of a second, which must not delay start or event loop."""
    if "fpdf" not in sys.modules:
        threading.Thread(target=import_module, args=("fpdf",), name="load-fpdf", daemon=True).start()
