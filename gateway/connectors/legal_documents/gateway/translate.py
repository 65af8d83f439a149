"""Translates between the public system and the uniform API, without I/O, with all its ways to refuse [C] ([S] where
marked).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
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
)
from gateway.connectors.legal_documents.model import (
    Document,
    DocumentSummary,
    Provision,
    ProvisionKind,
    Relation,
    SearchQuery,
)
from gateway.connectors.legal_documents.translate import (
    document_status,
    document_type,
    ordered,
    page_size,
    place_of,
    relation,
)
from gateway.core.files import OPEN_XML, PDF, WORD
from gateway.core.message import Exchange, Outcome, Reply, ReplyKind, Rest
from gateway.core.no_record import unless_failed
from gateway.core.problems import OffContract
from gateway.core.settings import UpstreamSettings
from gateway.core.vietnamese import folded

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
    if reply.status == 404 and body["success"] is False and of_a_document:
        return unless_failed(ReplyKind.NO_RECORD, (body,), {"success": frozenset({"False"})})
    if reply.status != 200:
        return None
    if body["success"] is not True:
        return OffContract("The source reports a failure without a known code.", reason="off_contract")
    data = body.get("data")
    if of_a_document and "data" in body and (not data if exchange.name == "docDetail" else data in (None, {}, "")):
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
    return DocumentSummary.model_validate(_summary(wire))


def to_document(wire: WireDocument, diagram: WireDiagram | None) -> Document:
    """A document with its relations: those of its own record, and those from other documents, which the diagram has."""
    return Document.model_validate(
        {
            **_summary(wire),
            "published_on": wire.publicDate,
            "signers": tuple(person.personName for person in wire.documentIssues if person.personName),
            "fields": tuple(field.name for field in wire.documentFields if field.name),
            "is_consolidated": wire.isConsolidatedDocument,
            "has_content": wire.hasContent,
            "relations": ordered(_relations(wire, diagram)),
        }
    )


def _summary(wire: WireSummary) -> dict[str, object]:
    kind, status = wire.docType or WireNamed(), wire.effStatus or WireNamed()
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


def _issuer(wire: WireSummary) -> str | None:
    """The issuer is in one of three fields [C]."""
    if wire.agencyName:
        return wire.agencyName
    return next((place.name for place in (wire.issueOrg, wire.organization) if place and place.name), None)


def _relations(wire: WireDocument, diagram: WireDiagram | None) -> Iterator[Relation]:
    known = set()
    for reference in wire.references:
        target = reference.targetDocument
        if target is not None:
            known.add((reference.referenceType, target.id))
            yield relation(reference.referenceType, "outgoing", target.id, target.docNum)
    if diagram is None or diagram.data is None:
        return
    for found in _neighbours(diagram.data.documentNamesByType, "outgoing"):
        if (found.source_code, found.document_id) not in known:
            yield found
    yield from _neighbours(diagram.data.documentNamesBySource, "incoming")


def _neighbours(groups: Neighbours, direction: Literal["outgoing", "incoming"]) -> Iterator[Relation]:
    for code, others in groups.items():
        for other in others:
            yield relation(code, direction, other.id, number_in(other.name))


def number_in(name: str | None) -> str | None:
    """The number in a document's name: ``Thông tư số 28/2025/TT-NHNN Sửa đổi…``."""
    found = _NUMBER_IN_NAME.search(name or "")
    return found[1] if found else None


def to_provisions(wire: Sequence[WireProvision]) -> tuple[Provision, ...]:
    """The tree, whole; the time that its HTML takes grows with it, so it is read beside the event loop."""
    return tuple(map(to_provision, wire))


def to_provision(wire: WireProvision) -> Provision:
    """A node of the tree with all nodes below it."""
    return Provision(
        kind=PROVISIONS.get((wire.ptype or "").upper(), "unknown"),
        source_code=wire.ptype,
        level=wire.level,
        heading=plain_text(wire.title),
        text=plain_text(wire.content.content if wire.content else None),
        children=tuple(map(to_provision, wire.children)),
    )


def ids_of_type(choices: Sequence[WireNamed], query: SearchQuery) -> tuple[str, ...]:
    """Ids of the asked type in the catalogue of types."""
    return tuple(c.id for c in choices if c.id and document_type(c.code, c.name) == query.type)


def ids_of_issuer(choices: Sequence[WireNamed], query: SearchQuery) -> tuple[str, ...]:
    """Ids of the central agencies whose name contains the asked words."""
    wanted = folded(query.issuer or "")
    return tuple(c.id for c in choices if c.id and wanted in folded(c.name or ""))


def best_file(entries: Sequence[WireFileEntry], number: str | None) -> tuple[str, str] | None:
    """Name and media type of the attachment that is the text itself: by extension, appendices last."""

    def rank(name: str) -> tuple[bool, int, bool]:
        appendix = folded(name).startswith(_APPENDIX)
        order = list(PREFERRED).index(_extension(name))
        return appendix, order, re.sub(r"\W", "", number or "") not in re.sub(r"\W", "", name)

    names = [e.fileName for e in entries if e.fileName and _extension(e.fileName) in PREFERRED]
    if not names:
        return None
    best = min(names, key=rank)
    return best, PREFERRED[_extension(best)]


def _extension(name: str) -> str:
    return name.rpartition(".")[2].lower()
