"""Odd answers of the registry: what can be read of them is told, and what can't is said to be missing."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.connectors.business_registry.model import EnterpriseQuery, RegistrationsQuery
from gateway.connectors.business_registry.ngsp import calls
from gateway.core.canonical import Gaps
from gateway.core.problems import Failing
from gateway.core.unread import gaps_of
from tests.gateway.connectors.business_registry.test_ngsp import CODE, detail, registry


async def test_one_bad_value_does_not_take_the_enterprise_away() -> None:
    """It is null, a bad row is left out, and pointers are of the answer as it is told."""
    body = {
        **detail(FOUNDING_DATE="31/02/2014", CAPITAL_AMOUNT="nhiều", SHORT_NAME={"a": 1}),
        "HOAdress": "12 Lê Lợi",
        "Member": [{"MEMBER_NAME": None}, {"MEMBER_NAME": "A", "AMOUNT": "x"}, "B"],
        "BusinessActivity": [{"CODE": 118, "IS_MAIN": "maybe"}, {"CODE": "4711", "IS_MAIN": "Có"}, {"CODE": "4712"}],
    }
    found = await calls.enterprise(EnterpriseQuery(enterprise_code=CODE), registry(body))

    assert found is not None
    assert found.gaps.incomplete == (
        "/short_name",
        "/founded_on",
        "/capital",
        "/head_office",
        "/members/0/amount",
        "/business_lines/0/is_main",
    )
    assert found.gaps.rows_left_out == 2
    assert [(line.code, line.is_main) for line in found.business_lines] == [
        ("0118", None),
        ("4711", True),
        ("4712", None),
    ]


async def test_name_of_blanks_refuses_the_enterprise() -> None:
    """Nothing is made up where the model needs a name."""
    with pytest.raises(ValueError, match="name"):
        await calls.enterprise(EnterpriseQuery(enterprise_code=CODE), registry(detail(NAME="  ")))


async def test_code_hidden_by_its_spelling_is_seen() -> None:
    """Their failure is their failure, also where its key is written in another case or with a blank."""
    for key in ("STATUS", " Status", "status "):
        body = {"mainInformation": detail()["MainInformation"], key: "0"}
        with pytest.raises(Failing):
            await calls.enterprise(EnterpriseQuery(enterprise_code=CODE), registry(body))


async def test_rows_that_cannot_be_read_count_where_a_page_ends() -> None:
    """A page is as full as the source made it, and the next one begins where the source's does."""
    rows: list[Any] = [{"IN_JOURNAL_NO": f"J{number}", "RECEIPT_DATE": "20/11/2026"} for number in range(100)]
    rows[3], rows[5] = None, {"IN_JOURNAL_NO": "J5", "RECEIPT_DATE": "31/02/2026"}
    query = RegistrationsQuery.model_validate({"from": "2026-11-20", "to": "2026-11-20"})
    page = await calls.registrations(query, registry({"DataCount": "150.0", "Data": rows}))

    assert page is not None
    assert (len(page.items), page.total, page.next_page_token) == (99, 150, "2026-11-20~100")
    assert gaps_of(page) == Gaps(("/4/received_on",), 1)
