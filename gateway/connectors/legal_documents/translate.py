"""Shared by both dialects: the tables of codes, effect on a day, what matches a search, pages, files."""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import blake2b
from typing import Final, Literal, TypedDict

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
from gateway.core.days import day_in_vietnam
from gateway.core.files import OPEN_XML, PDF, RTF, WORD, true_type
from gateway.core.lenient import text
from gateway.core.mistakes import WRONG_PAGE_TOKEN
from gateway.core.problems import FieldError, InvalidRequest
from gateway.core.settings import S
from gateway.core.unread import Unread
from gateway.core.upstream import Upstream
from gateway.core.vietnamese import Spellings, folded, folded_number

PAGE_SIZE: Final = 20
LARGE_PAGE_SIZE: Final = 100
"""The most that a source gives [C]."""
_LEAST_S: Final = 0.5
"""Seconds that must be left to look at another page."""
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

STATUS_NAMES: Final[Mapping[str, DocumentStatus]] = {
    "Còn hiệu lực": "in_force",
    "Hết hiệu lực": "expired",
    "Hết hiệu lực toàn bộ": "expired",
    "Hết hiệu lực một phần": "partly_expired",
    "Chưa có hiệu lực": "not_yet_in_force",
    "Ngưng hiệu lực": "suspended",
    "Ngưng hiệu lực toàn bộ": "suspended",
    "Ngưng hiệu lực một phần": "partly_suspended",
    "Không còn phù hợp": "no_longer_appropriate",
}
"""``effStatus.name`` [S], where the code is missing."""

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


_ABBREVIATIONS: Final = {
    folded("UBND"): folded("Ủy ban nhân dân"),
    folded("HĐND"): folded("Hội đồng nhân dân"),
    "tp": folded("thành phố"),
    "tp.": folded("thành phố"),
    "va": folded("và"),
}
_BY_CODE: Final = Spellings({code: kind for code, (kind, _) in TYPES.items()})
_BY_NAME: Final = Spellings({name: kind for kind, name in TYPES.values()})
TYPE_NAMES: Final[Mapping[str, str]] = dict(TYPES.values())


def document_type(code: str | Unread | None, name: str | Unread | None) -> DocumentType:
    """The type of a code, or else of its name; ``unknown`` where neither is in the table."""
    return _BY_CODE.get(code) or _BY_NAME.get(name) or "unknown"


_STATUS_BY_CODE: Final = Spellings(STATUSES)
_STATUS_BY_NAME: Final = Spellings(STATUS_NAMES)


def document_status(code: str | Unread | None, name: str | Unread | None = None) -> DocumentStatus:
    """The status of a code, or of its name where there is no code; ``unknown`` where the two contradict each other."""
    if isinstance(code, Unread) or isinstance(name, Unread):
        return "unknown"
    by_name = _STATUS_BY_NAME.get(name)
    if code is None:
        return by_name or "unknown"
    known = _STATUS_BY_CODE.get(code) or "unknown"
    return known if by_name in {None, known} else "unknown"


def status_of(said: str | Unread | None) -> DocumentStatus:
    """The status of a code or a name, where a source has one field for both."""
    return _STATUS_BY_CODE.get(said) or _STATUS_BY_NAME.get(said) or "unknown"


def same_id(found: str | None, asked: str) -> bool:
    """Whether an answer is about the document asked for; UUIDs come in both cases."""
    return found is not None and found.casefold() == asked.casefold()


class RelationRow(TypedDict):
    """The fields of a :class:`Relation`, not yet validated."""

    kind: RelationKind
    source_code: str | Unread | None
    direction: Literal["outgoing", "incoming"]
    document_id: str | Unread | None
    number: str | Unread | None


def relation(
    code: str | Unread | None,
    direction: Literal["outgoing", "incoming"],
    document_id: str | Unread | None,
    number: str | Unread | None,
) -> RelationRow:
    """A relation's fields; an unknown code stays visible."""
    return {
        "kind": RELATIONS.get(code or "", "unknown"),
        "source_code": code,
        "direction": direction,
        "document_id": document_id,
        "number": number,
    }


def ordered(relations: Iterable[RelationRow | None]) -> list[RelationRow | None]:
    """*relations* once each, in an order that does not depend on the source; those that can't be read come last."""

    def key(item: RelationRow) -> tuple[str, str, str]:
        number = item["document_id"] or f"/{folded_number(item['number'] or '')}"
        return item["direction"], item["kind"], number

    rows = list(relations)
    found = {key(item): item for item in sorted(filter(None, rows), key=lambda item: item["number"] or "")}
    return [found[at] for at in sorted(found)] + [None] * rows.count(None)


# ---- effect on a day


def effect_on(day: date, document: DocumentSummary, relations: Sequence[Relation] = (), *, today: date) -> Effect:
    """Whether *document* is in force on *day* (Law 64/2025/QH15 on the promulgation of legal documents, chapter VIII).

    Dates decide where they are known: ``effective_to`` is the first day without effect. The source's status is about
    *today*: where it says expired, suspended or superseded without a date, no day after the beginning is known, and
    where it says partly, a day within the dates may have been whole. Where it is not known, only a known end lets the
    dates say "yes"; where it contradicts the dates, nothing does.
    """

    def said(in_force: Literal["yes", "partly", "no", "unknown"], reason: str) -> Effect:
        return Effect.model_validate({"day": day, "in_force": in_force, "reason": reason})

    begin, end, status = document.effective_from, document.effective_to, document.status
    if begin is not None and day < begin:
        return said("no", "before_effect")
    if end is not None and day >= end:
        return said("no", "expired")
    if begin is None or "/effective_to" in document.gaps.incomplete:
        return said("unknown", "dates_missing")
    if status in {"suspended", "no_longer_appropriate"}:
        return said("unknown", status)
    if status == "expired" and (end is None or end > today):
        return said("unknown", "expired" if end is None else "inconsistent")
    if status == "not_yet_in_force" and begin <= today:
        return said("unknown", "inconsistent")
    if end is None and any(other.direction == "incoming" and other.kind == "replaces" for other in relations):
        return said("unknown", "superseded")
    if status in _PARTLY:
        return said("partly", _PARTLY[status])
    if status == "unknown" and end is None:
        return said("unknown", "status_unknown")
    return said("yes", "within_dates")


_PARTLY: Final[Mapping[str, str]] = {"partly_expired": "partly_expired", "partly_suspended": "suspended"}


def with_effect(document: Document, day: date | None, now: datetime) -> Document:
    """*document* with its effect on *day*, where one was asked."""
    if day is None:
        return document
    effect = effect_on(day, document, document.relations, today=day_in_vietnam(now))
    return document.model_copy(update={"effect": effect})


# ---- pages


def _digest(query: SearchQuery) -> bytes:
    conditions = query.model_dump_json(exclude={"page_token"}, exclude_none=True)
    return blake2b(conditions.encode(), digest_size=_DIGEST).digest()


def page_token(page: int, query: SearchQuery, seen: int = 0) -> str:
    """The token of *page* of *query*, before which the source gave *seen* rows; a token of another query is refused."""
    raw = _digest(query) + page.to_bytes(4, "big") + seen.to_bytes(4, "big")
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def place_of(query: SearchQuery) -> tuple[int, int]:
    """The page that *query* asks for, from 1, and how many rows the source gave before it.

    Raises:
        InvalidRequest: The token is not a page token of this query.
    """
    if query.page_token is None:
        return 1, 0
    try:
        raw = base64.b64decode(query.page_token + "=" * (-len(query.page_token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    page, seen = int.from_bytes(raw[_DIGEST:-4], "big"), int.from_bytes(raw[-4:], "big")
    if len(raw) != _DIGEST + 8 or raw[:_DIGEST] != _digest(query) or not 1 <= page <= LAST_PAGE:
        raise InvalidRequest(errors=[FieldError("/page_token", WRONG_PAGE_TOKEN)])
    return page, seen


def page_size(query: SearchQuery) -> int:
    """Rows that a source is asked for at once: more of them where few may be in force on the day."""
    return PAGE_SIZE if query.in_force_on is None else LARGE_PAGE_SIZE


@dataclass(frozen=True, slots=True)
class Found:
    """A page of the source: *size* and *total* where it says them."""

    documents: Sequence[DocumentSummary]
    total: int | None = None
    size: int | None = None
    unread: int = 0
    """Rows that could not be read."""


def _spelt_out(issuer: str) -> str:
    """An issuer's name for comparing, without its usual abbreviations."""
    words = folded(issuer).replace("&", " va ").replace(",", " ").split()
    return " ".join(_ABBREVIATIONS.get(word, word) for word in words)


def matcher(query: SearchQuery, now: datetime) -> Callable[[DocumentSummary], bool]:
    """Whether a document meets the conditions of *query*: sources ignore conditions that they do not know.

    What the source found is kept where it does not say itself what it was asked for, but for the number and the effect.
    """
    number = re.compile(rf"(?<!\w){re.escape(folded_number(query.number))}(?!\w)") if query.number else None
    issuer = _spelt_out(query.issuer) if query.issuer else None
    today = day_in_vietnam(now)

    def matches(document: DocumentSummary) -> bool:
        if number is not None and not number.search(folded_number(document.number or "")):
            return False
        if issuer is not None and document.issuer is not None and issuer not in _spelt_out(document.issuer):
            return False
        said = document.type != "unknown" or document.type_name is not None or document.type_source_code is not None
        if query.type is not None and said and document.type != query.type:
            return False
        day = query.in_force_on
        return day is None or effect_on(day, document, today=today).in_force in {"yes", "partly"}

    return matches


def to_page(found: Found, query: SearchQuery, now: datetime) -> DocumentPage:
    """A page of the source as a page of ours; documents that do not match are left out, and then the total is unknown.

    The list ends where the source has given as many rows as it says that there are, or a page that is not full.
    """
    page, seen = place_of(query)
    rows = len(found.documents) + found.unread
    given = seen + rows
    kept = tuple(filter(matcher(query, now), found.documents))
    full = rows >= (found.size or page_size(query))
    more = bool(rows) and (full if found.total is None else given < found.total)
    counted = len(kept) == len(found.documents) and query.in_force_on is None
    return DocumentPage(
        items=kept,
        next_page_token=page_token(page + 1, query, given) if more and page < LAST_PAGE else None,
        total=found.total if counted else None,
        rows_left_out=found.unread,
    )


async def first_with_hits(
    query: SearchQuery, up: Upstream[S], ask: Callable[[SearchQuery], Awaitable[Found]]
) -> DocumentPage:
    """The page that *query* asks for; where nothing of it is in force on the day, the next one that has something.

    It looks on while there is time for a source twice as slow as it was.
    """
    slowest = 0.0
    while True:
        began = up.clock.monotonic()
        page = to_page(await ask(query), query, up.clock.now())
        now = up.clock.monotonic()
        slowest = max(slowest, now - began)
        enough = page.items or page.next_page_token is None or query.in_force_on is None
        if enough or now + max(2 * slowest, _LEAST_S) > up.call.expires_at:
            return page
        query = query.model_copy(update={"page_token": page.next_page_token})


# ---- files

EXTENSIONS: Final[Mapping[str, str]] = {OPEN_XML: "docx", PDF: "pdf", WORD: "doc", RTF: "rtf"}
"""Of the types that are known by their first bytes."""
_FORBIDDEN_IN_NAMES: Final = frozenset('/\\:*?"<>|')


def file_name(given: str | None, fallback: str) -> str:
    """*given* as a name that any system takes, or *fallback*."""
    kept = "".join("_" if c in _FORBIDDEN_IN_NAMES or not c.isprintable() else c for c in text(given) or "")
    return kept.strip(". ")[:150] or fallback


def as_it_begins(said: str, name: str, start: bytes) -> tuple[str, str]:
    """Media type and name of a file: those that were *said*, or the type that its *start* says with that one's
    extension.

    Raises:
        ValueError: It begins neither as its type does nor as another known one: an error message is not a document.
    """
    found, bare = true_type(start), said.partition(";")[0]
    if found is None and (bare in EXTENSIONS or (bare.startswith("text/") and _is_binary(start))):
        raise ValueError("the file does not begin as its type does")
    if found is None or found == bare or bare not in {*EXTENSIONS, "text/html", "text/plain"}:
        return said, name
    return found, f"{name.rpartition('.')[0] or name}.{EXTENSIONS[found]}"


def _is_binary(content: bytes) -> bool:
    """Whether *content* is no text: NUL is in none, but UTF-16 after its byte order mark."""
    return b"\0" in content[:1024] and not content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
