"""The texts of the reasons for which a national system did not answer, or not well; :mod:`gateway.api.reasons` has all
others.
"""

from __future__ import annotations

from typing import Final

from gateway.api.texts import ReasonText, Text, reasons

_UNAVAILABLE: Final = reasons(
    "upstream-unavailable",
    unreachable=(
        "The national system could not be reached, or it closed the connection before it answered.",
        "Không kết nối được với hệ thống quốc gia, hoặc hệ thống đóng kết nối trước khi trả lời.",
    ),
    upstream_error=(
        "The national system reported an error of its own.",
        "Hệ thống quốc gia báo lỗi của chính hệ thống đó.",
    ),
    maintenance=(
        "The national system answered with an HTML page instead of data; it may be under maintenance.",
        "Hệ thống quốc gia trả về trang HTML thay cho dữ liệu; hệ thống có thể đang bảo trì.",
    ),
    quota_spent=(
        "The national system accepts no more requests for now (quota or rate); try again after Retry-After.",
        (
            "Hệ thống quốc gia tạm thời không nhận thêm yêu cầu (hết hạn mức hoặc quá tần suất); "
            "thử lại sau thời gian Retry-After."
        ),
    ),
    breaker_open=(
        (
            "The national system has failed repeatedly, so the gateway sends it no requests for now; "
            "try again after Retry-After."
        ),
        "Hệ thống quốc gia bị lỗi nhiều lần nên cổng tích hợp tạm ngừng gửi; thử lại sau thời gian Retry-After.",
    ),
    maintenance_window=(
        "The national system is out of service for planned maintenance; try again after Retry-After.",
        "Hệ thống quốc gia ngừng phục vụ để bảo trì theo kế hoạch; thử lại sau thời gian Retry-After.",
    ),
    provider_failed=(
        "The data exchange road works, but the national system did not answer its security server.",
        "Trục kết nối hoạt động nhưng hệ thống quốc gia không trả lời máy chủ bảo mật của hệ thống đó.",
    ),
    road_failed=(
        "The data exchange road (security server) could not carry the message to the national system.",
        "Trục kết nối (máy chủ bảo mật) không chuyển được thông điệp tới hệ thống quốc gia.",
    ),
    token_endpoint=(
        "The token service that the national system requires is not available.",
        "Dịch vụ cấp token mà hệ thống quốc gia yêu cầu không sẵn sàng.",
    ),
)

_TIMEOUT: Final = reasons(
    "upstream-timeout",
    attempt=(
        "The national system did not answer in time.",
        "Hệ thống quốc gia không trả lời kịp thời gian.",
    ),
    deadline=(
        "The deadline of the request passed before the national system answered.",
        "Đã hết thời hạn của yêu cầu trước khi hệ thống quốc gia trả lời.",
    ),
    soft_timeout=(
        "The national system did not answer within the operation's soft timeout.",
        "Hệ thống quốc gia không trả lời trong thời gian chờ mềm của thao tác.",
    ),
)

_REFUSED: Final = reasons(
    "upstream-refused",
    credentials=(
        "The national system does not accept the gateway's credentials; the gateway's operator must act.",
        "Hệ thống quốc gia không chấp nhận thông tin xác thực của cổng tích hợp; người vận hành cổng phải xử lý.",
    ),
    officer=(
        "The national system requires a registered officer (name and citizen number); the gateway's operator must act.",
        "Hệ thống quốc gia yêu cầu cán bộ có họ tên và số định danh đã đăng ký; người vận hành cổng phải xử lý.",
    ),
    allow_list=(
        "The national system does not accept the gateway's network address; the gateway's operator must act.",
        "Hệ thống quốc gia không chấp nhận địa chỉ mạng của cổng tích hợp; người vận hành cổng phải xử lý.",
    ),
    private_address=(
        (
            "The address of the national system is private and the configuration does not allow that; "
            "the gateway's operator must act."
        ),
        "Địa chỉ của hệ thống quốc gia là địa chỉ nội bộ mà cấu hình không cho phép; người vận hành cổng phải xử lý.",
    ),
    road_refused=(
        (
            "The data exchange road does not know this gateway or the national system, or does not permit the "
            "question; the gateway's operator must act."
        ),
        (
            "Trục kết nối không biết cổng tích hợp hoặc hệ thống quốc gia, hoặc không cho phép truy vấn; người vận "
            "hành cổng phải xử lý."
        ),
    ),
    tls_expired=(
        "The TLS certificate of the national system has expired; its operator or the gateway's must act.",
        "Chứng thư TLS của hệ thống quốc gia đã hết hạn; người vận hành hệ thống đó hoặc cổng phải xử lý.",
    ),
    tls_wrong_host=(
        "The TLS certificate of the national system is for another host; its operator or the gateway's must act.",
        "Chứng thư TLS của hệ thống quốc gia cấp cho máy chủ khác; người vận hành hệ thống đó hoặc cổng phải xử lý.",
    ),
    tls_untrusted=(
        "No trusted TLS connection to the national system could be made; its operator or the gateway's must act.",
        (
            "Không thiết lập được kết nối TLS tin cậy với hệ thống quốc gia; người vận hành hệ thống đó hoặc cổng "
            "phải xử lý."
        ),
    ),
    tls_not_strict=(
        (
            "The TLS certificate of the national system does not have the form that RFC 5280 demands; its operator or "
            "the gateway's must act."
        ),
        (
            "Chứng thư TLS của hệ thống quốc gia không đúng dạng theo RFC 5280; người vận hành hệ thống đó hoặc cổng "
            "phải xử lý."
        ),
    ),
    too_large=(
        "The national system refuses the order because it is too large; send smaller files.",
        "Hệ thống quốc gia từ chối yêu cầu vì quá lớn; gửi tệp nhỏ hơn.",
    ),
)

_INVALID: Final = reasons(
    "upstream-invalid-response",
    malformed=(
        "The answer of the national system could not be read or does not have the form that its contract says.",
        "Không đọc được câu trả lời của hệ thống quốc gia, hoặc câu trả lời sai cấu trúc đã quy định.",
    ),
    off_contract=(
        "The national system answered with a status, code or text that its contract does not describe.",
        "Hệ thống quốc gia trả về trạng thái, mã hoặc nội dung mà quy cách không nêu.",
    ),
    inconsistent_response=(
        "The national system answered about another record than the one asked for.",
        "Hệ thống quốc gia trả về bản ghi khác với bản ghi được hỏi.",
    ),
    request_hash=(
        "The data exchange road carried another message to the national system than the one that the gateway sent.",
        "Trục kết nối đã chuyển tới hệ thống quốc gia một thông điệp khác với thông điệp mà cổng tích hợp gửi.",
    ),
    response_too_large=(
        "The answer of the national system is larger than the gateway accepts.",
        "Câu trả lời của hệ thống quốc gia lớn hơn mức cổng tích hợp chấp nhận.",
    ),
    forbidden_xml=(
        "The answer of the national system has XML that the gateway refuses for safety (DOCTYPE or its encoding).",
        "Câu trả lời của hệ thống quốc gia có XML mà cổng tích hợp từ chối vì an toàn (DOCTYPE hoặc bảng mã).",
    ),
)

SYSTEMS: Final[dict[str, ReasonText]] = {
    **_UNAVAILABLE,
    **_TIMEOUT,
    **_REFUSED,
    **_INVALID,
    "cut_off": ReasonText(
        ("upstream-unavailable", "upstream-invalid-response"),
        Text(
            "The answer of the national system broke off before it was complete.",
            "Câu trả lời của hệ thống quốc gia bị ngắt trước khi đầy đủ.",
        ),
    ),
}
