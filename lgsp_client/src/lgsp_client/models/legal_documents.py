"""Models: CSDLQG về văn bản quy phạm pháp luật. Generated from the declared operations: make generate."""

from __future__ import annotations

from datetime import date
from typing import Literal, TypeAlias

from lgsp_client.values import Answered

DocumentType: TypeAlias = Literal[
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
DocumentStatus: TypeAlias = Literal[
    "in_force",
    "expired",
    "partly_expired",
    "not_yet_in_force",
    "suspended",
    "partly_suspended",
    "no_longer_appropriate",
    "unknown",
]
RelationKind: TypeAlias = Literal["amends", "replaces", "consolidates", "basis", "corrects", "abrogates", "unknown"]
ProvisionKind: TypeAlias = Literal["part", "chapter", "section", "subsection", "article", "clause", "point", "unknown"]


class DocumentSummary(Answered):
    """A document in a list."""

    document_id: str
    """Mã văn bản của nguồn: digits for older documents, a UUID for newer ones."""
    number: str | None = None
    """Số, ký hiệu."""
    title: str | None = None
    """Tên văn bản."""
    abstract: str | None = None
    """Trích yếu."""
    type: DocumentType | str
    """Loại văn bản."""
    type_name: str | None = None
    """Loại văn bản as the source names it."""
    type_source_code: str | None = None
    """Mã loại văn bản của nguồn."""
    issuer: str | None = None
    """Cơ quan ban hành."""
    issued_on: date | None = None
    """Ngày ban hành."""
    effective_from: date | None = None
    """Ngày có hiệu lực."""
    effective_to: date | None = None
    """Ngày hết hiệu lực: the first day without effect."""
    status: DocumentStatus | str
    """Tình trạng hiệu lực today, as the source says."""
    source_code: str | None = None
    """Mã tình trạng hiệu lực của nguồn."""


class Relation(Answered):
    """A relation of one document to another (văn bản liên quan)."""

    kind: RelationKind | str
    """Loại quan hệ."""
    source_code: str | None = None
    """Mã loại quan hệ của nguồn (referenceType)."""
    direction: Literal["outgoing", "incoming"] | str
    """outgoing: this document does it to the other; incoming: the other does it to this one."""
    document_id: str | None = None
    """Mã văn bản kia."""
    number: str | None = None
    """Số, ký hiệu văn bản kia."""


class Effect(Answered):
    """Whether a document is in force on a day (hiệu lực vào một ngày), from its dates and relations."""

    day: date
    """Ngày được hỏi."""
    in_force: Literal["yes", "partly", "no", "unknown"] | str
    """yes; partly: some provisions are not; no; unknown: the source's dates and relations do not say."""
    reason: (
        Literal[
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
        ]
        | str
    )
    """Why; superseded: replaced by another document on a day that is not known; status_unknown: the source's status
    is missing or not in the table, and no end is known; inconsistent: its status of today and its dates contradict
    each other.
    """


class Document(DocumentSummary):
    """A document with its effect, signers, fields and relations."""

    published_on: date | None = None
    """Ngày đăng Công báo, công bố."""
    signers: tuple[str, ...] = ()
    """Người ký."""
    fields: tuple[str, ...] = ()
    """Lĩnh vực."""
    is_consolidated: bool | None = None
    """Văn bản hợp nhất."""
    has_content: bool | None = None
    """Có toàn văn."""
    relations: tuple[Relation, ...] = ()
    """Văn bản liên quan."""
    effect: Effect | None = None
    """Hiệu lực on in_force_on, where that was asked."""


class Provision(Answered):
    """A part of a document's text with the parts below it."""

    kind: ProvisionKind | str
    """Loại."""
    source_code: str | None = None
    """Mã loại của nguồn (ptype)."""
    level: int | None = None
    """Cấp in the tree, as the source counts."""
    heading: str | None = None
    """Số và tiêu đề."""
    text: str | None = None
    """Nội dung, plain text: cells of a table apart by |, what is raised behind ^ (10^6), what is struck out within
    [bỏ: …].
    """
    children: tuple[Provision, ...] = ()
    """Các điều khoản bên dưới."""


class ProvisionTree(Answered):
    """The structure of a document's text (chương, điều, khoản, điểm); empty where the source has none."""

    document_id: str
    """Mã văn bản của nguồn: digits for older documents, a UUID for newer ones."""
    provisions: tuple[Provision, ...] = ()
    """Cây điều khoản."""
