"""Certificates are PDF that open, with every letter of Vietnamese."""

from __future__ import annotations

import base64
import io
import unicodedata
from datetime import UTC, datetime

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]  # ships no types
from pypdf import PdfReader

from mocks.population import Population
from mocks.services.criminal_records.certificate import FONT, Paper, render
from mocks.services.criminal_records.register import Register
from tests.mocks.services.criminal_records.support import NEW, SEEDED, System


def text_of(pdf: bytes) -> str:
    """What a reader sees."""
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


async def test_certificate_names_its_holder(system: System) -> None:
    """The paper opens, and holds the name of the person whom the application is for, and its number."""
    result = (await system.entry(SEEDED[9]))["ketQuaXuLy"]
    known = Register(system.country.world).find(SEEDED[9])

    text = text_of(base64.b64decode(result["phieuLLTP"]))

    assert known is not None
    assert known.holder.full_name in text
    assert result["soPhieuLLTP"] in text
    assert "PHIẾU LÝ LỊCH TƯ PHÁP SỐ 1" in text
    assert "KHÔNG CÓ GIÁ TRỊ PHÁP LÝ" in text


async def test_certificate_of_a_new_application(system: System) -> None:
    """What was declared is what is printed, in composed letters however it was sent."""
    await system.submit(toKhai__nycHoTen=unicodedata.normalize("NFD", "Đặng Thị Ngọc Ưởng"))
    await system.advance("P3D")

    entry = await system.entry(NEW)

    assert "Đặng Thị Ngọc Ưởng" in text_of(base64.b64decode(entry["ketQuaXuLy"]["phieuLLTP"]))


async def test_convicted_and_revoked_are_among_the_samples(system: System) -> None:
    """There is one who was convicted and banned, and one whose certificate was revoked by a decision that opens."""
    codes = [f"000.00.04.H58-260105-{number:04d}" for number in range(22, 36)]
    results = [(await system.entry(code))["ketQuaXuLy"] for code in codes]

    convicted = [result for result in results if result["thongTinAn"]]
    revoked = [result for result in results if result["quyetDinhThuHoi"]]

    assert convicted
    assert all(result["dsCDNCV"] for result in convicted)
    assert len(revoked) == 1
    assert "THU HỒI" in text_of(base64.b64decode(revoked[0]["quyetDinhThuHoi"]))


def test_same_paper_gives_the_same_bytes() -> None:
    """Rendering is deterministic."""
    paper = Paper("1", "PHIẾU", ("Họ và tên: Ỷ Ỹ Ẵ",), datetime(2026, 1, 5, tzinfo=UTC))

    first = render.__wrapped__(paper)

    assert first == render.__wrapped__(paper)
    assert "Ỷ Ỹ Ẵ" in text_of(first)


def test_font_has_every_letter_of_the_population() -> None:
    """No name and no place of the country falls out of the paper."""
    letters = set(TTFont(FONT).getBestCmap())
    people = Population(1).people

    used = {
        ord(letter)
        for person in map(people.__getitem__, range(0, len(people), 7))
        for text in (person.full_name, person.address.after_reform, person.birth_place.new_province)
        for letter in text
    }

    assert used <= letters
