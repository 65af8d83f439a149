"""The questions and answers that the national portal alone has; dossiers and steps are in ``gateway/dossiers``."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gateway.core.canonical import PERSONAL, Canonical, Page
from gateway.core.identifiers import IDENTIFIER
from gateway.dossiers.model import (
    MOST_ROWS,
    DossierCode,
    FileLink,
    FileName,
    Instant,
    Long,
    NationalCode,
    StatusCode,
)
from gateway.dossiers.procedures import Procedure, ProcedureCode


class StatusFile(Canonical):
    """Tài liệu xử lý: a file of the handling, and where the portal can fetch it."""

    file_name: FileName = Field(description="Tên tệp", examples=["thong-bao.pdf"])
    url: FileLink = Field(description="Đường dẫn tải tệp tin")


class StatusReport(Canonical):
    """Trạng thái of a dossier that the portal had pushed to the province: it is told by the codes of both sides."""

    dossier_code: DossierCode
    national_code: NationalCode
    status: StatusCode
    subject_identifier: Annotated[
        Annotated[str, Field(max_length=50, pattern=r"^[A-Za-z0-9-]+$")] | None, PERSONAL, IDENTIFIER
    ] = Field(default=None, description="Mã đối tượng: số định danh cá nhân or mã số doanh nghiệp")
    content: Annotated[Long | None, PERSONAL] = Field(default=None, description="Nội dung xử lý")
    processed_at: Instant = Field(description="Ngày xử lý")
    documents: tuple[StatusFile, ...] = Field(default=(), max_length=MOST_ROWS, description="Tài liệu xử lý")


class ProceduresQuery(Canonical):
    """The procedures to look up: all that are published, those with the words of *q*, or one by its *code*."""

    code: ProcedureCode | None = Field(
        default=None, description="Mã thủ tục hành chính: that one alone, with all that the portal says of it"
    )
    q: str | None = Field(
        default=None,
        description="Words of the code, name, field or agency; case and diacritics do not matter, đ is found by d",
        min_length=2,
        max_length=200,
        examples=["khai sinh"],
    )
    page_token: str | None = Field(
        default=None, description="meta.next_page_token of the previous page", max_length=256
    )


class ProcedurePage(Page[Procedure]):
    """One page of procedures, by their codes or in the sequence of the source; one of a search may have few."""
