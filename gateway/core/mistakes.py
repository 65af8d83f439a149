"""The mistakes that a request can have, each with a stable code and its text in English and Vietnamese."""

from __future__ import annotations

from typing import Final, NamedTuple

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError


class Mistake(NamedTuple):
    """One thing that can be wrong with a field, as ``errors[]`` tells it."""

    code: str
    """Stable; a client decides by it."""
    en: str
    vi: str

    def error(self) -> PydanticCustomError:
        """The mistake as the :class:`ValueError` that a model's validator raises."""
        return PydanticCustomError(self.code, self.en, {"vi": self.vi})

    def at(self, field: str) -> ValidationError:
        """The mistake of a query as a whole that is shown at *field*; it repeats no input."""
        details = InitErrorDetails(type=self.error(), loc=(field,), input=None)
        return ValidationError.from_exception_data("query", [details])


# ---- the body and the address

NOT_JSON: Final = Mistake("not_json", "the body could not be parsed as JSON", "không phân tích được nội dung theo JSON")
NOT_AN_OBJECT: Final = Mistake("not_an_object", "the body must be a JSON object", "nội dung phải là một đối tượng JSON")
BYTE_ORDER_MARK: Final = Mistake(
    "byte_order_mark",
    "the body must not begin with a byte order mark",
    "nội dung không được bắt đầu bằng dấu thứ tự byte (byte order mark)",
)
NUMBER_RANGE: Final = Mistake(
    "number_out_of_range", "a number in the body is out of range", "nội dung có số nằm ngoài phạm vi"
)
GIVEN_TWICE: Final = Mistake("given_twice", "is given twice", "được gửi hai lần")
IN_BODY: Final = Mistake(
    "belongs_in_body",
    "must be sent in the body, not in the query string",
    "phải gửi trong nội dung, không gửi trong chuỗi truy vấn",
)
IN_PATH: Final = Mistake(
    "belongs_in_path",
    "must not be sent in the query string: it is part of the path",
    "không được gửi trong chuỗi truy vấn: đây là một phần của đường dẫn",
)
OTHER_THAN_DOSSIER: Final = Mistake(
    "differs_from_dossier", "differs from the header X-Dossier-Id", "khác với tiêu đề X-Dossier-Id"
)
OTHER_THAN_PATH: Final = Mistake("differs_from_path", "differs from the path", "khác với giá trị trong đường dẫn")
CONTROL_CHARACTER: Final = Mistake(
    "control_character", "contains a control character; remove it", "có ký tự điều khiển; hãy bỏ ký tự đó"
)
TEXT_TOO_LONG: Final = Mistake(
    "too_long", "is longer than any text of this kind may be", "dài hơn mức cho phép của mọi trường văn bản"
)
NO_XML_CHARACTER: Final = Mistake(
    "character_not_allowed",
    "contains a character that XML can't carry; remove it",
    "có ký tự mà XML không mang được; hãy bỏ ký tự đó",
)
NOT_A_READ: Final = Mistake(
    "unknown_operation",
    "is not a read operation of this gateway; see /v1/connectors",
    "không phải là thao tác tra cứu của cổng tích hợp; xem /v1/connectors",
)
WRONG_PAGE_TOKEN: Final = Mistake(
    "wrong_page_token",
    "is not a page token of this query; begin without page_token",
    "không phải là mã trang của câu hỏi này; bắt đầu lại không có page_token",
)


def body_too_large(limit: int) -> Mistake:
    """The body has more than *limit* bytes."""
    return Mistake(
        "body_too_large", f"the body may have at most {limit} bytes", f"nội dung được có nhiều nhất {limit} byte"
    )


def too_many_values(limit: int) -> Mistake:
    """The JSON of the body has more than *limit* values."""
    return Mistake(
        "too_many_values",
        f"the body may have at most {limit} values",
        f"nội dung được có nhiều nhất {limit} giá trị",
    )


def too_deep(limit: int) -> Mistake:
    """The JSON of the body is nested deeper than *limit*."""
    return Mistake(
        "too_deep",
        f"the body may be nested at most {limit} deep",
        f"nội dung được lồng nhau nhiều nhất {limit} cấp",
    )


# ---- values that all systems share

ENTERPRISE_CODE_SHAPE: Final = Mistake(
    "code_shape",
    "expected 10 digits, or 13 for a dependent unit (NNNNNNNNNN-NNN)",
    "cần 10 chữ số, hoặc 13 chữ số với đơn vị phụ thuộc (NNNNNNNNNN-NNN)",
)
ENTERPRISE_CODE_HYPHEN: Final = Mistake(
    "code_hyphen",
    "the only hyphen must be between the 10th and the 11th digit",
    "dấu gạch nối duy nhất phải ở giữa chữ số thứ 10 và thứ 11",
)
CHECK_DIGIT: Final = Mistake(
    "check_digit",
    "the check digit is wrong; look for a mistyped digit",
    "chữ số kiểm tra sai; xem có chữ số nào gõ nhầm không",
)
NOT_A_DATE: Final = Mistake("not_a_date", "is not a date; use YYYY-MM-DD", "không phải là ngày; dùng dạng YYYY-MM-DD")
NOT_AN_INSTANT: Final = Mistake(
    "not_an_instant",
    "is not an instant with its zone; use YYYY-MM-DDThh:mm:ss+07:00",
    "không phải là thời điểm có múi giờ; dùng dạng YYYY-MM-DDThh:mm:ss+07:00",
)
YEAR_RANGE: Final = Mistake(
    "year_out_of_range",
    "the year must be from 1850 to 2200; look for a mistyped digit",
    "năm phải từ 1850 đến 2200; xem có chữ số nào gõ nhầm không",
)
PRECISION: Final = Mistake("precision", "value and precision disagree", "value và precision không khớp nhau")
