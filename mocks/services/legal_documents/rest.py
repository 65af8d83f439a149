"""Dialect `gateway`: the public system of 2026, `api/qtdc/public/doc/…` [C]."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import date
from functools import cached_property, partial
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from mocks.engine.service import Call, Reply, Request, World, json_reply
from mocks.engine.tokens import TokenDesk
from mocks.population.documents import STATUS_NAMES, TYPE_NAMES, LegalDocument, Provision
from mocks.services.legal_documents.docx import DOCX, docx
from mocks.services.legal_documents.library import NO_DAY, Conditions, Library, escaped, written
from mocks.services.legal_documents.xml import xml_reply

API: Final = "api/qtdc/public/doc"
_PTYPES: Final = {"chapter": "CHUONG", "article": "DIEU", "clause": "KHOAN", "point": "DIEM"}
_KNOWN: Final = frozenset(
    {
        "pageNumber", "pageSize", "sortBy", "sortDirection", "keyword", "optionDoc", "matchMode", "docNum", "docType",
        "agencyIds", "agencyLevel", "groupVbpl", "fieldIds",
    }
)  # fmt: skip
_SUMMARY_FIELDS: Final = frozenset(
    {
        "success", "data", "id", "docNum", "title", "docAbs", "issueDate", "effFrom", "effTo", "docType", "effStatus",
        "agencyName", "issueOrg", "organization", "code", "name",
    }
)  # fmt: skip
_DETAIL_FIELDS: Final = _SUMMARY_FIELDS | {
    "publicDate", "documentIssues", "personName", "documentFields", "isConsolidatedDocument", "hasContent",
    "documentContent", "content", "references", "referenceType", "targetDocument",
}  # fmt: skip


def type_id(code: str) -> str:
    """Returns the id of a type in the catalogue: a UUID, always the same."""
    return str(uuid5(NAMESPACE_URL, f"LoaiVanBan/{code}"))


class RestApi:
    """The public system; it accepts its key or a token of the road."""

    def __init__(self, world: World, library: Library, desk: TokenDesk) -> None:
        self._library = library
        self._desk = desk
        self._key = world.credential("legal_documents", "api_key")

    def calls(self) -> tuple[Call, ...]:
        """Returns the calls for the engine."""
        no_id = "its answer has no id of the document"
        detail = partial(Call, authenticate=self._refusal, spent=_expired, shown=frozenset({"id"}))
        lookup = partial(detail, why_no_another=no_id)
        folder = f"{API}/minio/buckets/vbpl"
        return (
            Call(
                name="docAll",
                path=f"{API}/all",
                method="POST",
                authenticate=self._refusal,
                spent=_expired,
                answer=_told(self._search),
                why_no_another="a list is not about one document",
                shown=_KNOWN,
                fields=_SUMMARY_FIELDS | {"total", "pageNumber", "pageSize", "items"},
            ),
            lookup(
                name="combobox",
                path=f"{API}/combobox",
                answer=_told(self._choices),
                shown=frozenset({"groupCode"}),
            ),
            lookup(name="agencyCombobox", path=f"{API}/agency/combobox", answer=_told(self._choices_of_agencies)),
            lookup(name="provisionTree", path=f"{API}/provision/tree/{{id}}", answer=_told(self._tree)),
            lookup(name="files", path=f"{folder}/folders/{{id}}/files", answer=_told(self._files)),
            lookup(name="download", path=f"{folder}/{{id}}/{{fileName}}/download", answer=_told(self._download)),
            lookup(name="docDiagram", path=f"{API}/{{id}}/diagram", answer=_told(self._diagram)),
            detail(
                name="docDetail",
                path=f"{API}/{{id}}",
                answer=_told(self._detail),
                another=self._another,
                fields=_DETAIL_FIELDS,
            ),
        )

    def _refusal(self, request: Request) -> Reply | None:
        key = request.headers.get("X-API-KEY")
        if key is None and "Authorization" not in request.headers:
            request.breach("header X-API-KEY: missing")
            return _failed(401, "Missing Authorization header or X-API-KEY")
        if key is not None and hmac.compare_digest(key.encode(), self._key.encode()):
            return None
        if key is None and self._desk.refusal(request) is None:
            return None
        request.breach("header X-API-KEY: not a key of this system")
        return _failed(401, "Invalid API key or token")

    @cached_property
    def _agencies(self) -> dict[str, str]:
        return {name: str(62 + at) for at, name in enumerate(self._library.central_issuers())}

    # ---- answers: the value of `data`, or a complete reply

    def _search(self, request: Request) -> object:
        body = request.fields
        page, size = body.get("pageNumber"), body.get("pageSize")
        for name in body.keys() - _KNOWN:
            request.breach(f"body {name}: not in the contract")
        if not isinstance(page, int) or page < 1 or not isinstance(size, int) or not 1 <= size <= 100:
            request.breach("body pageNumber, pageSize: from 1, at most 100 rows")
            return _failed(400, "pageNumber hoặc pageSize không hợp lệ")
        codes = {type_id(code): code for code in TYPE_NAMES}
        names = {identifier: name for name, identifier in self._agencies.items()}
        types, agencies = _texts(body.get("docType")), _texts(body.get("agencyIds"))
        wanted = Conditions(
            number=str(body.get("docNum") or ""),
            part_of_number=True,
            words=str(body.get("keyword") or ""),
            types=frozenset(codes.get(one, "?") for one in types),
            issuers=frozenset(names.get(one, "?") for one in agencies),
            central_only=body.get("agencyLevel") == "TRUNG_UONG",
        )
        found = self._library.search(wanted)
        if body.get("sortDirection") == "asc":
            found.reverse()
        today = self._library.today()
        items = [self._summary(document, today) for document in found[(page - 1) * size : page * size]]
        return {"total": len(found), "pageNumber": page, "pageSize": size, "items": items}

    def _detail(self, request: Request) -> object:
        found = self._library.find(request.params["id"])
        return _no_such() if found is None else self._document(found)

    def _another(self, request: Request) -> Reply:
        return _rendered(request, self._document(self._library.other(request.params["id"])))

    def _diagram(self, request: Request) -> object:
        found = self._library.find(request.params["id"])
        if found is None:
            return _no_such()
        return {
            "documentNamesByType": self._by_type(self._library.outgoing(found)),
            "documentNamesBySource": self._by_type(self._library.incoming(found)),
        }

    def _tree(self, request: Request) -> object:
        found = self._library.find(request.params["id"])
        if found is None:
            return _no_such()
        tree = self._library.population.documents.provisions(found)
        return [_node(found, node, 1, str(place)) for place, node in enumerate(tree, 1)]

    def _choices(self, request: Request) -> object:
        match request.query.get("groupCode"):
            case "LoaiVanBan":
                return [{"id": type_id(code), "code": code, "name": name} for code, name in TYPE_NAMES.items()]
            case "TrangThaiHieuLuc":
                return [{"id": code, "code": code, "name": name} for code, name in STATUS_NAMES.items()]
            case "LinhVuc":
                return [{"id": "1", "code": None, "name": "Hành chính"}, {"id": "2", "code": None, "name": "Tư pháp"}]
            case _:
                request.breach("query groupCode: LoaiVanBan, LinhVuc or TrangThaiHieuLuc")
                return _failed(400, "groupCode không hợp lệ")

    def _choices_of_agencies(self, request: Request) -> object:
        if request.query.get("type") != "TW":
            request.breach("query type: TW")
            return _failed(400, "type không hợp lệ")
        return [{"id": identifier, "code": None, "name": name} for name, identifier in self._agencies.items()]

    def _files(self, request: Request) -> object:
        found = self._library.find(request.params["id"])
        if found is None:
            return _no_such()
        shell = {"fileName": f"{found.id}_body_content.html", "relatedType": 4}
        return [shell, {"fileName": _file_name(found), "relatedType": 2}]

    def _download(self, request: Request) -> object:
        found = self._library.find(request.params["id"])
        if found is None or request.params["fileName"] != _file_name(found):
            return _failed(404, "Không tìm thấy tệp")
        return Reply(200, docx(self._library.population.documents.text(found).splitlines()), DOCX)

    # ---- pieces

    def _summary(self, document: LegalDocument, today: date) -> dict[str, object]:
        status = document.status_on(today)
        issuer = written(document, document.issuer)
        place = document.index % 3
        kind = {
            "id": type_id(document.type),
            "code": document.type,
            "name": written(document, TYPE_NAMES[document.type]),
        }
        return {
            "id": document.id,
            "docNum": document.number,
            "title": written(document, self._library.title_of(document)),
            "docAbs": written(document, document.title),
            "issueDate": _instant(document.issued_on),
            "effFrom": _instant(document.effective_from),
            "effTo": _instant(document.effective_to, none=f"{NO_DAY}T00:00:00" if document.index % 5 == 3 else None),
            "docType": kind,
            "effStatus": {"code": status, "name": STATUS_NAMES[status]},
            "agencyName": issuer if place == 0 else None,
            "issueOrg": {"name": issuer} if place == 1 else None,
            "organization": {"code": None, "name": issuer} if place == 2 else None,
        }

    def _document(self, document: LegalDocument) -> dict[str, object]:
        return {
            **self._summary(document, self._library.today()),
            "publicDate": _instant(document.published_on),
            "documentIssues": [{"personName": written(document, document.signer)}] if document.signer else None,
            "documentFields": [{"code": None, "name": written(document, field)} for field in document.fields],
            "isConsolidatedDocument": document.consolidated,
            "hasContent": document.has_content,
            "documentContent": {"content": written(document, self._library.html(document))},
            "references": [
                {"referenceType": code, "targetDocument": {"id": other.id, "docNum": other.number}}
                for code, other in self._library.outgoing(document)
            ],
        }

    def _by_type(self, related: list[tuple[int, LegalDocument]]) -> dict[str, list[dict[str, str]]]:
        groups: dict[str, list[dict[str, str]]] = {}
        for code, other in related:
            entry = {"id": other.id, "name": self._library.title_of(other)}
            groups.setdefault(str(code), []).append(entry)
        return groups


def _told(answer: Callable[[Request], object]) -> Callable[[Request], Reply]:
    return lambda request: _rendered(request, answer(request))


def _rendered(request: Request, answer: object) -> Reply:
    """Returns JSON when the request accepts it, else XML [C]."""
    if isinstance(answer, Reply):
        return answer
    body = {"success": True, "data": answer}
    accepts = request.headers.get("Accept", "")
    if "json" in accepts:
        return json_reply(body)
    request.breach("header Accept: does not ask for application/json")
    return xml_reply(body)


def _failed(status: int, message: str) -> Reply:
    return json_reply({"success": False, "message": message}, status=status)


def _no_such() -> Reply:
    return _failed(404, "Không tìm thấy văn bản")


def _expired(_: Request) -> Reply:
    return _failed(401, "API key or token has expired")


def _texts(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []


def _instant(day: date | None, *, none: str | None = None) -> str | None:
    return none if day is None else f"{day.isoformat()}T00:00:00"


def _file_name(document: LegalDocument) -> str:
    return f"{TYPE_NAMES[document.type]} {document.number.replace('/', '-')}.docx"


def _node(document: LegalDocument, node: Provision, level: int, place: str) -> dict[str, object]:
    words = {"chapter": f"Chương {node.number}", "article": f"Điều {node.number}", "point": f"{node.number})"}
    name = words.get(node.kind, f"{node.number}.")
    title = f"{name}. {node.title}" if node.title else name
    return {
        "id": str(uuid5(NAMESPACE_URL, f"{document.id}/{place}")),
        "ptype": _PTYPES[node.kind],
        "level": level,
        "title": written(document, title),
        "content": {"content": f"<p>{escaped(written(document, node.content))}</p>"} if node.content else None,
        "children": [_node(document, child, level + 1, f"{place}.{at}") for at, child in enumerate(node.children, 1)],
    }
