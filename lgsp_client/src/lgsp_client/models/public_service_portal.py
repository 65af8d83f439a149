"""Models: Cổng Dịch vụ công quốc gia. Generated from the declared operations: make generate."""

from __future__ import annotations

from lgsp_client.values import Asked


class StatusFile(Asked):
    """Tài liệu xử lý: a file of the handling, and where the portal can fetch it."""

    file_name: str
    """Tên tệp."""
    url: str
    """Đường dẫn tải tệp tin."""
