"""Titles and details of the problem codes, in English and in Vietnamese; those of the reasons are in ``reasons``."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

Language = Literal["vi", "en"]


class Text(NamedTuple):
    """One text in both languages."""

    en: str
    vi: str

    def in_language(self, language: Language) -> str:
        """The text in *language*."""
        return self.vi if language == "vi" else self.en


class CodeText(NamedTuple):
    """Title and detail of one code."""

    title: Text
    detail: Text


UNKNOWN_OUTCOME: Final = Text(
    "It is not known whether the order was carried out; ask for its state before you send it again.",
    "Chưa rõ yêu cầu đã được thực hiện hay chưa; hãy hỏi tình trạng trước khi gửi lại.",
)
"""Follows the detail of an order whose outcome is ``unknown``."""
SEE_ERRORS: Final = Text("See errors[].", "Xem errors[].")
"""Follows the detail of a problem that has ``errors[]``."""


def _code(title: str, title_vi: str, detail: str, detail_vi: str) -> CodeText:
    return CodeText(Text(title, title_vi), Text(detail, detail_vi))


CODES: Final[dict[str, CodeText]] = {
    "unknown-route": _code(
        "Unknown route",
        "Không có đường dẫn này",
        "The gateway does not have this route; /openapi.json lists all routes.",
        "Cổng tích hợp không có đường dẫn này; xem /openapi.json để biết các đường dẫn hiện có.",
    ),
    "method-not-allowed": _code(
        "Method not allowed",
        "Phương thức không được phép",
        "This route does not allow this method; the Allow header lists the methods that it allows.",
        "Đường dẫn này không cho phép phương thức này; xem tiêu đề Allow để biết phương thức được phép.",
    ),
    "unauthenticated": _code(
        "No valid API key",
        "Thiếu khóa API hợp lệ",
        "Send a valid API key as Authorization: Bearer <key>.",
        "Gửi khóa API hợp lệ: Authorization: Bearer <khóa>.",
    ),
    "forbidden": _code(
        "No right to this operation",
        "Không có quyền thực hiện thao tác",
        "This API key has no right to the operation; ask the gateway's operator for the scope.",
        "Khóa API này không có quyền thực hiện thao tác; đề nghị người vận hành cấp phạm vi.",
    ),
    "misdirected-request": _code(
        "Another host was asked",
        "Tên máy chủ không đúng",
        "The operator's port does not answer under this host name; use its address, or add the name to ops.hosts.",
        "Cổng vận hành không trả lời với tên máy chủ này; dùng địa chỉ, hoặc thêm tên vào ops.hosts.",
    ),
    "unsupported-media-type": _code(
        "Unsupported media type",
        "Kiểu nội dung không được hỗ trợ",
        "Send the body as application/json.",
        "Gửi nội dung dạng application/json.",
    ),
    "payload-too-large": _code(
        "Body too large",
        "Nội dung gửi quá lớn",
        "The body is larger than this operation accepts.",
        "Nội dung gửi lớn hơn mức thao tác này chấp nhận.",
    ),
    "invalid-request": _code(
        "Invalid request",
        "Yêu cầu không hợp lệ",
        "The request is not what the operation expects.",
        "Yêu cầu không đúng quy cách của thao tác.",
    ),
    "purpose-required": _code(
        "Purpose required",
        "Phải nêu mục đích tra cứu",
        "Personal data is given only for a dossier and an officer: send X-Dossier-Id and X-User-Id.",
        "Dữ liệu cá nhân chỉ được cung cấp cho một hồ sơ và một cán bộ: gửi X-Dossier-Id và X-User-Id.",
    ),
    "range-not-satisfiable": _code(
        "Range behind the end of the file",
        "Khoảng yêu cầu vượt quá cuối tệp",
        "The file ends before the range that was asked for; Content-Range says how long it is.",
        "Tệp kết thúc trước khoảng được yêu cầu; Content-Range cho biết độ dài tệp.",
    ),
    "not-found": _code(
        "No such record",
        "Không có bản ghi này",
        "The national system has no such record.",
        "Hệ thống quốc gia không có bản ghi này.",
    ),
    "conflict": _code(
        "Conflict with what the source has",
        "Xung đột với dữ liệu của nguồn",
        "The order contradicts what the national system already has.",
        "Yêu cầu trái với dữ liệu mà hệ thống quốc gia đã có.",
    ),
    "idempotency-key-reused": _code(
        "Idempotency-Key reused",
        "Idempotency-Key đã dùng cho yêu cầu khác",
        "This Idempotency-Key was used for another request; use a new key for a new request.",
        "Idempotency-Key này đã dùng cho một yêu cầu khác; dùng khóa mới cho yêu cầu mới.",
    ),
    "in-progress": _code(
        "Still in progress",
        "Yêu cầu đang được xử lý",
        "The request with this Idempotency-Key is still running; ask again after Retry-After.",
        "Yêu cầu với Idempotency-Key này đang được xử lý; hỏi lại sau thời gian Retry-After.",
    ),
    "rate-limited": _code(
        "Too many requests",
        "Quá nhiều yêu cầu",
        "This API key has used up its rate; try again after Retry-After.",
        "Khóa API này đã dùng hết số lượt cho phép; thử lại sau thời gian Retry-After.",
    ),
    "not-cached": _code(
        "Nothing fresh in the cache",
        "Không có dữ liệu mới trong bộ nhớ đệm",
        "The request said only-if-cached, and the cache has no fresh answer.",
        "Yêu cầu ghi only-if-cached nhưng bộ nhớ đệm không có dữ liệu còn mới.",
    ),
    "overloaded": _code(
        "Gateway overloaded",
        "Cổng tích hợp quá tải",
        "The gateway cannot take more requests now; try again after Retry-After.",
        "Cổng tích hợp chưa thể nhận thêm yêu cầu; thử lại sau thời gian Retry-After.",
    ),
    "upstream-unavailable": _code(
        "National system unavailable",
        "Hệ thống quốc gia không sẵn sàng",
        "The national system could not answer; try again after Retry-After.",
        "Hệ thống quốc gia chưa trả lời được; thử lại sau thời gian Retry-After.",
    ),
    "upstream-timeout": _code(
        "National system too slow",
        "Hệ thống quốc gia không trả lời kịp",
        "The national system did not answer in time.",
        "Hệ thống quốc gia không trả lời trong thời hạn.",
    ),
    "upstream-refused": _code(
        "National system refuses the gateway",
        "Hệ thống quốc gia từ chối cổng tích hợp",
        "The national system refuses the gateway; the gateway's operator must act.",
        "Hệ thống quốc gia từ chối cổng tích hợp; người vận hành cổng phải xử lý.",
    ),
    "upstream-invalid-response": _code(
        "Invalid answer from the national system",
        "Hệ thống quốc gia trả lời sai quy cách",
        "The answer of the national system does not follow its contract.",
        "Câu trả lời của hệ thống quốc gia không đúng quy cách.",
    ),
    "internal": _code(
        "Internal error",
        "Lỗi nội bộ",
        "There is an error in the gateway; give the request_id to its operator.",
        "Có lỗi trong cổng tích hợp; báo request_id cho người vận hành.",
    ),
}


class ReasonText(NamedTuple):
    """The text of one reason, and the codes that it can come with."""

    codes: tuple[str, ...]
    text: Text


def reasons(code: str, **texts: tuple[str, str]) -> dict[str, ReasonText]:
    return {reason: ReasonText((code,), Text(*text)) for reason, text in texts.items()}
