"""The texts of the reasons for which a request is not valid, or a configuration; :mod:`gateway.api.reasons` has all
others.
"""

from __future__ import annotations

from typing import Final

from gateway.api.texts import reasons

CONFIGURATION: Final = reasons(
    "conflict",
    configuration_refused=(
        "The new configuration is not valid, so the gateway goes on with the one before; errors[] says the rule.",
        "Cấu hình mới không hợp lệ nên cổng vẫn dùng cấu hình trước; errors[] nêu quy tắc bị vi phạm.",
    ),
    no_configuration_file=(
        "This gateway was not started from a file, so there is none to read again.",
        "Cổng này không khởi động từ tệp cấu hình nên không có tệp để đọc lại.",
    ),
)
REQUEST: Final = reasons(
    "invalid-request",
    edited_order=(
        "The order is not right with these fields; look at the operation's fields in /docs.",
        "Yêu cầu không hợp lệ với các trường này; xem các trường của thao tác ở /docs.",
    ),
    timeout_header=(
        "X-Request-Timeout must be a number of seconds from 0.1 to 120.",
        "X-Request-Timeout phải là số giây từ 0,1 đến 120.",
    ),
    purpose_header=(
        "X-Dossier-Id and X-User-Id begin with a letter or digit and have only these and ._:@/-, at most 128.",
        "X-Dossier-Id và X-User-Id bắt đầu bằng chữ cái không dấu hoặc chữ số, chỉ thêm ._:@/-, tối đa 128 ký tự.",
    ),
    idempotency_key_required=(
        "Send an Idempotency-Key, so that the order can be repeated without being carried out twice.",
        "Gửi Idempotency-Key để có thể gửi lại yêu cầu mà không bị thực hiện hai lần.",
    ),
    idempotency_key_format=(
        "Idempotency-Key must be printable ASCII, at most 255 characters.",
        "Idempotency-Key phải gồm các ký tự ASCII in được, nhiều nhất 255 ký tự.",
    ),
    path_encoding=(
        "The path must be percent-encoded UTF-8.",
        "Đường dẫn phải là UTF-8 được mã hóa phần trăm.",
    ),
    query_string=(
        "The query string could not be read: it must be percent-encoded UTF-8 with at most 64 fields.",
        "Không đọc được chuỗi truy vấn: phải là UTF-8 được mã hóa phần trăm, nhiều nhất 64 trường.",
    ),
    slow_body=(
        "The body did not arrive completely within the time that the gateway waits for it (30 seconds).",
        "Nội dung không được gửi đủ trong thời gian cổng tích hợp chờ (30 giây).",
    ),
    broken_body=(
        "The body could not be read: its chunked transfer or its compression is broken.",
        "Không đọc được nội dung: cách chia khối hoặc nén bị hỏng.",
    ),
    header_twice=(
        "Authorization, X-Dossier-Id, X-User-Id and Idempotency-Key must be sent at most once each.",
        "Mỗi tiêu đề Authorization, X-Dossier-Id, X-User-Id và Idempotency-Key chỉ được gửi một lần.",
    ),
    transfer_encoding=(
        "The Transfer-Encoding of the body is not supported; send chunked alone, or Content-Length.",
        "Transfer-Encoding của nội dung không được hỗ trợ; chỉ gửi chunked, hoặc dùng Content-Length.",
    ),
    content_encoding=(
        "The Content-Encoding of the body is not supported; send gzip, deflate or an uncompressed body.",
        "Content-Encoding của nội dung không được hỗ trợ; gửi gzip, deflate hoặc nội dung không nén.",
    ),
    last_event_id=(
        "Last-Event-ID (or last_event_id) must be the id of an event that came before, or be left out.",
        "Last-Event-ID (hoặc last_event_id) phải là id của một sự kiện đã nhận, hoặc bỏ trống.",
    ),
    head_too_long=(
        "The request line or a header is longer than 8190 bytes, or all of them together are longer than 16384.",
        "Dòng yêu cầu hoặc một tiêu đề dài hơn 8190 byte, hoặc tất cả cộng lại dài hơn 16384 byte.",
    ),
    http_method=(
        "The method of the request is not an HTTP method.",
        "Phương thức của yêu cầu không phải là phương thức HTTP.",
    ),
    not_http=(
        "The request could not be parsed as HTTP.",
        "Không phân tích được yêu cầu theo giao thức HTTP.",
    ),
    incomplete=(
        "The national system finds the dossier incomplete; complete the declaration and send it again.",
        "Hệ thống quốc gia báo hồ sơ chưa đầy đủ; hoàn thiện tờ khai rồi gửi lại.",
    ),
)
