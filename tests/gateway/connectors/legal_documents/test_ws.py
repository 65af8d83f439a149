"""The SOAP generation: its words, its faults, its files."""

from __future__ import annotations

import base64
import unicodedata
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.connectors.legal_documents.model import ContentQuery, DocumentQuery, SearchQuery
from gateway.connectors.legal_documents.ws import WS
from gateway.connectors.legal_documents.ws.calls import content, document, search
from gateway.connectors.legal_documents.ws.translate import FAULTS, classify, to_document
from gateway.connectors.legal_documents.ws.wire import WireContent, WireDetail, WireDocument
from gateway.core.canonical import Content
from gateway.core.events import DriftSeen
from gateway.core.message import Reply, ReplyKind, Soap, SoapFault
from gateway.core.problems import Failing, GatewayError, OffContract
from gateway.pipeline.upstream.classify_reply import by_status
from tests.gateway.connectors.legal_documents.support import soap_sample, whole, ws

ASKED = Soap(name="ChiTietVanBan")


def found(**changes: Any) -> dict[str, Any]:
    """An answer of ``ChiTietVanBan``."""
    return {"VanBan": {"Id": "96172", "SoKyHieu": "61/2018/NĐ-CP", "TinhTrangHieuLuc": "CHL", **changes}}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("KHONG_TIM_THAY", ReplyKind.NO_RECORD),
        ("THAM_SO_KHONG_HOP_LE", (OffContract, "off_contract")),
        ("LOI_HE_THONG", (Failing, "upstream_error")),
    ],
)
@pytest.mark.parametrize("status", [200, 500])
def test_the_whole_table_of_faults(code: str, expected: object, status: int) -> None:
    """Whatever the status, in ``faultcode`` or under a general one in the detail."""
    for fault in (SoapFault(code, "x"), SoapFault("Server", "x", {"MaLoi": f" {code.lower()} "})):
        verdict = classify(ASKED, Reply(status, {}, fault))

        assert (verdict if isinstance(verdict, ReplyKind) else (type(verdict), verdict and verdict.reason)) == expected


def test_no_fault_is_left_out_of_the_test_above() -> None:
    """A new row of the table is a new row of the test."""
    assert set(FAULTS) == {"KHONG_TIM_THAY", "THAM_SO_KHONG_HOP_LE", "LOI_HE_THONG"}


@pytest.mark.parametrize(
    ("code", "expected"),
    [("Server", Failing), ("Client", OffContract), ("VersionMismatch", OffContract), ("MOI", Failing)],
)
def test_other_faults_mean_what_soap_says(code: str, expected: type[GatewayError], clock: Any) -> None:
    """The table leaves them to the standard."""
    reply = Reply(500, {}, SoapFault(code, "x"))

    assert classify(ASKED, reply) is None
    assert isinstance(by_status(reply, clock.now()), expected)


def test_a_good_answer_is_left_to_its_status() -> None:
    """There is nothing in it that a table would know."""
    assert classify(ASKED, Reply(200, {}, found())) is None


async def test_a_document_in_canonical_form() -> None:
    """Every field that the service can give, from the sample."""
    up = ws(ChiTietVanBan=soap_sample("ChiTietVanBan.consolidated"))

    answer = await document(DocumentQuery(document_id="101383"), up)

    assert answer is not None
    assert (answer.number, answer.type, answer.type_name) == (
        "90047/VBHN-BYT",
        "consolidated_document",
        "Văn bản hợp nhất",
    )
    assert (answer.issued_on, answer.effective_to) == (date(2016, 11, 15), None)
    assert (answer.status, answer.source_code, answer.is_consolidated) == ("in_force", "CHL", True)
    assert (answer.signers, answer.fields) == (("Huỳnh Văn Sự",), ("Tài nguyên và môi trường",))
    assert [(r.kind, r.direction) for r in answer.relations] == [
        ("basis", "outgoing"), ("consolidates", "outgoing"), ("consolidates", "outgoing"),
    ]  # fmt: skip
    assert (answer.title, answer.published_on, answer.has_content, answer.effect) == (None, None, None, None)
    assert up.soap[0].arguments == {"Id": "101383"}


async def test_decomposed_letters_are_composed() -> None:
    """The source mixes Unicode forms; the answer does not."""
    answer = await document(
        DocumentQuery(document_id="104901"), ws(ChiTietVanBan=soap_sample("ChiTietVanBan.decomposed"))
    )

    assert answer is not None
    text = answer.model_dump_json()
    assert text == unicodedata.normalize("NFC", text)
    assert answer.type == "law"


async def test_an_unknown_document_is_none() -> None:
    """A fact, said by a fault with HTTP 500."""
    up = ws(ChiTietVanBan=Reply(500, {}, soap_sample("ChiTietVanBan.fault-absent")))

    assert await document(DocumentQuery(document_id="999998"), up) is None


async def test_another_document_is_inconsistent() -> None:
    """For details and for texts."""
    answer = {"Id": "1", "NoiDung": base64.b64encode(b"x").decode()}
    for ask in (
        document(DocumentQuery(document_id="96172"), ws(ChiTietVanBan=found(Id="96173"))),
        content(ContentQuery(document_id="96172"), ws(NoiDungVanBan=answer)),
    ):
        with pytest.raises(OffContract) as caught:
            await ask

        assert caught.value.reason == "inconsistent_response"


@pytest.mark.parametrize(
    "changes",
    [{"Id": None}, {"Id": "a/b"}],
)
async def test_what_the_contract_forbids_is_malformed(changes: dict[str, Any]) -> None:
    """The error names the field and not its value."""
    with pytest.raises(OffContract) as caught:
        await document(DocumentQuery(document_id="96172"), ws(ChiTietVanBan=found(**changes)))

    assert caught.value.reason == "malformed"
    assert next(iter(changes)) in str(caught.value)
    assert not any(value and value in str(caught.value) for value in changes.values())


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"NgayBanHanh": "2018"}, "/issued_on"),
        ({"NgayHieuLuc": "31/02/2018"}, "/effective_from"),
        ({"NgayHetHieuLuc": "mai"}, "/effective_to"),
    ],
)
async def test_day_that_cannot_be_read_says_nothing_of_the_effect(changes: dict[str, Any], pointer: str) -> None:
    """The day is null, and whether the document is in force on a day is not known, where that day would say it."""
    query = DocumentQuery(document_id="96172", in_force_on=date(2030, 1, 1))
    answer = await document(query, ws(ChiTietVanBan=found(**{"NgayHieuLuc": "01/01/2019", **changes})))

    assert answer is not None
    assert answer.gaps.incomplete == (pointer,)
    assert answer.effect is not None
    assert answer.effect.in_force == ("yes" if pointer == "/issued_on" else "unknown")


@pytest.mark.parametrize("day", ["23/04/2018", "2018-04-23", "20180423", "2018-04-23T00:00:00", " 23/04/2018 "])
def test_a_date_is_read_in_every_format_that_they_use(day: str) -> None:
    """And 01/01/0001 is none."""
    assert WireDetail.model_validate(found(NgayBanHanh=day)).VanBan.NgayBanHanh == date(2018, 4, 23)
    assert WireDetail.model_validate(found(NgayBanHanh="01/01/0001")).VanBan.NgayBanHanh is None


def test_one_signer_may_come_without_a_list() -> None:
    """And no signer as nothing at all."""
    assert to_document(WireDetail.model_validate(found(NguoiKy="A")).VanBan).signers == ("A",)
    assert to_document(WireDetail.model_validate(found(NguoiKy=None)).VanBan).signers == ()
    assert to_document(WireDetail.model_validate(found(NguoiKy=["A", None, " "])).VanBan).signers == ("A",)


async def test_news_is_ignored_and_counted() -> None:
    """A new element beside the document is drift, not an error."""
    up = ws(ChiTietVanBan={**found(), "Moi": "x"})

    assert await document(DocumentQuery(document_id="96172"), up) is not None
    assert [event.kind for event in up.events if isinstance(event, DriftSeen)] == ["unknown_field"]


async def test_unknown_codes_stay_visible() -> None:
    """As unknown, with the source's own beside them."""
    relation = {"LoaiQuanHe": "99", "Chieu": "DEN", "Id": "1", "SoKyHieu": None}
    up = ws(ChiTietVanBan=found(TinhTrangHieuLuc="MOI", LoaiVanBan="Sắc lệnh", VanBanLienQuan=[relation]))

    answer = await document(DocumentQuery(document_id="96172"), up)

    assert answer is not None
    assert (answer.status, answer.source_code) == ("unknown", "MOI")
    assert (answer.type, answer.type_source_code) == ("unknown", "Sắc lệnh")
    assert (answer.relations[0].kind, answer.relations[0].source_code, answer.relations[0].direction) == (
        "unknown",
        "99",
        "incoming",
    )


@pytest.mark.parametrize(
    ("said", "direction"), [("DI", "outgoing"), ("Đi", "outgoing"), ("DEN", "incoming"), ("ĐẾN", "incoming")]
)
async def test_a_relation_has_the_direction_that_is_said(said: str, direction: str) -> None:
    """With its marks or without."""
    up = ws(ChiTietVanBan=found(VanBanLienQuan=[{"LoaiQuanHe": "12", "Chieu": said, "Id": "1"}]))

    answer = await document(DocumentQuery(document_id="96172"), up)

    assert answer is not None
    assert [relation.direction for relation in answer.relations] == [direction]


@pytest.mark.parametrize("said", [None, "X", "DI DEN"])
async def test_a_relation_without_a_known_direction_is_left_out(said: str | None) -> None:
    """The other way round it would say that another law is replaced."""
    up = ws(ChiTietVanBan=found(VanBanLienQuan=[{"LoaiQuanHe": "12", "Chieu": said, "Id": "1"}]))

    answer = await document(DocumentQuery(document_id="96172"), up)

    assert answer is not None
    assert (answer.relations, answer.gaps.rows_left_out) == ((), 1)


async def test_a_search_asks_in_the_services_words() -> None:
    """What is not asked is not sent; the type by its name."""
    up = ws(TimKiemVanBan=soap_sample("TimKiemVanBan.laws"))

    page = await search(SearchQuery(type="law"), up)

    assert page is not None
    assert [message.arguments for message in up.soap] == [{"LoaiVanBan": "Luật", "Trang": 1, "SoBanGhi": 20}]
    assert [item.type for item in page.items] == ["law"] * 3
    assert page.total == 22
    assert page.next_page_token is not None
    await search(SearchQuery(type="law", page_token=page.next_page_token), up)
    assert up.soap[1].arguments == {"LoaiVanBan": "Luật", "Trang": 2, "SoBanGhi": 20}


async def test_a_search_with_all_conditions() -> None:
    """Number, issuer and words as they are, the day kept for the answer."""
    up = ws(TimKiemVanBan=soap_sample("TimKiemVanBan.none"))
    query = SearchQuery(number="61/2018/NĐ-CP", issuer="Chính phủ", q="một cửa", in_force_on=date(2020, 1, 1))

    page = await search(query, up)

    assert [message.arguments for message in up.soap] == [
        {"SoKyHieu": "61/2018/NĐ-CP", "CoQuanBanHanh": "Chính phủ", "TuKhoa": "một cửa", "Trang": 1, "SoBanGhi": 100}
    ]
    assert page is not None
    assert (page.items, page.total, page.next_page_token) == ((), None, None)


@pytest.mark.parametrize(
    ("said", "status"),
    [("chl", "in_force"), ("Hết hiệu lực toàn bộ", "expired"), ("Ngưng hiệu lực một phần", "partly_suspended")],
)
async def test_a_status_is_known_by_code_or_name(said: str, status: str) -> None:
    """The service has one field for both."""
    answer = await document(DocumentQuery(document_id="96172"), ws(ChiTietVanBan=found(TinhTrangHieuLuc=said)))

    assert answer is not None
    assert (answer.status, answer.source_code) == (status, said)


async def test_nothing_found_is_an_empty_page() -> None:
    """Also where the service says so by its fault."""
    page = await search(SearchQuery(q="không có"), ws(TimKiemVanBan=Reply(500, {}, SoapFault("KHONG_TIM_THAY", ""))))

    assert page is not None
    assert (page.items, page.total) == ((), 0)


async def test_a_text_streams_with_its_name_and_media_type() -> None:
    """From base64 in lines."""
    answer = await content(ContentQuery(document_id="101383"), ws(NoiDungVanBan=soap_sample("NoiDungVanBan.html")))

    assert isinstance(answer, Content)
    assert (answer.media_type, answer.filename) == ("text/html; charset=utf-8", "90047.VBHN-BYT.html")
    assert "90047/VBHN-BYT" in (await whole(answer)).decode()


async def test_an_empty_text_is_no_text() -> None:
    """The source keeps a shell of it."""
    up = ws(NoiDungVanBan=soap_sample("NoiDungVanBan.shell"))

    assert await content(ContentQuery(document_id="100614"), up) is None


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("text/html", "text/html; charset=utf-8"),
        ("TEXT/HTML; charset=windows-1258", "text/html; charset=windows-1258"),
        ("text/plain;charset=UTF-8", "text/plain; charset=utf-8"),
        ('text/html; format=flowed; charset="utf-16"', "text/html; charset=utf-16"),
        ("text/html; charset=utf-8;\r\n\tname=luat.html", "text/html; charset=utf-8"),
        ("text/html;\r\n charset=windows-1258", "text/html; charset=windows-1258"),
        ("text/html; charset=utf-8\nX-Them: 1", "text/html; charset=utf-8"),
        ("text/html\r\nX: y", "text/html; charset=utf-8"),
        ("text/html; charset=tiếng-Việt", "text/html; charset=utf-8"),
        ("text/html; charset=none-such", "text/html; charset=utf-8"),
        ("application/javascript", "application/octet-stream"),
        ("application/octet-stream\r\nX: y", "application/octet-stream"),
        (None, "application/octet-stream"),
    ],
)
async def test_a_file_is_what_a_text_can_be(said: str | None, expected: str) -> None:
    """Anything else is octets: what a source says of it reaches a browser."""
    answer = {"Id": "1", "KieuNoiDung": said, "NoiDung": base64.b64encode(b"x").decode()}

    found = await content(ContentQuery(document_id="1"), ws(NoiDungVanBan=answer))

    assert found is not None
    assert found.media_type == expected


@pytest.mark.parametrize(
    ("said", "file", "expected", "name"),
    [
        ("application/pdf", b"%PDF-1.4", "application/pdf", "luat.pdf"),
        ("text/html", b"%PDF-1.4", "application/pdf", "luat.pdf"),
        ("application/msword", b"{\\rtf1", "application/rtf", "luat.rtf"),
        ("application/pdf", b"{}", None, ""),
        ("application/msword", b"Error", None, ""),
        ("text/html", b"\x00\x01", None, ""),
    ],
)
async def test_a_file_is_held_to_its_type(said: str, file: bytes, expected: str | None, name: str) -> None:
    """By its first bytes: another known type is said instead, and what is of no type is not handed on."""
    answer = {"Id": "1", "TenTep": "luat.pdf", "KieuNoiDung": said, "NoiDung": base64.b64encode(file).decode()}

    if expected is None:
        with pytest.raises(ValueError, match="does not begin as its type does"):
            await content(ContentQuery(document_id="1"), ws(NoiDungVanBan=answer))
        return
    found = await content(ContentQuery(document_id="1"), ws(NoiDungVanBan=answer))
    assert found is not None
    assert (found.media_type, found.filename) == (expected, name)


async def test_broken_base64_is_malformed() -> None:
    """No half of a law is handed on."""
    with pytest.raises(OffContract) as caught:
        await content(ContentQuery(document_id="1"), ws(NoiDungVanBan={"Id": "1", "NoiDung": "PGI+*"}))

    assert caught.value.reason == "malformed"


@given(st.binary(max_size=200), st.sampled_from([76, 7, 1000]))
def test_any_file_comes_out_of_base64_as_it_went_in(data: bytes, width: int) -> None:
    """Whatever the lines."""
    text = base64.b64encode(data).decode()
    lines = "\r\n".join(text[i : i + width] for i in range(0, len(text), width))

    assert WireContent.model_validate({"Id": "1", "NoiDung": lines}).NoiDung == data


words = st.none() | st.text(st.characters(categories=("L", "N", "P", "Zs")), max_size=20)


@given(
    st.fixed_dictionaries(
        {"Id": st.from_regex(r"[A-Za-z0-9-]{1,64}", fullmatch=True)},
        optional=dict.fromkeys(("SoKyHieu", "TrichYeu", "LoaiVanBan", "CoQuanBanHanh", "TinhTrangHieuLuc"), words),
    )
)
def test_any_answer_that_keeps_the_contract_is_translated(wire: dict[str, Any]) -> None:
    """In composed letters, its id as it came."""
    answer = to_document(WireDocument.model_validate(wire))

    assert answer.document_id == wire["Id"]
    assert unicodedata.is_normalized("NFC", answer.model_dump_json())


def test_the_dialect_offers_what_its_service_can() -> None:
    """No provisions in this generation."""
    assert [binding.operation.name for binding in WS.calls] == ["document", "search", "content"]
