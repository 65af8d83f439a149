"""Models: Cổng Dịch vụ công các bộ, ngành. Generated from the declared operations: make generate."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

from lgsp_client.models.dossiers import InboundDossier, InboundResult, KnownStatus
from lgsp_client.values import Answered

IncomingKind: TypeAlias = Literal["dossier", "result", "unknown"]


class IncomingMessage(Answered):
    """Thông điệp: a dossier that was filed with the ministry and is the province's to handle, or a result."""

    message_id: str
    """Mã thông điệp, with which it is acknowledged."""
    kind: IncomingKind | str
    """dossier hồ sơ · result kết quả · unknown: see source_code."""
    source_code: str | None = None
    """Loại thông điệp, as sent."""
    dossier_code: str
    """Mã hồ sơ."""
    procedure_code: str | None = None
    """Mã thủ tục hành chính."""
    sent_at: datetime | None = None
    """Thời điểm gửi or ngày tiếp nhận, UTC."""
    status: KnownStatus | str | None = None
    """Trạng thái hồ sơ."""
    status_source_code: str | None = None
    """Mã trạng thái of the ministry."""
    dossier: InboundDossier | None = None
    """The dossier, where the list has it whole; else ask `filed`."""
    result: InboundResult | None = None
    """The result, of kind result."""


class FiledFile(Answered):
    """Tệp đính kèm: a file of a dossier that was filed with the ministry; its bytes come with the inbox."""

    file_name: str
    """Tên tệp."""
    length: int
    """Độ dài, byte."""


class FiledDossier(Answered):
    """A dossier that was filed with the ministry, whole."""

    dossier: InboundDossier
    files: tuple[FiledFile, ...] = ()
    """Tệp đính kèm."""


class Acknowledged(Answered):
    """The messages that the ministry does not give again."""

    message_ids: tuple[str, ...]
    """Mã thông điệp."""
