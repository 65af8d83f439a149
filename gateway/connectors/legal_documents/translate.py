"""Shared by both dialects, without I/O: the tables of codes, effect on a day, comparing numbers, page tokens."""

from __future__ import annotations

import base64
import binascii
import codecs
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import date
from hashlib import blake2b
from typing import Final, Literal

from gateway.connectors.legal_documents.model import (
    Document,
    DocumentPage,
    DocumentStatus,
    DocumentSummary,
    DocumentType,
    Effect,
    Relation,
    RelationKind,
    SearchQuery,
)
from gateway.core.canonical import Content
from gateway.core.files import OPEN_XML, PDF, RTF, WORD, true_type
from gateway.core.lenient import text
from gateway.core.mistakes import WRONG_PAGE_TOKEN
from gateway.core.problems import FieldError, InvalidRequest
from gateway.core.vietnamese import folded, folded_number

PAGE_SIZE: Final = 20
LAST_PAGE: Final = 100_000
_DIGEST: Final = 6

STATUSES: Final[Mapping[str, DocumentStatus]] = {
    "CHL": "in_force",
    "HHL": "expired",
    "HHL1P": "partly_expired",
    "CCHL": "not_yet_in_force",
    "TNHL": "suspended",
    "TNHL1P": "partly_suspended",
    "KCPH": "no_longer_appropriate",
}
"""``effStatus.code`` [C]; ``TinhTrangHieuLuc`` is assumed to have the same codes [S]."""

TYPES: Final[Mapping[str, tuple[DocumentType, str]]] = {
    "HP": ("constitution", "Hiến pháp"),
    "BL": ("code", "Bộ luật"),
    "LU": ("law", "Luật"),
    "PL": ("ordinance", "Pháp lệnh"),
    "L-CTN": ("order", "Lệnh"),
    "NĐ": ("decree", "Nghị định"),
    "NQ": ("resolution", "Nghị quyết"),
    "NQLT": ("joint_resolution", "Nghị quyết liên tịch"),
    "QĐ": ("decision", "Quyết định"),
    "CTHI": ("directive", "Chỉ thị"),
    "TT": ("circular", "Thông tư"),
    "TTLT_TW": ("joint_circular", "Thông tư liên tịch"),
    "VBHN": ("consolidated_document", "Văn bản hợp nhất"),
}
"""``docType.code`` [C] with its meaning and its name in the catalogue ``LoaiVanBan``."""

RELATIONS: Final[Mapping[str, RelationKind]] = {
    "1": "abrogates",
    "3": "basis",
    "6": "corrects",
    "7": "consolidates",
    "8": "abrogates",
    "10": "amends",
    "12": "replaces",
}
"""``referenceType`` [C]."""


# ---- words


_BY_CODE: Final = {folded(code): kind for code, (kind, _) in TYPES.items()}
_BY_NAME: Final = {folded(name): kind for kind, name in TYPES.values()}
TYPE_NAMES: Final[Mapping[str, str]] = dict(TYPES.values())


def document_type(code: str | None, name: str | None) -> DocumentType:
    """The type of a code, or else of its name; ``unknown`` where neither is in the table."""
    return _BY_CODE.get(folded(code or "")) or _BY_NAME.get(folded(name or ""), "unknown")


def document_status(code: str | None) -> DocumentStatus:
    """The status of a code."""
    return STATUSES.get((code or "").upper(), "unknown")


def same_id(found: str | None, asked: str) -> bool:
    """Whether an answer is about the document asked for; UUIDs come in both cases."""
    return found is not None and found.casefold() == asked.casefold()


def relation(
    code: str | None, direction: Literal["outgoing", "incoming"], document_id: str | None, number: str | None
) -> Relation:
    """A relation in canonical form; an unknown code stays visible."""
    known = RELATIONS.get(code or "", "unknown")
    return Relation(kind=known, source_code=code, direction=direction, document_id=document_id, number=number)


def ordered(relations: Iterable[Relation]) -> tuple[Relation, ...]:
    """*relations* once each, in an order that does not depend on the source."""

    def key(item: Relation) -> tuple[str, str, str, str]:
        return item.direction, item.kind, item.document_id or "", folded_number(item.number or "")

    return tuple(found for _, found in sorted({key(item): item for item in relations}.items()))


# ---- effect on a day


def effect_on(day: date, document: DocumentSummary, relations: Sequence[Relation] = ()) -> Effect:
    """Whether *document* is in force on *day* (Law 64/2025/QH15 on the promulgation of legal documents, chapter VIII).

    Dates decide where they are known: ``effective_to`` is the first day without effect. The source's present status
    is about today: where it says expired, suspended or superseded without a date, no day after the beginning is known,
    and where it says partly, a day within the dates may have been whole.
    """

    def said(in_force: Literal["yes", "partly", "no", "unknown"], reason: str) -> Effect:
        return Effect.model_validate({"day": day, "in_force": in_force, "reason": reason})

    begin, end = document.effective_from, document.effective_to
    if begin is not None and day < begin:
        return said("no", "before_effect")
    if end is not None and day >= end:
        return said("no", "expired")
    if begin is None:
        return said("unknown", "dates_missing")
    if document.status == "suspended":
        return said("unknown", "suspended")
    if document.status == "no_longer_appropriate":
        return said("unknown", "no_longer_appropriate")
    if end is None and document.status == "expired":
        return said("unknown", "expired")
    if end is None and any(other.direction == "incoming" and other.kind == "replaces" for other in relations):
        return said("unknown", "superseded")
    if document.status == "partly_expired":
        return said("partly", "partly_expired")
    if document.status == "partly_suspended":
        return said("partly", "suspended")
    return said("yes", "within_dates")


def with_effect(document: Document, day: date | None) -> Document:
    """*document* with its effect on *day*, where one was asked."""
    if day is None:
        return document
    return document.model_copy(update={"effect": effect_on(day, document, document.relations)})


# ---- pages


def _digest(query: SearchQuery) -> bytes:
    conditions = query.model_dump_json(exclude={"page_token"}, exclude_none=True)
    return blake2b(conditions.encode(), digest_size=_DIGEST).digest()


def page_token(page: int, query: SearchQuery) -> str:
    """The token of *page* of *query*; a token of another query is refused."""
    return base64.urlsafe_b64encode(_digest(query) + page.to_bytes(4, "big")).decode().rstrip("=")


def page_of(query: SearchQuery) -> int:
    """The page that *query* asks for, from 1.

    Raises:
        InvalidRequest: The token is not a page token of this query.
    """
    if query.page_token is None:
        return 1
    try:
        raw = base64.b64decode(query.page_token + "=" * (-len(query.page_token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    page = int.from_bytes(raw[_DIGEST:], "big")
    if len(raw) != _DIGEST + 4 or raw[:_DIGEST] != _digest(query) or not 1 <= page <= LAST_PAGE:
        raise InvalidRequest(errors=[FieldError("/page_token", WRONG_PAGE_TOKEN)])
    return page


def matches(document: DocumentSummary, query: SearchQuery) -> bool:
    """Whether *document* meets the conditions of *query*; sources ignore conditions that they do not know."""
    if query.number is not None and folded_number(document.number or "") != folded_number(query.number):
        return False
    if query.issuer is not None and folded(query.issuer) not in folded(document.issuer or ""):
        return False
    if query.type is not None and document.type != query.type:
        return False
    return query.in_force_on is None or effect_on(query.in_force_on, document).in_force in {"yes", "partly"}


def to_page(found: Sequence[DocumentSummary], query: SearchQuery, total: int | None) -> DocumentPage:
    """One page of the source as one page of ours; documents that do not match are left out, and then the total is
    unknown.
    """
    page = page_of(query)
    kept = tuple(document for document in found if matches(document, query))
    more = bool(found) and (len(found) >= PAGE_SIZE if total is None else page * PAGE_SIZE < total)
    counted = len(kept) == len(found) and query.in_force_on is None
    return DocumentPage(
        items=kept,
        next_page_token=page_token(page + 1, query) if more and page < LAST_PAGE else None,
        total=total if counted else None,
    )


# ---- files

EXTENSIONS: Final[Mapping[str, str]] = {OPEN_XML: "docx", PDF: "pdf", WORD: "doc", RTF: "rtf"}
"""Of the types that are known by their first bytes."""
_FORBIDDEN_IN_NAMES: Final = frozenset('/\\:*?"<>|')


def file_name(given: str | None, fallback: str) -> str:
    """*given* as a name that any system takes, or *fallback*."""
    kept = "".join("_" if c in _FORBIDDEN_IN_NAMES or not c.isprintable() else c for c in text(given) or "")
    return kept.strip(". ")[:150] or fallback


def as_it_begins(said: str, name: str, content: bytes) -> Content:
    """*content* under the media type *said*, or under the one that its first bytes say, with that one's extension.

    Raises:
        ValueError: It begins neither as its type does nor as another known one: an error message is not a document.
    """
    found, bare = true_type(content), said.partition(";")[0]
    if found is None and (bare in EXTENSIONS or (bare.startswith("text/") and _is_binary(content))):
        raise ValueError("the file does not begin as its type does")
    if found is None or found == bare or bare not in {*EXTENSIONS, "text/html", "text/plain"}:
        return Content(said, name, chunks(content))
    return Content(found, f"{name.rpartition('.')[0] or name}.{EXTENSIONS[found]}", chunks(content))


def _is_binary(content: bytes) -> bool:
    """Whether *content* is no text: NUL is in none, but UTF-16 after its byte order mark."""
    return b"\0" in content[:1024] and not content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))


async def chunks(data: bytes, size: int = 64 * 1024) -> AsyncIterator[bytes]:
    """*data* piece by piece, as :class:`gateway.core.canonical.Content` streams it."""
    for start in range(0, len(data), size):
        yield data[start : start + size]
