"""The texts of the reasons of orders about dossiers; :mod:`gateway.api.reasons` has all others."""

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
        later_step_sent=(
            "A later step of this dossier was sent already; steps go in the order of their instants.",
            "Một bước xử lý muộn hơn của hồ sơ đã được gửi; các bước được gửi theo thứ tự thời điểm xử lý.",
        ),
    ),
    **reasons(
        "invalid-request",
        procedure_not_published=(
            "The portal does not publish this procedure; look at the table of procedures in the configuration.",
            "Cổng nhận không công khai thủ tục này; xem bảng mã thủ tục trong cấu hình.",
        ),
    ),
}
