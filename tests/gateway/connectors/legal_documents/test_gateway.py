"""The public system of 2026: its words, how it says no, its files."""

from __future__ import annotations

import copy
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.connectors.legal_documents.gateway.calls import content, document, provisions, search
from gateway.connectors.legal_documents.gateway.translate import PROVISIONS, best_file, classify, number_in
from gateway.connectors.legal_documents.gateway.wire import WireDocument, WireFileEntry
from gateway.connectors.legal_documents.model import ContentQuery, DocumentQuery, ProvisionsQuery, SearchQuery
from gateway.core.message import Reply, ReplyKind, Rest
from gateway.core.problems import OffContract, Refused
from tests.gateway.connectors.legal_documents.support import gateway, rest_sample, whole

ASKED = Rest(name="docDetail", path="x")
NO_DIAGRAM = {"success": True, "data": {}}
SHELL = "100614"
DOCX = b"PK\x03\x04 word/document.xml"


def found(**changes: Any) -> dict[str, Any]:
    """An answer of ``doc/{id}``."""
    return {"success": True, "data": {"id": "96172", "docNum": "61/2018/NĐ-CP", **changes}}


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, {"success": True, "data": {"id": "1"}}, ReplyKind.ANSWER),
        (200, {"success": True, "data": []}, ReplyKind.NO_RECORD),
        (200, {"success": True, "data": None}, ReplyKind.NO_RECORD),
        (200, {"success": True, "data": {}}, ReplyKind.NO_RECORD),
        (200, {"success": True}, "off_contract"),
        (404, {"success": False, "message": "Không tìm thấy văn bản"}, ReplyKind.NO_RECORD),
        (404, {"success": 0}, ReplyKind.NO_RECORD),
        (404, {"success": "N"}, ReplyKind.NO_RECORD),
        (404, {"success": False, "message": "Lỗi kết nối"}, "off_contract"),
        (200, {"success": False}, "off_contract"),
        (200, {"success": None}, "off_contract"),
        (404, {"success": True}, None),
        (404, {"error": "Not Found"}, None),
        (404, None, None),
        (400, {"success": False}, None),
        (401, {"success": False, "message": "Missing Authorization header or X-API-KEY"}, None),
        (429, {"success": False}, None),
        (500, {"success": False}, None),
        (200, [], None),
        (200, {"content": b"x", "media_type": ""}, None),
    ],
)
def test_the_whole_of_how_it_says_no(status: int, body: object, expected: object) -> None:
    """A 404 that the system did not write itself is none of its answers."""
    verdict = classify(ASKED, Reply(status, {}, body))

    assert (verdict.reason if isinstance(verdict, OffContract) else verdict) == expected


async def test_a_document_in_canonical_form() -> None:
    """Every field, from the samples of its detail and its diagram."""
    up = gateway(docDetail=rest_sample("docDetail.consolidated"), docDiagram=rest_sample("docDiagram.consolidated"))

    answer = await document(DocumentQuery(document_id="101383", in_force_on=date(2020, 1, 1)), up)

    assert answer is not None
    assert (answer.number, answer.type, answer.type_source_code) == ("90047/VBHN-BYT", "consolidated_document", "VBHN")
    assert (
        answer.title
        == "Văn bản hợp nhất số 90047/VBHN-BYT Văn bản hợp nhất quy định về cấp giấy phép khai thác nước dưới đất"
    )
    assert answer.abstract == "Văn bản hợp nhất quy định về cấp giấy phép khai thác nước dưới đất"
    assert (answer.issuer, answer.published_on) == ("Bộ Y tế", date(2016, 11, 22))
    assert (answer.has_content, answer.is_consolidated) == (True, True)
    assert answer.effect is not None
    assert answer.effect.in_force == "yes"
    assert [exchange.path for exchange in up.rest] == [
        "api/qtdc/public/doc/101383",
        "api/qtdc/public/doc/101383/diagram",
    ]


async def test_what_others_do_stands_in_the_diagram_alone() -> None:
    """With the number from its name; what stands in both is told once."""
    detail = found(references=[{"referenceType": 3, "targetDocument": {"id": "9", "docNum": "58/2020/QH14"}}])
    diagram = {
        "success": True,
        "data": {
            "documentNamesByType": {
                "3": [{"id": "9", "name": "Luật số 58/2020/QH14"}],
                "10": {"id": "8", "name": "Không tên"},
            },
            "documentNamesBySource": {"12": [{"id": "7", "name": "Nghị định số 118/2025/NĐ-CP về một cửa"}]},
        },
    }

    answer = await document(DocumentQuery(document_id="96172"), gateway(docDetail=detail, docDiagram=diagram))

    assert answer is not None
    assert [(r.direction, r.kind, r.document_id, r.number) for r in answer.relations] == [
        ("incoming", "replaces", "7", "118/2025/NĐ-CP"),
        ("outgoing", "amends", "8", None),
        ("outgoing", "basis", "9", "58/2020/QH14"),
    ]


@pytest.mark.parametrize("place", ["agencyName", "issueOrg", "organization"])
async def test_the_issuer_stands_in_one_of_three_places(place: str) -> None:
    """The others are null."""
    issuer = "Chính phủ" if place == "agencyName" else {"code": "CP", "name": "Chính phủ"}
    empty = {"agencyName": None, "issueOrg": None, "organization": {"code": None, "name": " "}}

    answer = await document(
        DocumentQuery(document_id="96172"), gateway(docDetail=found(**{**empty, place: issuer}), docDiagram=NO_DIAGRAM)
    )

    assert answer is not None
    assert answer.issuer == "Chính phủ"


async def test_a_document_of_nulls_is_a_document() -> None:
    """Whatever may be null is."""
    nulls = dict.fromkeys(set(WireDocument.model_fields) - {"id"})

    answer = await document(
        DocumentQuery(document_id="1"), gateway(docDetail=found(**nulls, id=1), docDiagram=NO_DIAGRAM)
    )

    assert answer is not None
    assert (answer.type, answer.status, answer.relations) == ("unknown", "unknown", ())


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2018-04-23T00:00:00", date(2018, 4, 23)),
        ("2018-04-23T23:59:59.999", date(2018, 4, 23)),
        ("2018-04-22T17:00:00Z", date(2018, 4, 23)),
        ("2018-04-22T17:00:00+00:00", date(2018, 4, 23)),
        ("0001-01-01T00:00:00", None),
        (None, None),
        ("", None),
    ],
)
def test_an_instant_without_a_zone_is_vietnams(instant: str | None, day: date | None) -> None:
    """One with a zone becomes Vietnam's day."""
    assert WireDocument.model_validate({"id": "1", "issueDate": instant}).issueDate == day


async def test_an_unknown_document_is_none_and_asks_no_more() -> None:
    """One call."""
    up = gateway(docDetail=Reply(404, {}, rest_sample("docDetail.absent")))

    assert await document(DocumentQuery(document_id="999998"), up) is None
    assert len(up.sent) == 1


async def test_a_missing_key_is_refused() -> None:
    """The operator's business, not the caller's."""
    with pytest.raises(Refused) as caught:
        await document(
            DocumentQuery(document_id="1"), gateway(docDetail=Reply(401, {}, rest_sample("docDetail.no-key")))
        )

    assert caught.value.reason == "credentials"


async def test_another_document_is_inconsistent() -> None:
    """Ids are compared, in either case."""
    uuid = "A96135C0-54DA-11F1-B33D-E72BD5F85C26"
    well = gateway(docDetail=found(id=uuid.lower()), docDiagram=NO_DIAGRAM)

    assert await document(DocumentQuery(document_id=uuid), well) is not None
    with pytest.raises(OffContract) as caught:
        await document(DocumentQuery(document_id="1"), well)
    assert caught.value.reason == "inconsistent_response"


async def test_a_search_asks_in_the_systems_words() -> None:
    """Newest first; what is not asked is not sent."""
    up = gateway(docAll=rest_sample("docAll.words"))

    page = await search(SearchQuery(q="bảo hiểm", number="61/2018/NĐ-CP"), up)

    assert [message.json for message in up.rest] == [
        {
            "pageNumber": 1, "pageSize": 20, "sortBy": "issueDate", "sortDirection": "desc", "optionDoc": "title",
            "matchMode": "all_words", "groupVbpl": False, "keyword": "bảo hiểm", "docNum": "61/2018/NĐ-CP",
        }
    ]  # fmt: skip
    assert page is not None
    assert (page.items, page.total) == ((), None)


async def test_issuer_and_type_are_asked_by_the_catalogues_ids() -> None:
    """Two calls more, once each."""
    up = gateway(
        docAll=rest_sample("docAll.words"),
        combobox=rest_sample("combobox.types"),
        agencyCombobox=rest_sample("agencyCombobox.central"),
    )

    page = await search(SearchQuery(type="law", issuer="quốc HỘI"), up)

    types = {entry["code"]: entry["id"] for entry in rest_sample("combobox.types")["data"]}
    agencies = {entry["name"]: entry["id"] for entry in rest_sample("agencyCombobox.central")["data"]}
    body = up.rest[-1].json
    assert isinstance(body, dict)
    assert body["docType"] == [types["LU"]]
    assert body["agencyIds"] == [agencies["Quốc hội"]]
    assert [exchange.name for exchange in up.sent] == ["agencyCombobox", "combobox", "docAll"]
    assert page is not None
    assert all(item.type == "law" for item in page.items)


async def test_an_issuer_that_no_catalogue_has_is_filtered_here() -> None:
    """A province is no central agency."""
    up = gateway(docAll=rest_sample("docAll.words"), agencyCombobox=rest_sample("agencyCombobox.central"))

    await search(SearchQuery(issuer="Ủy ban nhân dân Tỉnh Cà Mau"), up)

    body = up.rest[-1].json
    assert isinstance(body, dict)
    assert "agencyIds" not in body


async def test_a_tree_in_canonical_form() -> None:
    """Chapters, articles, clauses and points with their plain text."""
    up = gateway(provisionTree=rest_sample("provisionTree.chapter"))

    answer = await provisions(ProvisionsQuery(document_id="102482"), up)

    assert answer is not None
    (chapter,) = answer.provisions
    article = chapter.children[0]
    assert (chapter.kind, chapter.level, chapter.source_code) == ("chapter", 1, "CHUONG")
    assert (article.kind, article.heading) == ("article", "Điều 1. Phạm vi điều chỉnh")
    assert article.children[0].kind == "clause"
    assert article.children[0].text is not None
    assert "<" not in article.children[0].text


@pytest.mark.parametrize("tree", [rest_sample("provisionTree.empty"), {"success": True, "data": None}])
async def test_known_without_provisions_is_empty(tree: dict[str, Any]) -> None:
    """The document itself is asked after, for the tree can't tell."""
    up = gateway(provisionTree=tree, docDetail=found())

    answer = await provisions(ProvisionsQuery(document_id="96172"), up)

    assert answer is not None
    assert answer.provisions == ()


@pytest.mark.parametrize("tree", [Reply(404, {}, {"success": False}), {"success": True, "data": []}])
async def test_provisions_of_an_unknown_document_are_none(tree: object) -> None:
    """Whether the tree says so or the document."""
    up = gateway(provisionTree=tree, docDetail=Reply(404, {}, {"success": False}))

    assert await provisions(ProvisionsQuery(document_id="1"), up) is None


@pytest.mark.parametrize(("code", "kind"), [*PROVISIONS.items(), ("LOI_NOI_DAU", "unknown"), (None, "unknown")])
async def test_every_kind_of_provision_has_its_meaning(code: str | None, kind: str) -> None:
    """An unknown one keeps its code."""
    answer = await provisions(
        ProvisionsQuery(document_id="1"),
        gateway(provisionTree={"success": True, "data": {"ptype": code, "level": "1"}}),
    )

    assert answer is not None
    assert (answer.provisions[0].kind, answer.provisions[0].source_code, answer.provisions[0].level) == (kind, code, 1)


async def test_the_text_is_the_documents_html() -> None:
    """One call, no file."""
    up = gateway(docDetail=rest_sample("docDetail.consolidated"))

    answer = await content(ContentQuery(document_id="101383"), up)

    assert answer is not None
    assert (answer.media_type, answer.filename) == ("text/html; charset=utf-8", "101383.html")
    assert (await whole(answer)).decode().startswith("<div")
    assert len(up.sent) == 1


@pytest.mark.parametrize("file", [b'{"success": false}', b"Error: no such object", b"PK\x03\x04", b"\xff\xd8\xff"])
@pytest.mark.parametrize("name", ["a.pdf", "a.docx", "a.doc"])
async def test_an_error_is_not_handed_on_as_a_document(file: bytes, name: str) -> None:
    """Although it comes with status 200 and the address of the file."""
    up = gateway(
        docDetail=rest_sample("docDetail.shell"),
        files={"success": True, "data": [{"fileName": name}]},
        download={"content": file, "media_type": "application/pdf"},
    )

    with pytest.raises(ValueError, match="does not begin as its type does"):
        await content(ContentQuery(document_id=SHELL), up)


async def test_an_empty_shell_is_replaced_by_an_attachment() -> None:
    """Downloaded by its name, escaped."""
    up = gateway(
        docDetail=rest_sample("docDetail.shell"),
        files=rest_sample("files.docx"),
        download={"content": DOCX, "media_type": "application/octet-stream"},
    )

    answer = await content(ContentQuery(document_id=SHELL), up)

    assert answer is not None
    assert answer.filename == "Thông tư 90040-2015-TT-BYT.docx"
    assert answer.media_type.endswith("wordprocessingml.document")
    assert await whole(answer) == DOCX
    last = up.rest[-1]
    assert last.raw
    assert last.path.endswith(f"/vbpl/{SHELL}/Th%C3%B4ng%20t%C6%B0%2090040-2015-TT-BYT.docx/download")


@pytest.mark.parametrize(
    "answers",
    [
        {"files": {"success": True, "data": []}},
        {"files": {"success": True, "data": [{"fileName": "x_content.html"}]}},
        {"files": Reply(404, {}, {"success": False})},
        {"files": {"success": True, "data": {"fileName": "a.pdf"}}, "download": {"content": b"", "media_type": ""}},
    ],
)
async def test_a_shell_without_a_file_is_no_text(answers: dict[str, object]) -> None:
    """And no error."""
    up = gateway(docDetail=rest_sample("docDetail.shell"), **answers)

    assert await content(ContentQuery(document_id=SHELL), up) is None


async def test_the_text_of_an_unknown_document_is_none() -> None:
    """No file is asked for."""
    assert await content(ContentQuery(document_id="1"), gateway(docDetail=Reply(404, {}, {"success": False}))) is None


@pytest.mark.parametrize(
    ("names", "best"),
    [
        (["a.pdf", "b.docx"], "b.docx"),
        (["a.doc", "b.PDF"], "b.PDF"),
        (["Phụ lục đính kèm 09-2020-TT-NHNN.docx", "VanBanGoc_09.2020.TT.NHNN.pdf"], "VanBanGoc_09.2020.TT.NHNN.pdf"),
        (["khac.docx", "Thông tư 09-2020-TT-NHNN.docx"], "Thông tư 09-2020-TT-NHNN.docx"),
        (["144532_body_content.html", "anh.png", "không đuôi"], None),
        ([], None),
    ],
)
def test_the_attachment_that_is_the_text_itself(names: list[str], best: str | None) -> None:
    """Word before PDF, appendices last, the one with the number first."""
    entries = [WireFileEntry(fileName=name) for name in names]

    found = best_file(entries, "09/2020/TT-NHNN")

    assert (found and found[0]) == best


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("Thông tư số 28/2025/TT-NHNN Sửa đổi, bổ sung một số điều", "28/2025/TT-NHNN"),
        ("Luật Các tổ chức tín dụng số 32/2024/QH15", "32/2024/QH15"),
        ("Nghị định Số: 61/2018/NĐ-CP, về một cửa", "61/2018/NĐ-CP"),
        ("Văn bản sửa đổi một số điều", None),
        (None, None),
    ],
)
def test_the_number_in_a_documents_name(name: str | None, number: str | None) -> None:
    """Not every "số" is one."""
    assert number_in(name) == number


@given(st.data())
def test_drift_in_any_one_field_is_news_a_gap_or_malformed(data: st.DataObject) -> None:
    """Renamed or of another type: no other error comes out of reading the answer."""
    body = copy.deepcopy(rest_sample("docDetail.consolidated"))["data"]
    name = data.draw(st.sampled_from(sorted(body)))
    how = data.draw(st.sampled_from(["rename", "number", "list", "null"]))
    value = body.pop(name)
    body.update({f"{name}_v2": value} if how == "rename" else {name: {"number": 7, "list": [value], "null": None}[how]})

    try:
        wire = WireDocument.model_validate(body)
    except ValueError:
        assert name == "id" or how in {"number", "list"}
    else:
        assert wire.id
