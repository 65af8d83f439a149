"""Vietnamese text: how it is cleaned, and how two spellings of the same words are told to be the same.

Sources and officers type with different keyboards and paste from different programs: letters in parts, the tone on
another vowel (``Hòa``, ``Hoà``), Eth for ``Đ``, marks that nobody sees. All functions are pure.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Final, Generic, Literal, TypeVar

V = TypeVar("V")

_CONTROLS: Final = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff"
"""Control characters (line feed, carriage return and tab apart), halves of characters, and two that XML can't carry."""
_UNSEEN: Final = (
    "\xad\u0600-\u0605\u061c\u06dd\u070f\u08e2\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000110bd\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001-\U000e007f"
)
"""Characters of Unicode's category Cf: zero-width marks, and those that turn the direction of a line."""
_BLANKS: Final = "\xa0\u1680\u2000-\u200a\u202f\u205f\u3000"
_LINES: Final = "\u2028\u2029"

CONTROL: Final = re.compile(f"[{_CONTROLS}]")
_ODD: Final = re.compile(f"[{_CONTROLS}{_UNSEEN}]+|([{_BLANKS}])|([{_LINES}])")
_INSTEAD: Final[dict[int | None, str]] = {None: "", 1: " ", 2: "\n"}
"""By the group of the pattern."""

_MOST_MARKS: Final = 30
"""Marks on one letter, as Unicode's stream-safe form has it (UAX 15 section 13); Vietnamese has two at most."""
_BLOCKS: Final = (
    "[\u0300-\u036f\u0483-\u1dff\u20d0-\u20f0\u2cef-\u2dff\u302a-\u302f\u3099\u309a\ua66f-\uabff\ufb1e\ufe20-\ufe2f"
    "\U00010000-\U0001ffff]"
)
"""Characters of the blocks that have marks, of which most are not marks."""
_IN_BLOCKS: Final = re.compile(_BLOCKS)
_MAY_BE_MARKS: Final = re.compile(f"{_BLOCKS}{{{_MOST_MARKS + 1},}}")


def normalized(value: str, form: Literal["NFC", "NFD", "NFKC"]) -> str:
    """*value* in a Unicode form, with at most 30 marks on a letter: sorting a heap of them takes time with the square
    of its height, half a minute for 200 KB.
    """
    # A run of 31 characters has one at each 31st place: to look there costs a thirtieth of a search.
    if _IN_BLOCKS.search(value[_MOST_MARKS :: _MOST_MARKS + 1]):
        value = _MAY_BE_MARKS.sub(_with_few_marks, value)
    return unicodedata.normalize(form, value)


def _with_few_marks(run: re.Match[str]) -> str:
    kept = []
    marks = 0
    for char in run[0]:
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks <= _MOST_MARKS:
            kept.append(char)
    return "".join(kept)


_ASCII_CONTROLS: Final = bytes({*range(0x20), 0x7F} - set(b"\n\r\t"))


def is_plain(value: str) -> bool:
    """Whether *value* is ASCII without control characters: a file in base64 is so long that a pattern would take half a
    second to say so.
    """
    if not value.isascii():
        return False
    return value.isprintable() or len(value.encode("ascii").translate(None, _ASCII_CONTROLS)) == len(value)


def cleaned(value: str) -> str:
    """*value* in Unicode NFC without characters that are not seen; any blank is a plain one."""
    if not value.isprintable():
        if is_plain(value):
            return value
        value = _ODD.sub(lambda found: _INSTEAD[found.lastindex], value)
    return value if value.isascii() else normalized(value, "NFC")


COMPOSED: Final = re.compile("[ -~ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúýĂăĐđĨĩŨũƠơƯưẠ-ỹ]*+")
"""Vietnamese letters, each in one character, and printable ASCII: a text of these alone is clean already."""


# ---- for comparing

_TONED: Final = re.compile("(?:[aeiouy][\u0300-\u036f]*)+")
_MOVABLE: Final = re.compile("[\u0300\u0301\u0303\u0309\u0323][\u0300-\u036f]*[aeiouy]")
_TONES: Final = re.compile("[\u0300\u0301\u0303\u0309\u0323]")
_LOOK_ALIKES: Final = str.maketrans("ðɖ\u2019\u2018\u02bc\u00b4`", "đđ'''''")
"""Eth and the African D look like ``Đ``; apostrophes are part of names (``H'Hen``)."""
_STRUCK: Final = re.compile("d[\u0335\u0336]")
_ZEROS: Final = re.compile(r"(?<![0-9])0+(?=[0-9])")
_DASHES: Final = re.compile("[\u2010-\u2015\u2043\u2212\ufe58\ufe63\uff0d]")
_SLASHES: Final = str.maketrans("\u2044\u2215", "//")
_LATIN: Final = str.maketrans("авекмнорстухіјѕ" + "αβεζηικμνορτυχ", "abekmhopctyxijs" + "abezhikmnoptyx")
"""Cyrillic and Greek capitals (here without case) that look like Latin ones."""


def _with_tone_last(vowels: re.Match[str]) -> str:
    """The vowels of a syllable with its tone behind the last: ``ò`` + ``a`` and ``o`` + ``à`` are the same."""
    found = vowels[0]
    return _TONES.sub("", found) + "".join(_TONES.findall(found))


def folded(value: str) -> str:
    """*value* for comparing names and sentences.

    Case, Unicode form, blanks, unseen characters, look-alikes of ``Đ`` and the vowel that carries the tone do not
    matter; which tone it is and every other diacritic does, because they tell people apart.
    """
    if not value.isascii():
        value = _STRUCK.sub("đ", cleaned(value).casefold().translate(_LOOK_ALIKES))
        parts = normalized(value, "NFD")
        if _MOVABLE.search(parts):
            parts = _TONED.sub(_with_tone_last, parts)
        value = unicodedata.normalize("NFC", parts)
    else:
        value = cleaned(value).lower().replace("`", "'")
    return " ".join(value.split())


def folded_number(value: str) -> str:
    """A document's number (số, ký hiệu) for comparing: as :func:`folded`, and dashes of any length, blanks, zeros
    before a number, wide letters and Cyrillic or Greek ones that look like Latin do not matter.
    """
    if not value.isascii():
        value = _DASHES.sub("-", with_latin_letters(value).translate(_SLASHES))
    return _ZEROS.sub("", folded("".join(value.split())))


def with_latin_letters(value: str) -> str:
    """*value* without case, in Unicode NFD, its wide letters and the Cyrillic and Greek ones that look like Latin made
    Latin; for comparing alone.
    """
    if value.isascii():
        return value.lower()
    letters = normalized(normalized(value, "NFKC").casefold(), "NFD")  # a mark joins the letter that is meant
    return letters.translate(_LATIN)


def same_name(one: str, other: str) -> bool:
    """Whether two spellings are of the same name."""
    return one == other or one.casefold() == other.casefold() or folded(one) == folded(other)


class Spellings(Generic[V]):
    """A table whose keys are found in any of their spellings; the usual one costs no folding."""

    def __init__(self, table: Mapping[str, V]) -> None:
        self._exact = dict(table)
        self._folded = {folded(key): value for key, value in table.items()}

    def get(self, value: object) -> V | None:
        """The entry for *value*, if it is a text and there is one."""
        if not isinstance(value, str) or not value:
            return None
        found = self._exact.get(value)
        return self._folded.get(folded(value)) if found is None else found
