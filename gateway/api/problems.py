"""GatewayError becomes RFC 9457 ``application/problem+json``, in Vietnamese or English."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

import orjson

from gateway.core import problems
from gateway.core.problems import Effect, GatewayError

Language = Literal["vi", "en"]
MEDIA_TYPE: Final = "application/problem+json; charset=utf-8"

TITLES: Final[dict[str, tuple[str, str]]] = {
    "unknown-route": ("Unknown route", "Không có đường dẫn này"),
    "method-not-allowed": ("Method not allowed", "Phương thức không được phép"),
    "unauthenticated": ("No valid API key", "Thiếu khóa API hợp lệ"),
    "forbidden": ("No right to this operation", "Không có quyền thực hiện thao tác"),
    "unsupported-media-type": ("Unsupported media type", "Kiểu nội dung không được hỗ trợ"),
    "payload-too-large": ("Body too large", "Nội dung gửi quá lớn"),
    "invalid-request": ("Invalid request", "Yêu cầu không hợp lệ"),
    "purpose-required": ("Purpose required", "Phải nêu mục đích tra cứu"),
    "not-found": ("No such record", "Không có bản ghi này"),
    "conflict": ("Conflict with what the source has", "Xung đột với dữ liệu của nguồn"),
    "idempotency-key-reused": ("Idempotency-Key reused", "Idempotency-Key đã dùng cho yêu cầu khác"),
    "in-progress": ("Still in progress", "Yêu cầu đang được xử lý"),
    "rate-limited": ("Too many requests", "Quá nhiều yêu cầu"),
    "not-cached": ("Nothing fresh in the cache", "Không có dữ liệu mới trong bộ nhớ đệm"),
    "overloaded": ("Gateway overloaded", "Cổng tích hợp quá tải"),
    "upstream-unavailable": ("National system unavailable", "Hệ thống quốc gia không sẵn sàng"),
    "upstream-timeout": ("National system too slow", "Hệ thống quốc gia không trả lời kịp"),
    "upstream-refused": ("National system refuses the gateway", "Hệ thống quốc gia từ chối cổng tích hợp"),
    "upstream-invalid-response": ("Invalid answer from the national system", "Hệ thống quốc gia trả lời sai quy cách"),
    "internal": ("Internal error", "Lỗi nội bộ"),
}

DETAILS_VI: Final[dict[str, str]] = {
    "unknown-route": "Xem /openapi.json để biết các đường dẫn hiện có.",
    "method-not-allowed": "Xem tiêu đề Allow để biết phương thức được phép.",
    "unauthenticated": "Gửi khóa API hợp lệ: Authorization: Bearer <khóa>.",
    "forbidden": "Khóa này không có quyền; đề nghị người vận hành cấp phạm vi.",
    "unsupported-media-type": "Gửi nội dung dạng application/json.",
    "payload-too-large": "Nội dung gửi lớn hơn mức thao tác này chấp nhận.",
    "invalid-request": "Yêu cầu không đúng quy cách; xem errors[].",
    "purpose-required": "Dữ liệu cá nhân chỉ được cung cấp cho một hồ sơ và một cán bộ: gửi X-Dossier-Id và X-User-Id.",
    "not-found": "Cơ sở dữ liệu nguồn không có bản ghi này.",
    "conflict": "Yêu cầu trái với dữ liệu nguồn đã có.",
    "idempotency-key-reused": "Idempotency-Key đã dùng cho một yêu cầu khác; dùng khóa mới cho yêu cầu mới.",
    "in-progress": "Yêu cầu với Idempotency-Key này đang được xử lý; hỏi lại sau.",
    "rate-limited": "Khóa này đã dùng hết số lượt cho phép; thử lại sau thời gian Retry-After.",
    "not-cached": "Yêu cầu only-if-cached nhưng không có dữ liệu còn mới.",
    "overloaded": "Cổng tích hợp chưa thể nhận thêm yêu cầu; thử lại sau.",
    "upstream-unavailable": "Hệ thống quốc gia chưa trả lời được; thử lại sau thời gian Retry-After.",
    "upstream-timeout": "Hệ thống quốc gia không trả lời trong thời hạn.",
    "upstream-refused": "Hệ thống quốc gia từ chối cổng tích hợp; người vận hành phải xử lý.",
    "upstream-invalid-response": "Câu trả lời của hệ thống quốc gia không đúng quy cách.",
    "internal": "Có lỗi trong cổng tích hợp; báo request_id cho người vận hành.",
}


def every_error() -> Iterator[type[GatewayError]]:
    """All classes of the error tree that have a code."""
    pending: list[type[GatewayError]] = [problems.GatewayError]
    while pending:
        found = pending.pop()
        pending.extend(found.__subclasses__())
        yield found


def language_of(accept: str | None) -> Language:
    """Vietnamese where ``Accept-Language`` puts it first, else English."""
    return "vi" if accept and accept.lstrip().lower().startswith("vi") else "en"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a problem says about the request that it answers."""

    request_id: str
    language: Language = "en"
    system: str | None = None
    operation: str | None = None
    effect: Effect = "read"


def problem(error: GatewayError, asked: Asked) -> dict[str, object]:
    """The members of the problem document (RFC 9457 section 3.1) with the API's extensions."""
    vietnamese = asked.language == "vi"
    members: dict[str, object] = {
        "type": f"/problems/{error.code}",
        "title": TITLES[error.code][vietnamese],
        "status": error.status,
        "detail": DETAILS_VI[error.code] if vietnamese else str(error),
        "code": error.code,
        "fault": error.fault,
        "retryable": error.may_retry(asked.effect),
        "outcome": error.outcome(asked.effect),
        "request_id": asked.request_id,
    }
    if error.reason:
        members["reason"] = error.reason
    seconds = retry_after_seconds(error)
    if seconds is not None:
        members["retry_after_seconds"] = seconds
    if asked.system is not None:
        members["system"] = asked.system
        members["operation"] = asked.operation
    if error.errors:
        members["errors"] = [{"pointer": item.pointer, "message": item.message} for item in error.errors]
    return members


def retry_after_seconds(error: GatewayError) -> int | None:
    """Whole seconds for ``Retry-After``; every 503 and 429 has them, 30 where nobody knows better."""
    if error.retry_after is not None:
        return max(0, math.ceil(error.retry_after))
    return 30 if error.status in {429, 503} else None


def headers_of(error: GatewayError) -> dict[str, str]:
    """What a problem's response carries besides its body."""
    found: dict[str, str] = {}
    seconds = retry_after_seconds(error)
    if seconds is not None and error.status in {429, 503, 504, 409}:
        found["Retry-After"] = str(seconds)
    if isinstance(error, problems.MethodNotAllowed):
        found["Allow"] = ", ".join(error.allowed)
    if isinstance(error, problems.Unauthenticated):
        found["WWW-Authenticate"] = 'Bearer realm="lgsp"'
    return found


def dumps(members: object) -> bytes:
    return orjson.dumps(members)
