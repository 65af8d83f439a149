"""The texts of the reasons that come with what systems push to the province."""

from __future__ import annotations

from typing import Final

from gateway.api.texts import ReasonText, reasons

INBOX: Final[dict[str, ReasonText]] = {
    **reasons(
        "not-found",
        no_message=(
            "The inbox has no message of this number; GET /v1/inbox lists those that wait.",
            "Hộp thư đến không có thông điệp số này; GET /v1/inbox liệt kê các thông điệp đang chờ.",
        ),
        no_file=(
            "The message has no such file, or the file is not here; the message says why in files.",
            "Thông điệp không có tệp này, hoặc tệp chưa có ở đây; thông điệp nói rõ lý do trong files.",
        ),
        no_result_file=(
            "There is no such file, or the time of its link is over.",
            "Không có tệp này, hoặc đường dẫn đã hết hạn.",
        ),
    ),
    **reasons(
        "conflict",
        linked_otherwise=(
            "The dossier has another code of the province already; nothing was changed.",
            "Hồ sơ này đã gắn với một mã hồ sơ khác của tỉnh; không có gì thay đổi.",
        ),
    ),
    **reasons(
        "forbidden",
        network=(
            "This key is not accepted from this network; ask the gateway's operator.",
            "Khóa này không được chấp nhận từ mạng này; đề nghị người vận hành cổng.",
        ),
        inbound_system=(
            "This key may not push as this system; ask the gateway's operator.",
            "Khóa này không được gửi với tư cách hệ thống này; đề nghị người vận hành cổng.",
        ),
        signature=(
            "The signature of the link is not right.",
            "Chữ ký của đường dẫn không đúng.",
        ),
    ),
    **reasons(
        "overloaded",
        inbox_full=(
            "Too many messages arrive at once; send this one again after Retry-After.",
            "Có quá nhiều thông điệp đến cùng lúc; gửi lại sau thời gian Retry-After.",
        ),
    ),
}
"""By reason."""
