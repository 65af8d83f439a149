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


async def paper(system: System, code: str = SEEDED[9]) -> bytes:
    """The certificate as it is sent."""
    return base64.b64decode((await system.entry(code))["ketQuaXuLy"]["phieuLLTP"])


async def test_bad_papers_are_inside_a_sound_answer(system: System) -> None:
    """Cut, no PDF, empty: number and holder beside it stay right."""
    whole = await system.entry(SEEDED[9])
    found = {}
    for how in ("truncated", "not_pdf", "empty"):
        assert (await system.fault("nhanTrangThai", "bad_paper", how=how))[0] == 200
        found[how] = await paper(system)
        entry = await system.entry(SEEDED[9])
        assert {**entry["ketQuaXuLy"], "phieuLLTP": ""} == {**whole["ketQuaXuLy"], "phieuLLTP": ""}

    sound = base64.b64decode(whole["ketQuaXuLy"]["phieuLLTP"])
    assert found["truncated"] == sound[: len(sound) // 2]
    assert found["not_pdf"].startswith(b"PK")
    assert found["empty"] == b""


async def test_another_persons_paper_comes_under_this_dossier(system: System) -> None:
    """It opens, and names somebody else; the dossier's code and the number beside it are right."""
    register = Register(system.country.world)
    mine, whole = register.find(SEEDED[9]), await system.entry(SEEDED[9])
    await system.fault("nhanTrangThai", "bad_paper", how="another")
    entry = await system.entry(SEEDED[9])
    text = text_of(base64.b64decode(entry["ketQuaXuLy"]["phieuLLTP"]))

    assert mine is not None
    assert mine.holder.full_name not in text
    assert "PHIẾU LÝ LỊCH TƯ PHÁP" in text
    assert entry["maHoSoMCDT"] == SEEDED[9]
    assert entry["ketQuaXuLy"]["soPhieuLLTP"] == whole["ketQuaXuLy"]["soPhieuLLTP"]


async def test_huge_paper_still_opens(system: System) -> None:
    """Its size alone is the trouble."""
    await system.fault("nhanTrangThai", "bad_paper", how="huge", megabytes=2)
    found = await paper(system)

    assert len(found) > 2 * 1_048_576
    assert "PHIẾU LÝ LỊCH TƯ PHÁP" in text_of(found)


async def test_bad_paper_passes_over_an_answer_without_one(system: System) -> None:
    """Before the issue the answer is as on a calm day; a call that never has a paper is refused by name."""
    calm = await system.status(SEEDED[4])
    await system.fault("nhanTrangThai", "bad_paper")
    struck = await system.status(SEEDED[4])
    status, told = await system.fault("guiHoSo", "bad_paper")

    assert struck == calm
    assert (status, "has no paper" in told["error"]) == (400, True)


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
