"""The portal's public page of procedures: pages of the source's own, words that are compared here, fees unsaid."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.connectors.public_service_portal.model import ProceduresQuery
from gateway.connectors.public_service_portal.page import PAGE
from gateway.connectors.public_service_portal.page.calls import procedures
from gateway.connectors.public_service_portal.page.translate import PageSettings, classify, search_request
from gateway.core.message import Exchange, Reply, ReplyKind
from gateway.core.problems import InvalidRequest, OffContract
from gateway.testing import FakeUpstream

SETTINGS = PageSettings.model_validate({"url": "http://page.test", "rows": 10, "most_pages": 3})


def row(number: int, name: str = "Đăng ký khai sinh", **more: object) -> dict[str, Any]:
    """A row of the page, as public code shows it."""
    return {
        "ID": str(number),
        "PROCEDURE_CODE": f"1.{number:06d}",
        "PROCEDURE_NAME": name,
        "PUBLISHED_AGENCY": "Bộ Tư pháp",
        "IMPLEMENTATION_AGENCY": "Ủy ban nhân dân cấp xã",
        "FIELD_NAME": "Hộ tịch",
        "QDCBID": "1",
        "AMOUNT": "3",
        "ROW_STT": str(number),
        **more,
    }


def params(exchange: Exchange) -> dict[str, Any]:
    """What was asked."""
    found: dict[str, Any] = json.loads(exchange.form["params"])  # type: ignore[attr-defined]
    return found


def page(rows: list[dict[str, Any]], settings: PageSettings = SETTINGS) -> FakeUpstream[PageSettings]:
    """The page with *rows*, which knows pages and compares the keyword letter by letter."""

    async def answer(exchange: Exchange) -> object:
        asked = params(exchange)
        found = [one for one in rows if asked["keyword"] in one["PROCEDURE_CODE"]]
        start = asked["recordPerPage"] * (asked["pageIndex"] - 1)
        return found[start : start + asked["recordPerPage"]]

    return FakeUpstream(PAGE, settings, answer)


async def everything(up: FakeUpstream[PageSettings], **query: str) -> list[str]:
    """The codes of all pages."""
    codes: list[str] = []
    token = None
    while True:
        found = await procedures(ProceduresQuery(**query, page_token=token), up)
        codes += [one.code for one in found.items]
        token = found.next_page_token
        if token is None:
            return codes


def test_question_is_a_form_with_json_in_a_text() -> None:
    """Field for field as public code sends it, at the page's path."""
    sent = search_request(SETTINGS, 2)

    assert (sent.method, sent.path, sent.json) == ("POST", "jsp/rest.jsp", None)
    assert params(sent) == {
        "service": "procedure_advanced_search_service_v2",
        "provider": "dvcquocgia",
        "type": "ref",
        "recordPerPage": 10,
        "pageIndex": 2,
        "is_connected": 0,
        "keyword": "",
        "agency_type": "0",
        "impl_agency_id": "-1",
        "object_id": "-1",
        "field_id": "-1",
        "impl_level_id": "-1",
    }


@pytest.mark.parametrize("many", [0, 1, 9, 10, 11, 25])
async def test_pages_are_the_sources_own_until_one_is_not_full(many: int) -> None:
    """Each is asked once, whatever their number."""
    up = page([row(number) for number in range(many)])

    assert await everything(up) == [f"1.{number:06d}" for number in range(many)]
    assert [params(exchange)["pageIndex"] for exchange in up.sent] == list(range(1, many // 10 + 2))


async def test_procedure_says_what_the_page_says_and_not_that_it_is_free() -> None:
    """Field and agency by name; "no fee" is another thing than "not said"."""
    [one] = (await procedures(ProceduresQuery(), page([row(1)]))).items

    assert (one.code, one.name) == ("1.000001", "Đăng ký khai sinh")
    assert [(named.code, named.name) for named in (*one.fields, *one.agencies)] == [
        (None, "Hộ tịch"), (None, "Ủy ban nhân dân cấp xã"),
    ]  # fmt: skip
    assert (one.fee_state, one.is_public) == ("not_said", None)


@pytest.mark.parametrize("words", ["dang ky", "ĐĂNG KÝ", "khai ho sinh", "Đăng ký"])
async def test_search_does_not_mind_diacritics_of_a_source_that_does(words: str) -> None:
    """The words are never sent: đ is found by d on the last page as on the first."""
    rows = [row(number, "Cấp bản sao", FIELD_NAME="Chứng thực") for number in range(25)]
    up = page([*rows, row(25)])

    assert await everything(up, q=words) == ["1.000025"]
    assert {params(exchange)["keyword"] for exchange in up.sent} == {""}


async def test_search_reads_so_many_pages_at_once_and_goes_on_after_them() -> None:
    """A page with few or none, and a token: the deadline is kept, and nothing is lost."""
    up = page([*(row(number, "Cấp bản sao") for number in range(39)), row(39)])

    first = await procedures(ProceduresQuery(q="khai sinh"), up)

    assert (first.items, len(up.sent)) == ((), 3)
    second = await procedures(ProceduresQuery(q="khai sinh", page_token=first.next_page_token), up)
    assert [one.code for one in second.items] == ["1.000039"]
    assert params(up.sent[3])["pageIndex"] == 4


async def test_one_by_its_code_is_picked_out_of_those_that_begin_alike() -> None:
    """The page's search finds parts of codes."""
    rows = [row(1, PROCEDURE_CODE=f"1.00000{more}") for more in ("11", "12", "1")]

    found = await procedures(ProceduresQuery(code="1.000001"), page(rows))
    none = await procedures(ProceduresQuery(code="1.000009"), page(rows))

    assert ([one.code for one in found.items], found.next_page_token) == (["1.000001"], None)
    assert (none.items, none.next_page_token) == ((), None)


async def test_row_that_cannot_be_read_is_counted() -> None:
    """The rest is there, and nobody takes the list for whole."""
    found = await procedures(ProceduresQuery(), page([row(1), row(2, PROCEDURE_NAME=None)]))

    assert ([one.code for one in found.items], found.rows_left_out) == (["1.000001"], 1)


@pytest.mark.parametrize("token", ["x", "AAAAAAAAAAAA"])
async def test_token_of_another_question_is_refused(token: str) -> None:
    """Also one of this question with other words, and one that names no page."""
    up = page([row(number) for number in range(10)])
    own = (await procedures(ProceduresQuery(), up)).next_page_token

    for wrong in (ProceduresQuery(page_token=token), ProceduresQuery(q="khai sinh", page_token=own)):
        with pytest.raises(InvalidRequest):
            await procedures(wrong, up)
    assert len(up.sent) == 1


@pytest.mark.parametrize("body", [{"message": "x"}, {}, "x", None, 0])
async def test_answer_that_is_no_list_is_off_contract(body: object) -> None:
    """It never passes for an empty catalogue."""
    with pytest.raises(OffContract):
        await procedures(ProceduresQuery(), FakeUpstream(PAGE, SETTINGS, [Reply(200, {}, body)]))


@given(status=st.sampled_from([200, 201, 302, 400, 404, 500]), body=st.lists(st.integers()) | st.none() | st.text())
def test_only_a_list_with_success_is_an_answer(status: int, body: object) -> None:
    """Whatever comes."""
    found = classify(search_request(SETTINGS, 1), Reply(status, {}, body))

    assert found is (ReplyKind.ANSWER if status == 200 and isinstance(body, list) else None)
