"""The texts of the reasons that lie with the gateway itself; :mod:`gateway.api.reasons` has all others."""

from __future__ import annotations

from typing import Final

from gateway.api.texts import ReasonText, reasons

_OVERLOADED: Final = reasons(
    "overloaded",
    bulkhead_full=(
        "The national system already has as many requests as it may have at once; try again after Retry-After.",
        "Hệ thống quốc gia đang xử lý đủ số yêu cầu đồng thời cho phép; thử lại sau thời gian Retry-After.",
    ),
    caller_share=(
        "This API key has its full share of the requests at the national system; try again after Retry-After.",
        "Khóa API này đã dùng hết phần yêu cầu của mình tại hệ thống quốc gia; thử lại sau thời gian Retry-After.",
    ),
    batch_shed=(
        "This part of the batch made room for interactive requests; ask for it again after Retry-After.",
        "Phần này của lô đã nhường chỗ cho yêu cầu trực tiếp; hỏi lại sau thời gian Retry-After.",
    ),
    connections=(
        "The gateway has as many connections as it takes; try again after Retry-After, on a connection that is kept.",
        "Cổng tích hợp đã đủ số kết nối; thử lại sau thời gian Retry-After và dùng lại kết nối đã mở.",
    ),
    addresses=(
        "The gateway's machine has no free port for another connection; try again after Retry-After.",
        "Máy chạy cổng tích hợp hết cổng mạng cho kết nối mới; thử lại sau thời gian Retry-After.",
    ),
    descriptors=(
        "The gateway's machine can open no more files and connections; try again after Retry-After.",
        "Máy chạy cổng tích hợp không mở thêm được tệp và kết nối; thử lại sau thời gian Retry-After.",
    ),
    memory=(
        "The gateway's machine has no memory for another connection; try again after Retry-After.",
        "Máy chạy cổng tích hợp hết bộ nhớ cho kết nối mới; thử lại sau thời gian Retry-After.",
    ),
    resolver=(
        "The gateway's machine gets no answer about names from its resolver (DNS); try again after Retry-After.",
        "Máy chạy cổng tích hợp không hỏi được máy chủ tên miền (DNS); thử lại sau thời gian Retry-After.",
    ),
    flights=(
        "Too many different requests are running at once; try again after Retry-After.",
        "Có quá nhiều yêu cầu khác nhau đang chạy cùng lúc; thử lại sau thời gian Retry-After.",
    ),
    answers_in_flight=(
        "Large answers of the national systems take all the room that the gateway has; try again after Retry-After.",
        "Các câu trả lời lớn của hệ thống quốc gia đang chiếm hết bộ nhớ dành cho chúng; thử lại sau Retry-After.",
    ),
    orders_full=(
        "Too many orders are running at once; send this one again with the same Idempotency-Key after Retry-After.",
        "Có quá nhiều yêu cầu ghi đang chạy cùng lúc; gửi lại với cùng Idempotency-Key sau thời gian Retry-After.",
    ),
    leaving=(
        "This gateway process is shutting down; send the request again.",
        "Tiến trình cổng tích hợp này đang dừng; hãy gửi lại yêu cầu.",
    ),
    quota_unknown=(
        (
            "The gateway can't count the day's quota of the national system now, so it does not ask; the system itself "
            "is not the cause. Try again after Retry-After."
        ),
        (
            "Cổng tích hợp hiện không đếm được hạn mức ngày của hệ thống quốc gia nên không gửi; lỗi không ở hệ thống "
            "đó. Thử lại sau thời gian Retry-After."
        ),
    ),
    store=(
        (
            "The gateway's database is not available, so what needs it can't be done now: orders, the inbox, and what "
            "operators do. Try again after Retry-After."
        ),
        (
            "Cơ sở dữ liệu của cổng tích hợp không sẵn sàng nên chưa làm được việc cần đến nó: nhận yêu cầu ghi, hộp "
            "thư đến, thao tác vận hành. Thử lại sau thời gian Retry-After."
        ),
    ),
)

_INTERNAL: Final = reasons(
    "internal",
    road_request=(
        "The data exchange road could not read the gateway's message; quote the request id to the gateway's operator.",
        "Trục kết nối không đọc được thông điệp của cổng tích hợp; gửi mã yêu cầu cho người vận hành cổng.",
    ),
)

GATEWAY: Final[dict[str, ReasonText]] = {**_OVERLOADED, **_INTERNAL}
