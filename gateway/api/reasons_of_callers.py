"""The texts of the reasons that lie with who asks, and with what was asked about; :mod:`gateway.api.reasons` has all
others.
"""

from __future__ import annotations

from typing import Final

from gateway.api.texts import CODES, reasons

CALLER: Final = {
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
        file_unchecked=(
            "The certificate is issued, and the gateway is fetching and checking it; ask again later.",
            "Phiếu lý lịch tư pháp đã được cấp và cổng tích hợp đang lấy về, kiểm tra; hãy hỏi lại sau.",
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
