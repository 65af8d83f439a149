"""The texts of the reasons of orders about dossiers and of catalogues; :mod:`gateway.api.reasons` has all others."""

from __future__ import annotations

from typing import Final

from gateway.api.texts import reasons

DOSSIERS: Final = {
    **reasons(
        "conflict",
        known_at_portal=(
            "The portal has this already; look at what it has of the dossier.",
            "Cổng nhận đã có nội dung này; xem tình trạng đồng bộ của hồ sơ.",
        ),
        not_synced=(
            "The portal does not have this dossier yet; send the dossier itself first.",
            "Cổng nhận chưa có hồ sơ này; gửi đồng bộ hồ sơ trước.",
        ),
        earlier_states_missing=(
            "The ministry takes this state only after others, which were not reported; report them first.",
            "Bộ, ngành chỉ nhận trạng thái này sau các trạng thái khác chưa được báo; hãy báo các trạng thái đó trước.",
        ),
        refused_for_good=(
            "The receiving system refuses this order, and will refuse it again; correct it, or ask those who run it.",
            "Hệ thống nhận từ chối yêu cầu này và sẽ tiếp tục từ chối; hãy sửa lại hoặc liên hệ đơn vị quản lý.",
        ),
        later_step_sent=(
            "A later step of this dossier was sent already; steps go in the order of their instants.",
            "Một bước xử lý muộn hơn của hồ sơ đã được gửi; các bước được gửi theo thứ tự thời điểm xử lý.",
        ),
        after_last_step=(
            "A dossier's last step is finished (9), and no step may be later than it; correct one of the two.",
            "Bước cuối cùng của hồ sơ là đã xử lý xong (9), không có bước nào muộn hơn; hãy sửa một trong hai bước.",
        ),
        catalogue_doubtful=(
            (
                "So much of the catalogue is gone, or could not be read, that the source may have answered only a "
                "part; look at the difference (dry_run), then say force."
            ),
            (
                "Danh mục mất quá nhiều mục hoặc có mục không đọc được nên nguồn có thể chỉ trả lời một phần; xem "
                "khác biệt (dry_run), sau đó dùng force."
            ),
        ),
    ),
    **reasons(
        "not-found",
        no_catalogue=(
            "No catalogue of this name is kept, or none was taken yet; GET /api/catalogues lists them.",
            "Không có danh mục tên này, hoặc chưa lấy lần nào; GET /api/catalogues liệt kê các danh mục.",
        ),
        no_question_at_source=(
            "This portal can't be asked for a dossier, and the gateway's store knows nothing of this one.",
            "Cổng này không cho tra cứu hồ sơ, và kho của cổng tích hợp không biết hồ sơ này.",
        ),
    ),
    **reasons(
        "invalid-request",
        unknown_message=(
            "The ministry has no message of one of these numbers; read its list again.",
            "Bộ, ngành không có thông điệp mang một trong các số này; hãy đọc lại danh sách.",
        ),
        procedure_not_published=(
            "The portal does not publish this procedure; look at the table of procedures in the configuration.",
            "Cổng nhận không công khai thủ tục này; xem bảng mã thủ tục trong cấu hình.",
        ),
    ),
}
