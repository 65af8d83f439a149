"""The text of each ``reason`` of a problem, in English and in Vietnamese, and the rule for ``detail``.

The ``detail`` of a problem is the text of its ``reason``; a problem without a reason, or with a reason that is not in
the table, has the text of its ``code``. So both languages say the same, and one word always has one text. What differs
from request to request (the field, a number) is in ``errors[]``, and the detail points there only where there is one.
The sentence that an exception is raised with is for developers (tracebacks, tests); callers do not see it.
"""

from __future__ import annotations

from typing import Final

from gateway.api.reasons_of_dossiers import DOSSIERS
from gateway.api.reasons_of_operating import OPERATING
from gateway.api.reasons_of_requests import CONFIGURATION, REQUEST
from gateway.api.reasons_of_the_inbox import INBOX
from gateway.api.texts import CODES, ReasonText, Text, reasons

_CALLER: Final = {
    **reasons(
        "unauthenticated",
        unknown_key=("The gateway does not accept this API key.", "Cổng tích hợp không chấp nhận khóa API này."),
    ),
    **reasons(
        "forbidden",
        foreign_origin=(
            "The operator's port takes actions from its own pages and from programs, not from other pages.",
            "Cổng vận hành chỉ nhận thao tác từ trang của chính nó hoặc từ chương trình, không từ trang khác.",
        ),
        officer_not_allowed=(
            "This API key may not ask in the name of this officer (X-User-Id); ask the gateway's operator.",
            "Khóa API này không được hỏi thay cho cán bộ này (X-User-Id); đề nghị người vận hành cổng.",
        ),
    ),
    **reasons(
        "not-found",
        no_record=CODES["not-found"].detail,
        no_lane=(
            "No order of this key for this system was ever accepted; GET /api/lanes lists those that wait.",
            "Chưa từng nhận yêu cầu nào của khóa này cho hệ thống này; GET /api/lanes liệt kê các yêu cầu đang chờ.",
        ),
        no_dossier=(
            "The store knows no dossier of this code: nothing was sent or received under it.",
            "Kho lưu không có hồ sơ mang mã này: chưa gửi và chưa nhận gì theo mã này.",
        ),
        unknown_connector=(
            "The gateway has no connector of this name; GET /v1/connectors lists all connectors.",
            "Cổng tích hợp không có kết nối tên này; GET /v1/connectors liệt kê các kết nối.",
        ),
        unknown_upstream=(
            "The path names a system that the gateway does not have; errors[] has the nearest names.",
            "Đường dẫn nêu một hệ thống mà cổng tích hợp không có; errors[] nêu các tên gần nhất.",
        ),
        not_offered_there=(
            "The system that the path names does not offer this operation; errors[] has those that do.",
            "Hệ thống nêu trong đường dẫn không cung cấp thao tác này; errors[] nêu các hệ thống có thao tác này.",
        ),
        not_followed=(
            (
                "The gateway keeps no events of such a record: it was not ordered through it with this key, or the "
                "deployment has no store."
            ),
            "Cổng không lưu sự kiện của bản ghi này: không nộp qua cổng bằng khóa này, hoặc cổng không có kho lưu.",
        ),
        not_issued=(
            "The application exists, but its certificate is not issued yet.",
            "Hồ sơ đã có nhưng Phiếu lý lịch tư pháp chưa được cấp.",
        ),
        file_deleted=(
            "The certificate was delivered and has been deleted here after its time; the source keeps it.",
            "Phiếu lý lịch tư pháp đã được trả và đã xóa tại cổng tích hợp khi hết thời hạn lưu; cơ quan cấp vẫn lưu.",
        ),
        revoked=(
            "The certificate was revoked; the application has the details.",
            "Phiếu lý lịch tư pháp đã bị thu hồi; xem chi tiết ở tình trạng hồ sơ.",
        ),
        paper_only=(
            "The certificate exists only on paper and is collected or sent by post.",
            "Phiếu lý lịch tư pháp chỉ có bản giấy, được nhận trực tiếp hoặc gửi qua bưu điện.",
        ),
    ),
    **reasons(
        "conflict",
        already_received=(
            (
                "The national system already has a dossier of this code and accepts changes only after it has asked "
                "for a supplement; look at the application's state."
            ),
            "Hệ thống quốc gia đã có hồ sơ mang mã này và chỉ nhận thay đổi khi đã yêu cầu bổ sung; xem tình trạng.",
        ),
        nothing_waits=(
            "Nothing waits in this lane: the system has all its orders.",
            "Không có yêu cầu nào đang chờ: hệ thống đã nhận tất cả.",
        ),
        being_sent=(
            "The order is being sent just now; look again in a minute.",
            "Yêu cầu đang được gửi; hãy xem lại sau một phút.",
        ),
        outcome_unknown=(
            "The system may have this order, so it can't be changed or taken back; retry asks the system for it.",
            "Hệ thống có thể đã nhận yêu cầu này nên không sửa hoặc rút lại được; thao tác retry sẽ hỏi lại hệ thống.",
        ),
        too_many_held=(
            (
                "Too many orders wait here for the order that opens their dossier; send that one first, or let the "
                "operator cancel those that wait (GET /api/lanes?state=held)."
            ),
            (
                "Quá nhiều yêu cầu đang chờ yêu cầu mở hồ sơ; hãy gửi yêu cầu mở hồ sơ trước, hoặc đề nghị người vận "
                "hành hủy các yêu cầu đang chờ (GET /api/lanes?state=held)."
            ),
        ),
        other_key=(
            "The edited order belongs to another dossier; a lane keeps the orders of one dossier.",
            "Yêu cầu sau khi sửa thuộc hồ sơ khác; mỗi hàng đợi chỉ giữ yêu cầu của một hồ sơ.",
        ),
        unknown_operation=(
            "This gateway does not know the operation of this order; a newer release accepted it.",
            "Cổng tích hợp này không biết thao tác của yêu cầu; một phiên bản mới hơn đã nhận yêu cầu.",
        ),
        already_sent=(
            (
                "The application was sent and can't be cancelled here any more; the citizen can ask the issuing agency "
                "to withdraw it."
            ),
            "Hồ sơ đã được gửi, không hủy ở đây được nữa; công dân có thể đề nghị cơ quan cấp Phiếu cho rút hồ sơ.",
        ),
        order_waiting=(
            "An order of this application waits to be sent; look at the application's state.",
            "Một yêu cầu khác của hồ sơ này đang chờ gửi; xem tình trạng hồ sơ.",
        ),
        supplement_not_requested=(
            "The national system does not ask for a supplement of this application now; look at its state.",
            "Hệ thống quốc gia hiện không yêu cầu bổ sung hồ sơ này; xem tình trạng hồ sơ.",
        ),
        supplement_requested=(
            "The national system asks for a supplement: send the application to its address with /supplement.",
            "Hệ thống quốc gia yêu cầu bổ sung: gửi hồ sơ đến địa chỉ của hồ sơ, thêm /supplement.",
        ),
    ),
}

_GATEWAY: Final = reasons(
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
    store=(
        "The gateway's database is not available, so orders are not accepted now; try again after Retry-After.",
        "Cơ sở dữ liệu của cổng tích hợp không sẵn sàng nên chưa nhận yêu cầu ghi; thử lại sau thời gian Retry-After.",
    ),
)

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

_INTERNAL: Final = reasons(
    "internal",
    road_request=(
        "The data exchange road could not read the gateway's message; quote the request id to the gateway's operator.",
        "Trục kết nối không đọc được thông điệp của cổng tích hợp; gửi mã yêu cầu cho người vận hành cổng.",
    ),
)

_SHARED: Final = {
    "cut_off": ReasonText(
        ("upstream-unavailable", "upstream-invalid-response"),
        Text(
            "The answer of the national system broke off before it was complete.",
            "Câu trả lời của hệ thống quốc gia bị ngắt trước khi đầy đủ.",
        ),
    ),
}

REASONS: Final[dict[str, ReasonText]] = {
    **CONFIGURATION,
    **REQUEST,
    **_CALLER,
    **_GATEWAY,
    **_UNAVAILABLE,
    **_TIMEOUT,
    **_REFUSED,
    **_INVALID,
    **_INTERNAL,
    **_SHARED,
    **INBOX,
    **DOSSIERS,
    **OPERATING,
}
"""Every ``reason`` of the API."""


def reasons_of(code: str) -> dict[str, Text]:
    """The reasons that can come with *code*."""
    return {reason: known.text for reason, known in REASONS.items() if code in known.codes}


def detail_of(code: str, reason: str) -> Text:
    """The text of *reason*, else that of *code*."""
    known = REASONS.get(reason)
    return known.text if known is not None else CODES[code].detail
