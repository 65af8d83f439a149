"""The portal's public page: open, a page of rows for each question, and its own way of comparing words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mocks.one_stop_shop.procedures import procedures
from mocks.services.public_service_portal.page import NAME, PAGE_FIELDS
from tests.mocks.services.public_service_portal.support import Portal
from tests.mocks.services.public_service_portal.test_contract import OTHERS, conforms

PARAMS = {"service": NAME, "provider": "dvcquocgia", "type": "ref", "recordPerPage": 50, "pageIndex": 1}


async def asked(portal: Portal, text: str | None = None, **changes: object) -> tuple[int, Any]:
    """Status and body of the answer."""
    params = json.dumps({**PARAMS, **changes}) if text is None else text
    async with portal.http.post(f"{portal.url}/public-service-portal/jsp/rest.jsp", data={"params": params}) as answer:
        return answer.status, await answer.json()


async def test_all_procedures_are_listed_in_pages_without_an_account(portal: Portal) -> None:
    """Row by row as the contract has them; after the last page there is an empty list."""
    _, first = await asked(portal, recordPerPage=20)
    _, second = await asked(portal, recordPerPage=20, pageIndex=2)

    conforms("DanhSachThuTuc", first + second, OTHERS["page"])
    assert [row["PROCEDURE_CODE"] for row in first + second] == [known.code for known in procedures()]
    assert [row["ROW_STT"] for row in second][:2] == ["21", "22"]
    assert await asked(portal, recordPerPage=20, pageIndex=3) == (200, [])
    assert (
        set().union(*first)
        == PAGE_FIELDS
        == set(OTHERS["page"]["components"]["schemas"]["ThuTucCongKhai"]["properties"])
    )


@pytest.mark.parametrize(("keyword", "found"), [("khai sinh", True), ("KHAI SINH", True), ("dang ky", False)])
async def test_the_page_minds_diacritics(portal: Portal, keyword: str, found: bool) -> None:
    """Capitals alone are folded."""
    assert bool((await asked(portal, keyword=keyword))[1]) is found


async def test_an_agency_that_nobody_knows_has_no_procedures(portal: Portal) -> None:
    """As the page answers other numbers that it does not know."""
    assert await asked(portal, impl_agency_id="12") == (200, [])


@pytest.mark.parametrize(
    "changes", [{"pageIndex": 0}, {"recordPerPage": 0}, {"service": "x"}, {"provider": None}, {"keyword": 3}]
)
async def test_params_off_the_contract_are_refused(portal: Portal, changes: dict[str, object]) -> None:
    """With 400, and the journal says where."""
    assert (await asked(portal, **changes))[0] == 400
    assert (await portal.last())["breaches"]


@pytest.mark.parametrize("text", ["", "{", "[]", "null"])
async def test_params_that_are_no_json_object_are_refused(portal: Portal, text: str) -> None:
    """Nothing is read into them."""
    assert (await asked(portal, text))[0] == 400


async def test_the_page_shows_what_a_tester_changed(portal: Portal) -> None:
    """One catalogue, however it is asked for."""
    await portal.admin("PUT", "procedures", {"code": "9.999999", "title": "Thủ tục mới"})

    _, rows = await asked(portal, keyword="9.999999")
    assert [row["PROCEDURE_NAME"] for row in rows] == ["Thủ tục mới"]
