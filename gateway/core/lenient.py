"""Readers for values as national systems really write them: numbers as text and text as numbers, flags in many words,
objects that become lists. All are pure; what cannot be read raises :class:`ValueError`. Days are in ``days.py``.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Final, TypeVar

from gateway.core.vietnamese import COMPOSED, cleaned

E = TypeVar("E")

# ---- nothing

_NO_TEXT: Final = frozenset(
    spelt
    for word in ("null", "none", "nil", "(null)", "undefined", "n/a", "-", "--")
    for spelt in (word, word.upper(), word.capitalize(), word.title())
)
"""Texts that stand for nothing in any field."""
_LONGEST_NO_TEXT: Final = max(map(len, _NO_TEXT))
_NO_OBJECT: Final = frozenset({"không", "không có", "không rõ", "chưa có", "không có dữ liệu", "na", "{}", "[]"})
"""Words that stand for nothing where an object, a list, a flag or a decision is expected."""


_MOST_ATTRIBUTES: Final = 4
"""Attributes that an element with ``xsi:nil`` may have; more are an object's."""


def is_nothing(value: object) -> bool:
    """Whether *value* stands for an absent object or list: null, ``""``, ``[]``, ``{}``, nil, or a word for it."""
    if isinstance(value, str):
        read = read_text(value)
        return read is None or read.casefold() in _NO_OBJECT
    return value is None or (isinstance(value, dict | list | tuple) and (not value or is_nil(value)))


def is_nil(value: object) -> bool:
    """Whether *value* is what a bus makes of an element with ``xsi:nil``: ``{"@nil": "true"}`` and the like."""
    if not isinstance(value, dict) or len(value) > _MOST_ATTRIBUTES:
        return False
    # Nearly all others are told by their keys alone.
    if not any([str(key).endswith("nil") for key in value]):  # noqa: C419  # few keys: a generator takes longer
        return False
    attributes = {str(key).lstrip("@_$-"): inner for key, inner in value.items()}
    said = {key.rpartition(":")[2]: inner for key, inner in attributes.items() if not key.startswith("xmlns")}
    return said.keys() == {"nil"} and said["nil"] in (True, "true", "1", 1)


def text(value: object) -> str | None:
    """As :func:`read_text`, for tables: what is not a text is one that no table has."""
    try:
        return read_text(value)
    except ValueError:
        return str(value)


def read_text(value: object) -> str | None:
    """*value* as trimmed text, cleaned as questions are; None for null, blanks and the words that mean "nothing".

    Raises:
        ValueError: On an object, a list or a flag: it is not text.
    """
    if isinstance(value, str):
        return trimmed(value)
    return None if value is None else _text_of(value)


def trimmed(value: str) -> str | None:
    """As :func:`read_text` for what is a text: it can always be read."""
    # Nearly all are clean as they come; to call cleaned() for them would be most of the time.
    clean = value.isprintable() if value.isascii() else COMPOSED.fullmatch(value)
    read = (value if clean else cleaned(value)).strip()
    return None if not read or (len(read) <= _LONGEST_NO_TEXT and read in _NO_TEXT) else read


def _text_of(value: object) -> str | None:
    if isinstance(value, Decimal) and value.is_finite() and abs(value.adjusted()) < _MOST_DIGITS:
        return format(value, "f")
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return str(value)
    if is_nothing(value):
        return None
    raise ValueError("is not a text")


# ---- shapes


def one_or_many(value: object) -> list[object]:
    """A list of what a source sends as an object when there is one, a list when there are more, or nothing at all.

    A list of one empty object is an empty list: buses make it of an empty element. Any other nothing is None.
    """
    if isinstance(value, list | tuple):
        if len(value) == 1 and value[0] is not None and is_nothing(value[0]):
            return []
        return list(value) if all(value) else [None if is_nothing(one) else one for one in value]
    return [] if is_nothing(value) else [value]


def first(values: Sequence[E]) -> E | None:
    """The first of *values*, if any."""
    return values[0] if values else None


# ---- codes

_WHOLE: Final = re.compile(r"(\d+)(?:\.0*)?", re.ASCII)


def read_code(value: object, width: int = 1) -> str | None:
    """A code as the contract writes it: ``1``, ``1.0`` and ``01`` are the same.

    A *width* of more than one is the contract's own: digits that came as a number get their zeros back.
    """
    if type(value) is str and len(value) == width and value.isdigit() and value.isascii():
        return value
    read = read_text(value)
    if read is None or not (match := _WHOLE.fullmatch(read)):
        return read
    return (match[1].lstrip("0") if width == 1 else match[1]).zfill(width)


def table_code(value: object, width: int = 1) -> str | None:
    """As :func:`read_code`, for tables: what is not a code is one that no table has."""
    try:
        return read_code(value, width)
    except ValueError:
        return str(value)


def read_area_code(value: object, width: int) -> str | None:
    """The code of an administrative unit in *width* digits (General Statistics Office); zeros alone are no unit."""
    if type(value) is str and len(value) == width and value.isdigit() and value.isascii():
        return value if value.strip("0") else None
    code = read_code(value, width)
    return code if code is not None and code.strip("0") else None


def read_digits(value: object, lengths: Sequence[int] = ()) -> str | None:
    """A number that has one of *lengths* digits, with the zeros in front that are lost where it came as a number."""
    if type(value) is str and (not lengths or len(value) in lengths) and value.isdigit() and value.isascii():
        return value
    read = read_text(value)
    if read is None or not (match := _WHOLE.fullmatch(read)):
        return read
    digits = match[1]
    return next((digits.zfill(length) for length in lengths if len(digits) <= length), digits)


def read_padded(value: object, lengths: Sequence[int]) -> str | None:
    """As :func:`read_digits` where it came as a number; a text stays as it is, because its zeros were not lost."""
    if type(value) is str and value.isdigit() and value.isascii():
        return value
    return read_text(value) if isinstance(value, str) else read_digits(value, lengths)


_IDENTITY_LENGTHS: Final = {8: 9, 11: 12}


def read_identity_number(value: object) -> str | None:
    """The number of an identity paper; citizen numbers (12 digits) and old cards (9) get back the zero that they lost.

    Raises:
        ValueError: A number of 10 digits, which may be a citizen number without two zeros or an enterprise code.
    """
    if value is None or (type(value) is str and len(value) == 12 and value.isdigit() and value.isascii()):
        return value
    read = read_text(value)
    if read is None or not (match := _WHOLE.fullmatch(read)):
        return read
    digits = match[1]
    if not isinstance(value, str) and len(digits) == 10:
        raise ValueError("either a citizen number without its zeros or an enterprise code")
    return digits.zfill(_IDENTITY_LENGTHS.get(len(digits), 0))


# ---- flags

_TRUE: Final = frozenset({"1", "true", "t", "yes", "y", "x", "on", "có", "co", "đúng", "dung"})
_FALSE: Final = frozenset({"0", "false", "f", "no", "n", "off", "không", "khong", "sai"})


_PLAIN_FLAGS: Final = {"Y": True, "N": False, "1": True, "0": False}


def read_flag(value: object) -> bool | None:
    """A flag in any of its spellings (Y/N, 1/0, true/false, Có/Không); None where the source gives nothing.

    Raises:
        ValueError: On anything else: a flag that cannot be read is neither true nor false.
    """
    if isinstance(value, bool):
        return value
    if type(value) is str and (known := _PLAIN_FLAGS.get(value)) is not None:
        return known
    read = read_code(value)
    if read is None:
        return None
    folded = read.casefold()
    if folded in _TRUE:
        return True
    if folded in _FALSE:
        return False
    if is_nothing(read):
        return None
    raise ValueError("is not a flag")


# ---- numbers

_MOST_DIGITS: Final = 40
_NUMBER: Final = re.compile(r"[+-]?\d{1,40}(?:\.\d{0,40})?(?:[eE][+-]?\d{1,2})?", re.ASCII)
_AMOUNT: Final = re.compile(r"\d{1,18}(?:\.\d{1,3})?", re.ASCII)
_INTEGER: Final = re.compile(r"([+-]?\d+)(?:\.0*)?", re.ASCII)
_GROUPS: Final = re.compile(r"-?\d{1,3}(?:(?:\.\d{3}){2,}|(?:,\d{3}){2,})", re.ASCII)
"""Two separators or more: none of them can be a decimal point."""


def read_int(value: object) -> int | None:
    """A whole number, also as text."""
    if type(value) is int or (type(value) is str and value.isdigit() and value.isascii()):
        return int(value)
    read = read_text(value)
    if read is None:
        return None
    if not (match := _INTEGER.fullmatch(read)):
        raise ValueError("not a whole number")
    return int(match[1])


def read_decimal(value: object) -> Decimal | None:
    """A number, also as text with a decimal point or an exponent, whose own text has no exponent.

    Raises:
        ValueError: On anything else. Two or more groups of thousands are read; one might be a decimal point, and is.
    """
    if type(value) is str and ((value.isdigit() and value.isascii() and len(value) <= 18) or _AMOUNT.fullmatch(value)):
        return Decimal(value)
    read = read_text(value)
    if read is None:
        return None
    if not _NUMBER.fullmatch(read):
        if not _GROUPS.fullmatch(read):
            raise ValueError("not a number")
        read = read.replace(".", "").replace(",", "")
    found = Decimal(read)
    return _without_exponent(found) if found.adjusted() < -6 or "e" in read.lower() else found


def _without_exponent(number: Decimal) -> Decimal:
    plain = Decimal(format(number, "f"))
    if not plain:
        return Decimal(0)
    if plain.adjusted() < -6:
        raise ValueError("not a number that can be written without an exponent")
    return plain


# ---- files

_DATA_ADDRESS: Final = re.compile(r"data:[^,]{0,200};base64,", re.IGNORECASE)
_URL_SAFE: Final = str.maketrans("-_", "+/")


def read_base64(value: object) -> bytes:
    """A file in base64 (RFC 4648): also as a ``data:`` address, in lines, in the alphabet for addresses, unpadded.

    Empty for nothing; raises :class:`ValueError` on anything else.
    """
    if value is None:
        return b""
    if not isinstance(value, str):
        raise ValueError("is not base64")  # noqa: TRY004  # a value that can't be read, as any other
    value = value.strip()
    if (address := _DATA_ADDRESS.match(value, 0, 300)) is not None:
        value = value[address.end() :]
    encoded = "".join(value.split()).translate(_URL_SAFE)
    bare = encoded.rstrip("=")
    if encoded != bare and len(encoded) % 4:
        raise ValueError("is not base64: its padding does not fit")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("is not base64") from None
