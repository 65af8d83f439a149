"""The texts of the reasons that come with operators' deeds on national systems, and with streams of events."""

from __future__ import annotations

from typing import Final

from gateway.api.texts import ReasonText, Text, reasons

OPERATING: Final[dict[str, ReasonText]] = {
    **reasons(
        "unknown-route",
        operator_route=(
            "The operator's port does not have this route; those of orders and dossiers are there only with a store.",
            "Cổng vận hành không có đường dẫn này; đường dẫn về hàng đợi và hồ sơ chỉ có khi cổng có kho lưu (store).",
        ),
    ),
    **reasons(
        "not-found",
        no_maintenance=(
            "No maintenance of this number is announced for this system; GET /api/isolations lists them.",
            "Không có lịch bảo trì nào mang số này cho hệ thống này; GET /api/isolations liệt kê các lịch đã báo.",
        ),
    ),
    **reasons(
        "conflict",
        isolated=(
            "The system is isolated, so its circuit breaker can't be closed; release it first.",
            "Hệ thống đang bị cách ly nên không đóng được bộ ngắt mạch; hãy bỏ cách ly trước.",
        ),
        too_many_isolations=(
            "Too many isolations and maintenances of this system have not ended; release or withdraw some first.",
            "Hệ thống này có quá nhiều lần cách ly và lịch bảo trì chưa kết thúc; hãy bỏ bớt trước.",
        ),
    ),
    "streams_full": ReasonText(
        ("overloaded", "rate-limited"),
        Text(
            "As many streams of events are open as there may be; close some, or try again after Retry-After.",
            "Đã mở đủ số luồng sự kiện cho phép; đóng bớt luồng hoặc thử lại sau thời gian Retry-After.",
        ),
    ),
}
