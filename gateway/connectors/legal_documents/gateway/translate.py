"""Translates between the public system and the uniform API, without I/O, with all its ways to refuse [C] ([S] where
marked).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal
from urllib.parse import quote

from gateway.connectors.legal_documents.gateway.html import plain_text
from gateway.connectors.legal_documents.gateway.wire import (
    Neighbours,
    WireDiagram,
    WireDocument,
    WireFileEntry,
    WireNamed,
    WireProvision,
    WireSummary,
    WireText,
)
from gateway.connectors.legal_documents.model import (
    Document,
    DocumentSummary,
    ProvisionKind,
    ProvisionTree,
    SearchQuery,
)
from gateway.connectors.legal_documents.translate import (
    RelationRow,
    document_status,
    document_type,
    ordered,
    page_size,
    place_of,
    relation,
)
from gateway.core.files import OPEN_XML, PDF, WORD
from gateway.core.lenient import is_nothing
from gateway.core.message import Exchange, Outcome, Reply, ReplyKind, Rest
from gateway.core.no_record import unless_failed
from gateway.core.problems import OffContract
from gateway.core.settings import UpstreamSettings
from gateway.core.unread import UNREAD, Unread, part_of, read
from gateway.core.vietnamese import folded
from gateway.core.wire_types import maybe_flag

API: Final = "api/qtdc/public/doc"

PROVISIONS: Final[Mapping[str, ProvisionKind]] = {
    "PHAN": "part",
    "CHUONG": "chapter",
    "MUC": "section",
    "TIEU_MUC": "subsection",
    "DIEU": "article",
    "KHOAN": "clause",
    "DIEM": "point",
}
"""``ptype`` [S]: that the field is there is seen [C], its values are not."""

PREFERRED: Final[Mapping[str, str]] = {"docx": OPEN_XML, "pdf": PDF, "doc": WORD}
"""Attachments in the order in which they replace a missing text, with their media types."""

_APPENDIX: Final = tuple(map(folded, ("phụ lục", "phu luc")))
_NUMBER_IN_NAME: Final = re.compile(r"\bsố:?\s+([0-9][^\s,;]*/[^\s,;]+)", re.IGNORECASE)


class GatewaySettings(UpstreamSettings):
    """The public system; ``api_key`` is sent as ``X-API-KEY``, or the road gives a bearer token."""


# ---- questions


def _get(name: str, path: str, **query: str) -> Rest:
    return Rest(name=name, method="GET", path=f"{API}/{path}", query=query)


def ask_search(query: SearchQuery, *, agencies: Sequence[str] = (), types: Sequence[str] = ()) -> Rest:
    """``POST doc/all``; the gateway itself applies the conditions that the source ignores."""
    body: dict[str, object] = {
        "pageNumber": place_of(query)[0],
        "pageSize": page_size(query),
        "sortBy": "issueDate",
        "sortDirection": "desc",
        "optionDoc": "title",
        "matchMode": "all_words",
        "groupVbpl": False,
    }
    if query.q is not None:
        body["keyword"] = query.q
    if query.number is not None:
        body["docNum"] = query.number
    if agencies:
        body["agencyIds"] = list(agencies)
    if types:
        body["docType"] = list(types)
    return Rest(name="docAll", path=f"{API}/all", json=body)


def ask_document(document_id: str) -> Rest:
    """``GET doc/{id}``."""
    return _get("docDetail", document_id)


def ask_diagram(document_id: str) -> Rest:
    """``GET doc/{id}/diagram``."""
    return _get("docDiagram", f"{document_id}/diagram")


def ask_tree(document_id: str) -> Rest:
    """``GET doc/provision/tree/{id}``."""
    return _get("provisionTree", f"provision/tree/{document_id}")


def ask_types() -> Rest:
    """The catalogue of document types."""
    return _get("combobox", "combobox", groupCode="LoaiVanBan")


def ask_agencies() -> Rest:
    """The catalogue of central agencies."""
    return _get("agencyCombobox", "agency/combobox", type="TW")


def ask_files(document_id: str) -> Rest:
    """The list of attachments."""
    return _get("files", f"minio/buckets/vbpl/folders/{document_id}/files")


def ask_file(document_id: str, name: str) -> Rest:
    """One attachment, as bytes."""
    path = f"{API}/minio/buckets/vbpl/{document_id}/{quote(name, safe='')}/download"
    return Rest(name="download", method="GET", path=path, raw=True)


# ---- answers


_LOOK_UPS: Final = frozenset({"docDetail", "provisionTree"})
_OF_A_DOCUMENT: Final = _LOOK_UPS | {"docDiagram", "files"}
"""The calls whose question is a document's id: only they can say that there is no such document."""


def classify(exchange: Exchange, reply: Reply) -> Outcome:
    """``{"success": false}`` with 404, an empty ``data`` with 200 and an empty 404 are "no such document" [S], where a
    document was asked for and no sentence beside it speaks of a failure.

    401 ``Missing Authorization header or X-API-KEY`` [C] and the rest of the statuses mean what HTTP says.
    """
    if reply.bare_404:
        return ReplyKind.NO_RECORD if exchange.name in _LOOK_UPS else None
    body = reply.body
    if not isinstance(body, dict) or "success" not in body:
        return None
    of_a_document = exchange.name in _OF_A_DOCUMENT
    if reply.status == 404 and maybe_flag(body["success"]) is False and of_a_document:
        return unless_failed(ReplyKind.NO_RECORD, ({key: said for key, said in body.items() if key != "success"},))
    if reply.status != 200:
        return None
    if maybe_flag(body["success"]) is not True:
        return OffContract("The source reports a failure without a known code.", reason="off_contract")
    data = body.get("data")
    if (
        of_a_document
        and "data" in body
        and (is_nothing(data) if exchange.name == "docDetail" else data in (None, {}, ""))
    ):
        return unless_failed(ReplyKind.NO_RECORD, (body,))
    if data in (None, {}, ""):
        return OffContract("The source reports success but gives no data.", reason="off_contract")
    if not data or (exchange.name == "docAll" and not data.get("items")):
        return _without_rows(body, data)
    return ReplyKind.ANSWER


def _without_rows(body: Mapping[str, object], data: object) -> Outcome:
    """The outcome of a list without rows: a fact, unless the rows are missing or a sentence speaks of a failure."""
    if isinstance(data, dict) and "items" not in data:
        return OffContract("The source reports success but gives no rows.", reason="off_contract")
    return unless_failed(ReplyKind.ANSWER, (body, data))


def to_summary(wire: WireSummary) -> DocumentSummary:
    """A document in a list."""
    return read(DocumentSummary, summary(wire))


def to_document(wire: WireDocument, diagram: WireDiagram | None) -> Document:
    """A document with its relations: those of its own record, and those from other documents, which the diagram has."""
    return read(
        Document,
        {
            **summary(wire),
            "published_on": wire.publicDate,
            "signers": _given(who.personName if who else UNREAD for who in wire.documentIssues),
            "fields": _given(one.name if one else UNREAD for one in wire.documentFields),
            "is_consolidated": wire.isConsolidatedDocument,
            "has_content": wire.hasContent,
            "relations": ordered(_relations(wire, diagram)),
        },
    )


def _given(names: Iterable[str | Unread | None]) -> list[str | Unread]:
    return [name for name in names if name is not None]


def summary(wire: WireSummary) -> dict[str, object]:
    """A document's fields in a list, not yet validated."""
    kind, status = part_of(WireNamed, wire.docType), part_of(WireNamed, wire.effStatus)
    return {
        "document_id": wire.id,
        "number": wire.docNum,
        "title": wire.title,
        "abstract": wire.docAbs,
        "type": document_type(kind.code, kind.name),
        "type_name": kind.name,
        "type_source_code": kind.code,
        "issuer": _issuer(wire),
        "issued_on": wire.issueDate,
        "effective_from": wire.effFrom,
        "effective_to": wire.effTo,
        "status": document_status(status.code, status.name),
        "source_code": status.code or status.name,
    }


def _issuer(wire: WireSummary) -> str | Unread | None:
    """The issuer is in one of three fields [C]."""
    places = (wire.agencyName, *(part_of(WireNamed, place).name for place in (wire.issueOrg, wire.organization)))
    named = next((place for place in places if place), None)
    return named or (UNREAD if UNREAD in places else None)


def _relations(wire: WireDocument, diagram: WireDiagram | None) -> Iterator[RelationRow | None]:
    seen = set()
    for reference in wire.references:
        if reference is None or isinstance(reference.targetDocument, Unread):
            yield None
        elif (target := reference.targetDocument) is not None:
            seen.add((reference.referenceType, target.id))
            yield relation(reference.referenceType, "outgoing", target.id, target.docNum)
    if diagram is None or diagram.data is None:
        return
    if isinstance(diagram.data, Unread):
        yield None
        return
    for found in _neighbours(diagram.data.documentNamesByType, "outgoing"):
        if found is None or (found["source_code"], found["document_id"]) not in seen:
            yield found
    yield from _neighbours(diagram.data.documentNamesBySource, "incoming")


def _neighbours(groups: Neighbours, direction: Literal["outgoing", "incoming"]) -> Iterator[RelationRow | None]:
    for code, others in groups.items():
        for other in others:
            yield relation(code, direction, other.id, number_in(other.name)) if other else None


def number_in(name: str | Unread | None) -> str | None:
    """The number in a document's name: ``Thông tư số 28/2025/TT-NHNN Sửa đổi…``."""
    found = _NUMBER_IN_NAME.search(name or "")
    return found[1] if found else None


def to_provisions(document_id: str, wire: Sequence[WireProvision | None]) -> ProvisionTree:
    """The tree, whole; the time that its HTML takes grows with it, so it is read beside the event loop."""
    return read(ProvisionTree, {"document_id": document_id, "provisions": list(map(_provision, wire))})


def _provision(wire: WireProvision | None) -> dict[str, object] | None:
    if wire is None:
        return None
    content = part_of(WireText, wire.content).content
    return {
        "kind": PROVISIONS.get((wire.ptype or "").upper(), "unknown"),
        "source_code": wire.ptype,
        "level": wire.level,
        "heading": plain_text(wire.title) if wire.title else wire.title,
        "text": plain_text(content) if content else content,
        "children": list(map(_provision, wire.children)),
    }


def ids_of_type(choices: Sequence[WireNamed | None], query: SearchQuery) -> tuple[str, ...]:
    """Ids of the asked type in the catalogue of types."""
    return tuple(c.id for c in choices if c and c.id and document_type(c.code, c.name) == query.type)


def ids_of_issuer(choices: Sequence[WireNamed | None], query: SearchQuery) -> tuple[str, ...]:
    """Ids of the central agencies whose name contains the asked words."""
    wanted = folded(query.issuer or "")
    return tuple(c.id for c in choices if c and c.id and wanted in folded(c.name or ""))


def best_file(entries: Sequence[WireFileEntry | None], number: str | None) -> tuple[str, str] | None:
    """Name and media type of the attachment that is the text itself: by extension, appendices last."""

    def rank(name: str) -> tuple[bool, int, bool]:
        appendix = folded(name).startswith(_APPENDIX)
        order = list(PREFERRED).index(_extension(name))
        return appendix, order, re.sub(r"\W", "", number or "") not in re.sub(r"\W", "", name)

    names = [e.fileName for e in entries if e and e.fileName and _extension(e.fileName) in PREFERRED]
    if not names:
        return None
    best = min(names, key=rank)
    return best, PREFERRED[_extension(best)]


def _extension(name: str) -> str:
    return name.rpartition(".")[2].lower()
