"""Sentence rules: what a free sentence means does not depend on how it is typed."""

from __future__ import annotations

import unicodedata
from typing import Final, Literal

import pytest
from pydantic import TypeAdapter, ValidationError

from gateway.dossiers.sentences import SentenceKind, SentenceRule, SentenceRules, SentenceTable

RULES: Final = (
    SentenceRule(says="logic không hợp lệ", kind="final"),
    SentenceRule(says="thử lại", kind="try_again"),
    SentenceRule(says="đã tồn tại", kind="known"),
    SentenceRule(says="Thành công", kind="accepted"),
    SentenceRule(says="hoà giải xong", kind="accepted"),
)
READ: Final[tuple[tuple[str, SentenceKind | None], ...]] = (
    ("Thành công", "accepted"),
    ("Cập nhật trạng thái THÀNH CÔNG.", "accepted"),
    ("thành\u00a0công", "accepted"),
    ("Thành,\ncông", "accepted"),
    ("Đồng bộ thành công; không có cảnh báo", "accepted"),
    ("Không có cảnh báo; đồng bộ thành công", "accepted"),
    ("Hòa giải xong", "accepted"),
    ("HOÀ GIẢI XONG", "accepted"),
    ("Hồ sơ đã tồn tại trên hệ thống", "known"),
    ("Hồ sơ \u0110Ã TỒN TẠI", "known"),
    ("Hồ sơ \u00d0ã tồn tại", "known"),
    ("Hệ thống bận, vui lòng thử lại sau", "try_again"),
    ("Logic không hợp lệ: trạng thái 4 trước 3", "final"),
    ("logic KHÔNG HỢP LỆ", "final"),
    ("Cập nhật không thành công", None),
    ("Chưa cập nhật thành công", None),
    ("Không thể đồng bộ hồ sơ thành công", None),
    ("Hồ sơ chưa đã tồn tại", None),
    ("Thanh cong", None),
    ("Thành công\u0323", None),
    ("Công thành", None),
    ("Thành nghiệp công", None),
    ("", None),
)
FORMS: Final[tuple[Literal["NFC", "NFD", "NFKC", "NFKD"], ...]] = ("NFC", "NFD", "NFKC", "NFKD")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("said", "kind"), READ)
def test_a_sentence_means_the_same_in_each_unicode_form(
    said: str, kind: SentenceKind | None, form: Literal["NFC", "NFD", "NFKC", "NFKD"]
) -> None:
    """Case, Unicode form, blanks and punctuation do not matter; a tone, an order of words and a denial do."""
    assert SentenceTable.of(RULES).kind_of(unicodedata.normalize(form, said)) == kind


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("said", "kind"), READ)
def test_a_rule_is_read_in_each_unicode_form(
    said: str, kind: SentenceKind | None, form: Literal["NFC", "NFD", "NFKC", "NFKD"]
) -> None:
    """Rules are normalised as sentences are: a file that an editor saved in another form changes nothing."""
    rules = tuple(SentenceRule(says=unicodedata.normalize(form, one.says.upper()), kind=one.kind) for one in RULES)

    assert SentenceTable.of(rules).kind_of(said) == kind


def test_letters_that_look_alike_are_the_same() -> None:
    """Cyrillic and Greek letters, wide ones and marks that nobody sees are read as the Latin letters that they show."""
    table = SentenceTable.of(RULES)

    assert table.kind_of("Th\u0430\u0300nh c\u043e\u0302ng") == "accepted"
    assert table.kind_of("\u0422h\u00e0\u200bnh c\u00f4ng") == "accepted"
    assert table.kind_of("\uff34hành công") == "accepted"
    assert table.kind_of("Th\u03b1\u0300nh c\u03bf\u0302ng") == "accepted"


def test_the_first_rule_that_fits_decides() -> None:
    """A longer rule before a shorter one is the exception of it."""
    rules = (SentenceRule(says="không thành công", kind="final"), SentenceRule(says="không thành", kind="try_again"))

    assert SentenceTable.of(rules).kind_of("Cập nhật không thành công") == "final"
    assert SentenceTable.of(rules).kind_of("Cập nhật không thành") == "try_again"


def test_a_rule_that_never_applies_is_refused() -> None:
    """A rule behind one that fits the same sentences is a mistake of the configuration, which names both."""
    rules = [{"says": "không hợp lệ", "kind": "final"}, {"says": "logic KHÔNG hợp lệ", "kind": "try_again"}]

    with pytest.raises(ValidationError, match="'logic KHÔNG hợp lệ' never applies, because 'không hợp lệ'"):
        TypeAdapter(SentenceRules).validate_python(rules)


def test_a_rule_for_success_does_not_hide_its_denial() -> None:
    """A rule that denies may come after the one for success, because success is never read where a clause denies."""
    rules = [{"says": "thành công", "kind": "accepted"}, {"says": "không thành công", "kind": "final"}]
    read = TypeAdapter(SentenceRules).validate_python(rules)

    assert SentenceTable.of(read).kind_of("Cập nhật không thành công") == "final"
    assert SentenceTable.of(read).kind_of("Cập nhật thành công") == "accepted"


@pytest.mark.parametrize("says", ["", "...", " - "])
def test_a_rule_has_words(says: str) -> None:
    """A rule without words would fit every sentence, so it is refused."""
    with pytest.raises(ValidationError, match="has no word"):
        SentenceRule(says=says, kind="accepted")


def test_a_long_answer_is_read_in_bounds() -> None:
    """What follows the first 4,000 characters is not read: it is no sentence of a portal."""
    assert SentenceTable.of(RULES).kind_of("x " * 2_000 + "thành công") is None
    assert SentenceTable.of(RULES).kind_of("thành công " + "x " * 100_000) == "accepted"
