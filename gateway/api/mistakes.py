"""The findings of pydantic as mistakes of the API: stable codes, in English and Vietnamese, without the values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from pydantic_core import ErrorDetails

from gateway.core.mistakes import NOT_A_DATE, NOT_AN_INSTANT, Mistake

UNREADABLE: Final = Mistake("invalid", "is not valid", "không hợp lệ")
"""Of findings that the table does not have."""


class _Finding(NamedTuple):
    """Code and texts of one kind of finding; *en* None is pydantic's own sentence. ``{name}`` is filled from it."""

    code: str
    en: str | None
    vi: str


def _wrong_type(vi: str) -> _Finding:
    return _Finding("wrong_type", None, vi)


_TEXT: Final = _wrong_type("phải là chuỗi ký tự")
_WHOLE: Final = _wrong_type("phải là số nguyên")
_NUMBER: Final = _wrong_type("phải là số")
_YES_OR_NO: Final = _wrong_type("phải là true hoặc false")
_LIST: Final = _wrong_type("phải là danh sách")
_OBJECT: Final = _wrong_type("phải là đối tượng JSON")
_DATE: Final = _Finding(NOT_A_DATE.code, None, NOT_A_DATE.vi)
_INSTANT: Final = _Finding(NOT_AN_INSTANT.code, NOT_AN_INSTANT.en, NOT_AN_INSTANT.vi)
_CHOICE: Final = _Finding("not_allowed", None, "phải là một trong các giá trị: {expected}")
_FINDINGS: Final[Mapping[str, _Finding]] = {
    "missing": _Finding("required", "is required", "là bắt buộc"),
    "extra_forbidden": _Finding(
        "unknown_field", "is not a field of this operation", "không phải là trường của thao tác này"
    ),
    "string_type": _TEXT,
    "string_pattern_mismatch": _Finding("pattern", None, "không đúng mẫu {pattern}"),
    "string_too_short": _Finding("too_short", None, "phải có ít nhất {min_length} ký tự"),
    "string_too_long": _Finding("too_long", None, "được có nhiều nhất {max_length} ký tự"),
    "string_unicode": _TEXT,
    "too_short": _Finding("too_few", None, "phải có ít nhất {min_length} phần tử"),
    "too_long": _Finding("too_many", None, "được có nhiều nhất {max_length} phần tử"),
    "greater_than": _Finding("below_minimum", None, "phải lớn hơn {gt}"),
    "greater_than_equal": _Finding("below_minimum", None, "phải từ {ge} trở lên"),
    "less_than": _Finding("above_maximum", None, "phải nhỏ hơn {lt}"),
    "less_than_equal": _Finding("above_maximum", None, "phải từ {le} trở xuống"),
    "literal_error": _CHOICE,
    "enum": _CHOICE,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "decimal_type": _NUMBER,
    "decimal_parsing": _NUMBER,
    "bool_type": _YES_OR_NO,
    "bool_parsing": _YES_OR_NO,
    "tuple_type": _LIST,
    "list_type": _LIST,
    "dict_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "date_type": _DATE,
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
    "date_from_datetime_inexact": _DATE,
    "datetime_type": _INSTANT,
    "datetime_parsing": _INSTANT,
    "datetime_object_invalid": _INSTANT,
    "datetime_from_date_parsing": _INSTANT,
    "timezone_aware": _INSTANT,
}


def mistake_of(item: ErrorDetails) -> Mistake:
    """The mistake behind one finding; a validator's own :class:`Mistake` is kept as it is."""
    context = item.get("ctx", {})
    if "vi" in context:
        return Mistake(item["type"], item["msg"], str(context["vi"]))
    known = _FINDINGS.get(item["type"])
    if known is None:
        return Mistake(UNREADABLE.code, item["msg"].removeprefix("Value error, "), UNREADABLE.vi)
    filled = {name: str(value).replace(" or ", " hoặc ") for name, value in context.items()}
    return Mistake(known.code, known.en or item["msg"], known.vi.format_map(filled))
