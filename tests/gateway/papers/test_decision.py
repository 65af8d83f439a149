"""Whose paper it is, by its text."""

from __future__ import annotations

import unicodedata

import pytest

from gateway.core.papers import Expected
from gateway.papers.decision import whose

TEXT = """BẢN THỬ NGHIỆM Số: 00042/2026/STP-LLTP
1. Họ và tên: Nguyễn Thị Ưu
7. Số định danh cá nhân: 082187900001
10. Họ và tên cha: Nguyễn Văn Ất
Phó Trưởng phòng: Lê Thị Bích Phượng"""
ALL = Expected(number="00042/2026/STP-LLTP", full_name="Nguyễn Thị Ưu", identity_number="082187900001")


@pytest.mark.parametrize(
    ("text", "result"),
    [
        (TEXT, "good"),
        (TEXT.upper(), "good"),
        (unicodedata.normalize("NFD", TEXT), "good"),
        (TEXT.replace("Họ và tên: Nguyễn", "Họ và tên:\n Nguyễn"), "good"),
        (TEXT.replace("Họ và tên:", "Họ, chữ đệm và tên khai sinh:"), "good"),
        (TEXT.replace("Nguyễn Thị Ưu", "Trần Văn Ý"), "other_person"),
        (TEXT.replace("Nguyễn Thị Ưu", "Nguyễn Thị Ưu Tú"), "other_person"),
        (TEXT.replace("Nguyễn Thị Ưu\n", "Nguyễn Thị Ưu 2. Giới tính: Nữ\n"), "good"),
        (TEXT.replace("Nguyễn Thị Ưu\n", "Nguyễn Thị Ưu Giới tính: Nữ\n"), "good"),
        (TEXT + "\n1. Họ và tên: Trần Văn Ý", "other_person"),
        (TEXT.replace("082187900001", "082187900002"), "other_person"),
        (TEXT.replace("7. Số định danh cá nhân: 082187900001", ""), "good"),
        (TEXT.replace("00042/", "100042/"), "other_number"),
        (TEXT.replace("Số: 00042/2026/STP-LLTP", ""), "other_number"),
        ("x", "no_text"),
    ],
)
def test_paper_is_the_holders_or_anothers(text: str, result: str) -> None:
    """Compared as people read: case, Unicode form and line breaks apart; a part of a word is not the word."""
    assert whose(text, ALL)[0] == result


def test_what_is_not_known_is_not_compared() -> None:
    """An application that is known by its number alone is held to that."""
    assert whose(TEXT, Expected(number="00042/2026/STP-LLTP")) == ("good", ("number",))
    assert whose(TEXT, Expected()) == ("good", ())
