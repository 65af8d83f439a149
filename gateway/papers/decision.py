"""Tells by the text of a paper to whom it belongs; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Final

from gateway.core.papers import Expected, PaperResult
from gateway.core.vietnamese import folded

_LABEL: Final = re.compile(
    rf"\b{folded('họ')}(?:,? {folded('chữ đệm')})?(?: {folded('và')})? {folded('tên')}([^:]{{0,60}}):"
)
"""Before a name; what stands between it and the colon says whose: of father, mother, husband or wife [S]."""
_OF_OTHERS: Final = re.compile(
    rf"\b(?:{'|'.join(map(folded, ('cha', 'bố', 'mẹ', 'vợ', 'chồng', 'con', 'người ký', 'người lập', 'ủy quyền')))})\b"
)
_IDENTITY: Final = re.compile(r"(?<![0-9./-])([0-9]{12}|[0-9]{9})(?![0-9./-])")
_NEXT: Final = ("giới tính", "tên gọi", "ngày, tháng", "sinh ngày", "nơi sinh", "quốc tịch")
_BEHIND: Final = re.compile(rf" *(?:$|[^\w ]|[0-9]|(?:{'|'.join(map(folded, _NEXT))})\b)")
"""The text that may follow a whole name on its line: nothing, a sign, a number, or the next field of the form [S]."""
_LEAST_TEXT: Final = 40
"""Letters; with fewer it is a picture with a stamp."""


def whose(text: str, expected: Expected) -> tuple[PaperResult, tuple[str, ...]]:
    """The result for *text*, and the parts of *expected* that were found in it.

    A part that is known must stand in the text; another holder's name, or another identity number where the holder's
    is not there, makes it another person's whatever else fits.
    """
    lines = [line for line in (" ".join(folded(line).split()) for line in text.splitlines()) if line]
    said = " ".join(lines)
    if len(said) < _LEAST_TEXT:
        return "no_text", ()
    compared = tuple(_found(said, expected))
    if expected.full_name is not None:
        own = " ".join(folded(expected.full_name).split())
        if "full_name" not in compared or not all(_is_whole(own, name) for name in _holders(lines)):
            return "other_person", compared
    if expected.identity_number is not None and "identity_number" not in compared and _IDENTITY.search(said):
        return "other_person", compared
    if expected.number is not None and "number" not in compared:
        return "other_number", compared
    return "good", compared


def _found(said: str, expected: Expected) -> Iterator[str]:
    parts = (
        ("number", expected.number),
        ("full_name", expected.full_name),
        ("identity_number", expected.identity_number),
    )
    for name, value in parts:
        if value is not None and _stands(" ".join(folded(value).split()), said):
            yield name


def _stands(wanted: str, said: str) -> bool:
    """Whether *wanted* is in *said* as words of its own."""
    return re.search(rf"(?<![\w/]){re.escape(wanted)}(?![\w/])", said) is not None


def _holders(lines: Sequence[str]) -> Iterator[str]:
    """The text behind each label of a holder: the rest of the line, or the next where that is empty."""
    for line, following in zip_longest(lines, lines[1:], fillvalue=""):
        for label in _LABEL.finditer(line):
            if not _OF_OTHERS.search(label[1]):
                yield line[label.end() :].strip() or following


def _is_whole(own: str, rest: str) -> bool:
    """Whether *rest* begins with the name *own*, and not with a longer one."""
    return rest.startswith(own) and _BEHIND.match(rest[len(own) :]) is not None
