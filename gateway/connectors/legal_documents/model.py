"""Legal documents, their effect, relations and provisions (CSDLQG về văn bản quy phạm pháp luật)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from gateway.core.canonical import Canonical, Day, Page

DocumentId = Annotated[
    str,
    Field(
        description="Mã văn bản của nguồn: digits for older documents, a UUID for newer ones",
        min_length=1,
        max_length=64,
        pattern=r"^[A-Za-z0-9-]+$",
        examples=["104736"],
    ),
]

DocumentType = Literal[
    "constitution",
    "code",
    "law",
    "ordinance",
    "order",
    "decree",
    "resolution",
    "joint_resolution",
    "decision",
    "directive",
    "circular",
    "joint_circular",
    "consolidated_document",
    "unknown",
]
"""Hiến pháp, bộ luật, luật, pháp lệnh, lệnh, nghị định, nghị quyết, nghị quyết liên tịch, quyết định, chỉ thị,
thông tư, thông tư liên tịch, văn bản hợp nhất."""

DocumentStatus = Literal[
    "in_force",
    "expired",
    "partly_expired",
    "not_yet_in_force",
    "suspended",
    "partly_suspended",
    "no_longer_appropriate",
    "unknown",
]
"""CHL còn hiệu lực, HHL hết hiệu lực toàn bộ, HHL1P hết hiệu lực một phần, CCHL chưa có hiệu lực, TNHL and TNHL1P
ngưng hiệu lực (một phần), KCPH không còn phù hợp."""

RelationKind = Literal["amends", "replaces", "consolidates", "basis", "corrects", "abrogates", "unknown"]
"""Sửa đổi bổ sung, thay thế, hợp nhất, căn cứ, đính chính, bãi bỏ."""

ProvisionKind = Literal["part", "chapter", "section", "subsection", "article", "clause", "point", "unknown"]
"""Phần, chương, mục, tiểu mục, điều, khoản, điểm."""


class DocumentQuery(Canonical):
    """The document to look up, and the day for which its effect is asked."""

    document_id: DocumentId
    in_force_on: Day | None = Field(
        default=None, description="Ngày cần biết hiệu lực; the answer is in effect", examples=["2024-01-01"]
    )


class SearchQuery(Canonical):
    """The conditions of a search; a document must meet all of them. Case, blanks and Unicode forms do not matter."""

    number: str | None = Field(
        default=None,
        description="Số, ký hiệu, or whole parts of it",
        min_length=1,
        max_length=64,
        examples=["68/2014/QH13"],
    )
    issuer: str | None = Field(
        default=None,
        description="Cơ quan ban hành, or a part of its name",
        min_length=2,
        max_length=200,
        examples=["Chính phủ"],
    )
    type: DocumentType | None = Field(default=None, description="Loại văn bản", examples=["decree"])
    in_force_on: Day | None = Field(
        default=None,
        description="Còn hiệu lực vào ngày, by the effect dates: pages may then be short, and total is null; a "
        "document of which the source does not say it is left out",
        examples=["2024-01-01"],
    )
    q: str | None = Field(
        default=None,
        description="Từ khóa trong trích yếu, all words",
        min_length=2,
        max_length=200,
        examples=["một cửa"],
    )
    page_token: str | None = Field(default=None, description="meta.next_page_token of the previous page", max_length=64)


class DocumentSummary(Canonical):
    """A document in a list."""

    document_id: DocumentId
    number: str | None = Field(default=None, description="Số, ký hiệu", examples=["68/2014/QH13"])
    title: str | None = Field(default=None, description="Tên văn bản")
    abstract: str | None = Field(default=None, description="Trích yếu")
    type: DocumentType = Field(description="Loại văn bản")
    type_name: str | None = Field(default=None, description="Loại văn bản as the source names it")
    type_source_code: str | None = Field(default=None, description="Mã loại văn bản của nguồn")
    issuer: str | None = Field(default=None, description="Cơ quan ban hành")
    issued_on: date | None = Field(default=None, description="Ngày ban hành")
    effective_from: date | None = Field(default=None, description="Ngày có hiệu lực")
    effective_to: date | None = Field(default=None, description="Ngày hết hiệu lực: the first day without effect")
    status: DocumentStatus = Field(description="Tình trạng hiệu lực today, as the source says")
    source_code: str | None = Field(default=None, description="Mã tình trạng hiệu lực của nguồn")


class Relation(Canonical):
    """A relation of one document to another (văn bản liên quan)."""

    kind: RelationKind = Field(description="Loại quan hệ")
    source_code: str | None = Field(default=None, description="Mã loại quan hệ của nguồn (referenceType)")
    direction: Literal["outgoing", "incoming"] = Field(
        description="outgoing: this document does it to the other; incoming: the other does it to this one"
    )
    document_id: str | None = Field(default=None, description="Mã văn bản kia")
    number: str | None = Field(default=None, description="Số, ký hiệu văn bản kia")


class Effect(Canonical):
    """Whether a document is in force on a day (hiệu lực vào một ngày), from its dates and relations."""

    day: date = Field(description="Ngày được hỏi")
    in_force: Literal["yes", "partly", "no", "unknown"] = Field(
        description="yes; partly: some provisions are not; no; unknown: the source's dates and relations do not say"
    )
    reason: Literal[
        "within_dates",
        "before_effect",
        "expired",
        "partly_expired",
        "suspended",
        "superseded",
        "no_longer_appropriate",
        "dates_missing",
        "status_unknown",
        "inconsistent",
    ] = Field(
        description="Why; superseded: replaced by another document on a day that is not known; status_unknown: the "
        "source's status is missing or not in the table, and no end is known; inconsistent: its status of today and "
        "its dates contradict each other"
    )


class Document(DocumentSummary):
    """A document with its effect, signers, fields and relations."""

    published_on: date | None = Field(default=None, description="Ngày đăng Công báo, công bố")
    signers: tuple[str, ...] = Field(default=(), description="Người ký")
    fields: tuple[str, ...] = Field(default=(), description="Lĩnh vực")
    is_consolidated: bool | None = Field(default=None, description="Văn bản hợp nhất")
    has_content: bool | None = Field(default=None, description="Có toàn văn")
    relations: tuple[Relation, ...] = Field(default=(), description="Văn bản liên quan")
    effect: Effect | None = Field(default=None, description="Hiệu lực on in_force_on, where that was asked")


DocumentPage = Page[DocumentSummary]


class ProvisionsQuery(Canonical):
    """The document whose provisions are asked for."""

    document_id: DocumentId


class Provision(Canonical):
    """A part of a document's text with the parts below it."""

    kind: ProvisionKind = Field(description="Loại")
    source_code: str | None = Field(default=None, description="Mã loại của nguồn (ptype)")
    level: int | None = Field(default=None, description="Cấp in the tree, as the source counts")
    heading: str | None = Field(default=None, description="Số và tiêu đề", examples=["Điều 1. Phạm vi điều chỉnh"])
    text: str | None = Field(
        default=None,
        description="Nội dung, plain text: cells of a table apart by |, what is raised behind ^ (10^6), "
        "what is struck out within [bỏ: …]",
    )
    children: tuple[Provision, ...] = Field(default=(), description="Các điều khoản bên dưới")


class ProvisionTree(Canonical):
    """The structure of a document's text (chương, điều, khoản, điểm); empty where the source has none."""

    document_id: DocumentId
    provisions: tuple[Provision, ...] = Field(default=(), description="Cây điều khoản")


class ContentQuery(Canonical):
    """The document whose full text (toàn văn) is asked for."""

    document_id: DocumentId
