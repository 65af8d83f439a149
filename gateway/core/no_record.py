"""Tells an answer that is empty because there is no such record from one that a failure left empty.

A contract names the code or the empty field that means "no such record". Beside it a source may still say, in a field
or a sentence, that it failed: then the emptiness is no fact, and must not be kept as one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterable, Mapping
from typing import Final

from gateway.core.lenient import text
from gateway.core.message import Outcome, ReplyKind
from gateway.core.problems import OffContract
from gateway.core.vietnamese import folded

_SPEAKING: Final = re.compile(
    r"status|code|err|loi|mess|msg|desc|mo_?ta|thong_?bao|result|ket_?qua|success|fault|exception|detail|reason",
    re.IGNORECASE,
)
"""Names of fields in which sources say how an answer went; of other fields an empty answer may have what it likes."""
_ERROR: Final = re.compile(r"err|loi|fault|exception", re.IGNORECASE)
_FAILED: Final = re.compile(
    r"\b(loi|su co|that bai|qua tai|qua han|gian doan|bao tri|nang cap|ket noi|phan hoi|het gio|may chu|thu lai|quyen"
    r"|truy cap|phien|xac thuc|dich vu|(khong|chua) (hop le|thanh cong)|time ?out|time-out|timed|errors?|err|exception"
    r"|fail\w*|fault|unavailable|refused|denied|unauthori[sz]ed|forbidden|permission|access|connect\w*|invalid"
    r"|unsuccessful|server|service|again|handler|endpoint|url|api|ora-\d+|sql\w*|null|unknown)\b"
)
"""Words of a failure, without diacritics."""
_WELL_OR_NONE: Final = re.compile(
    r"\b(thanh cong|success\w*|ok|khong tim thay|khong thay|(khong|chua) ton tai|not (be )?found|not exist|no such"
    r"|(khong|chua) co (du lieu|thong tin|ban ghi|ket qua|doanh nghiep|ho so|van ban|doi tuong|nguoi|so bhxh|ma so|the)"
    r"|no (data|record|result|information|document|enterprise)\w*|record_not_found|empty)\b"
)
"""Words of success, or of absence."""


def without_marks(value: str) -> str:
    """*value* folded, without any diacritic and with d for đ."""
    parts = unicodedata.normalize("NFD", folded(value))
    return "".join(letter for letter in parts if not unicodedata.combining(letter)).replace("đ", "d")


def speaks(name: str) -> bool:
    """Whether a field is one in which sources say how an answer went, rather than a fact."""
    return _SPEAKING.search(name) is not None


def speaks_of_failure(sentence: str) -> bool:
    """Whether a sentence has words of a failure in it."""
    return _FAILED.search(without_marks(sentence)) is not None


def unless_failed(
    meaning: ReplyKind, frames: Iterable[object], known: Mapping[str, Container[str]] | None = None
) -> Outcome:
    """*meaning*, which is "no such record" or an empty list, unless something beside the emptiness speaks against it.

    Args:
        meaning: What the contract says of such an answer.
        frames: The objects of the answer that may hold codes and sentences.
        known: The values of the contract's own fields with which the emptiness is a fact.

    Returns:
        *meaning*, or the :class:`OffContract` of an unknown code, status or sentence.
    """
    allowed = known or {}
    for frame in frames:
        if not isinstance(frame, Mapping):
            continue
        for key, value in frame.items():
            name = str(key).strip()
            if name in allowed:
                well = (said := text(value)) is None or said in allowed[name]
            else:
                well = not speaks(name) or _says_well(name, value)
            if not well:
                return OffContract(
                    "The source's answer is empty, and what it says beside that is not in its contract.",
                    reason="off_contract",
                )
    return meaning


def _says_well(name: str, value: object) -> bool:
    """Whether *value* of the field *name* says that all went well, that there is none, or nothing."""
    if isinstance(value, bool):
        return value is (_ERROR.search(name) is None)
    if isinstance(value, Mapping | list):
        return not value
    said = text(value)
    if said is None:
        return True
    if said.isdecimal():
        return not said.strip("0") and _ERROR.search(name) is not None
    plain = without_marks(said)
    return _FAILED.search(plain) is None and _WELL_OR_NONE.search(plain) is not None
