"""Vietnamese text: cleaned, and folded for comparing."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.vietnamese import COMPOSED, Spellings, cleaned, folded, folded_number, same_name

VOWELS: Final = "aăâeêioôơuưy"
TONES: Final = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
LETTERS: Final = [
    *(unicodedata.normalize("NFC", vowel + tone) for vowel in VOWELS for tone in TONES),
    *"bcdđghklmnpqrstvx ",
]
UNSEEN: Final = ["\u200b", "\u200d", "\u200e", "\u202e", "\u2066", "\u2069", "\ufeff", "\xad", "\x00", "\x1b", "\x85"]


# ---- cleaned


@pytest.mark.parametrize("mark", UNSEEN)
def test_what_is_not_seen_is_taken_out(mark: str) -> None:
    """Controls, zero-width marks and those that turn the direction of a line."""
    assert cleaned(f"Lê{mark} Bằng{mark}") == "Lê Bằng"


@pytest.mark.parametrize("blank", ["\xa0", "\u2003", "\u202f", "\u3000"])
def test_every_blank_is_a_plain_one(blank: str) -> None:
    """Hard and wide ones too."""
    assert cleaned(f"Lê{blank}Bằng") == "Lê Bằng"


@pytest.mark.parametrize("value", ["Điều 1\n\tKhoản 2\r\n", "58/2020/QH14", "🇻🇳", "\ue000"])
def test_what_is_seen_is_kept(value: str) -> None:
    """Lines, tabs, and letters that this Unicode does not know."""
    assert cleaned(value) == value


@pytest.mark.parametrize("read", [cleaned, folded, folded_number])
@pytest.mark.parametrize("marks", ["\u0301\u0316", "\u05b0\u0591", "\U0001d165\U0001d167"])
def test_heap_of_marks_is_cut_before_it_is_sorted(read: Callable[[str], str], marks: str) -> None:
    """Sorting a heap takes time with the square of its height; a letter has at most thirty."""
    found = unicodedata.normalize("NFD", read("b" + marks * 100_000 + "c" + marks[0]))

    assert found.startswith("b")
    assert found.endswith("c" + marks[0])
    assert sum(unicodedata.combining(char) > 0 for char in found) == 31


def test_thirty_marks_are_kept() -> None:
    """What Unicode's stream-safe form allows is left as it is."""
    heap = "b" + "\u0316" * 30

    assert cleaned(heap * 3) == heap * 3


@pytest.mark.parametrize("before", range(33))
def test_one_mark_too_many_is_taken_wherever_it_stands(before: int) -> None:
    """The thirty-first mark of a letter goes, however many letters stand before."""
    assert cleaned("a" * before + "b" + "\u0316" * 31) == "a" * before + "b" + "\u0316" * 30


@given(st.from_regex(COMPOSED, fullmatch=True))
def test_vietnamese_in_composed_letters_is_clean(value: str) -> None:
    """What readers take as it came is what cleaning would make of it."""
    assert cleaned(value) == value


def test_all_vietnamese_letters_are_composed_ones() -> None:
    """In either case."""
    assert COMPOSED.fullmatch("".join(LETTERS) + "".join(LETTERS).upper())


@given(st.text(st.characters()))
def test_clean_text_is_composed_and_clean(value: str) -> None:
    """Of any text: cleaning it again changes nothing."""
    found = cleaned(value)

    assert cleaned(found) == found == unicodedata.normalize("NFC", found)
    assert not any(unicodedata.category(char) in {"Cf", "Cs", "Zl", "Zp"} for char in found)


# ---- folded

SAME: Final = [
    ("Nguyễn Thị Thúy", "NGUYỄN THỊ THUÝ"),
    ("Lê Thị Hoà", "Lê Thị Hòa"),
    ("Uỷ ban nhân dân", "Ủy ban nhân dân"),
    ("Trần Thị Khoẻ", "trần thị khỏe"),
    ("Quý", "Qúy"),
    ("Đặng Thuỳ", "Ðặng Thùy"),
    ("Đỗ", "\u0189ỗ"),
    ("đường", "ðường"),
    ("Đỗ", "D\u0335ỗ"),
    ("H'Hen Niê", "H\u2019Hen Niê"),
    ("H'Hen Nie", "H`Hen  nie "),
    ("Lê Bằng", "Lê\u200b\xa0Bằng\x00"),
    ("Nguyễn", unicodedata.normalize("NFD", "NGUYỄN")),
]
OTHERS: Final = [
    ("Nguyễn Thị Thúy", "Nguyễn Thị Thủy"),
    ("An", "Ân"),
    ("Hoà", "Hoa"),
    ("Lê Bằng", "Lê Bang"),
    ("Đỗ", "Dỗ"),
    ("Tuân", "Tuấn"),
    ("Hoàng", "Hoáng"),
    ("Mạnh Hà", "Mành Hạ"),
    ("An Na", "Anna"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_spellings_of_one_name_are_the_same(one: str, other: str) -> None:
    """In both directions, with the tone on either vowel and any look-alike of Đ."""
    assert same_name(one, other)
    assert same_name(other, one)
    assert folded(one) == folded(other)


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_other_diacritics_are_another_name(one: str, other: str) -> None:
    """Which tone it is, and every mark of a letter, tells people apart."""
    assert not same_name(one, other)


@given(st.text(LETTERS, min_size=1, max_size=40))
def test_a_name_is_the_same_in_either_form_and_any_case(name: str) -> None:
    """Composed and decomposed letters, capitals and doubled blanks do not make another person."""
    assert folded(unicodedata.normalize("NFD", name).upper()) == folded(unicodedata.normalize("NFC", name.upper()))
    assert folded(f"  {name}  ") == folded(name)


@given(st.text(st.characters(), max_size=40))
def test_folding_twice_is_folding_once(value: str) -> None:
    """Of any text, as a name or as a number."""
    assert folded(folded(value)) == folded(value)
    assert folded_number(folded_number(value)) == folded_number(value)


# ---- numbers of documents


@pytest.mark.parametrize(
    "typed",
    [
        "61/2018/NĐ-CP",
        " 061 / 2018/nđ \u2013 cp",
        "61/2018/N\u00d0-CP",
        "61/2018/n\u00f0-cp",
        "61/2018/NĐ\u2011C\u0420",
        "61/2018/\u039dĐ-CP",
        "61/2018/NĐ-\u0421P",
        "\uff16\uff11/2018/NĐ\uff0dCP",
        "61\u2215" + "2018\u2044NĐ\u2212CP\u200b",
        unicodedata.normalize("NFD", "0061/2018/nđ-cp"),
    ],
)
def test_spellings_of_one_number_are_the_same(typed: str) -> None:
    """Case, blanks, dashes, zeros in front, and letters of another script that look alike."""
    assert folded_number(typed) == folded_number("61/2018/NĐ-CP")


@pytest.mark.parametrize("other", ["610/2018/NĐ-CP", "61/2018/QĐ-CP", "61/2018/ND-CP", "6/12018/NĐ-CP", "61/2018/NĐ-C"])
def test_another_number_stays_another(other: str) -> None:
    """A zero within a number counts, and D is not Đ."""
    assert folded_number(other) != folded_number("61/2018/NĐ-CP")


# ---- tables


@pytest.mark.parametrize(
    "spelt",
    ["Hết hiệu lực", "HẾT HIỆU LỰC", " Hết\xa0hiệu  lực", unicodedata.normalize("NFD", "Hết hiệu lực")],
)
def test_an_entry_is_found_in_any_spelling(spelt: str) -> None:
    """And nothing else is."""
    table = Spellings({"Hết hiệu lực": 1, "CHL": 2})

    assert (table.get(spelt), table.get("chl")) == (1, 2)
    assert [table.get(other) for other in (None, "", "Het hieu luc", "HHL")] == [None] * 4
