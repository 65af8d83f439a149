"""The transport ministry: asked by three days, its key in three places, each dossier once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.connectors.ministry_portals.model import IncomingQuery
from gateway.connectors.ministry_portals.transport import calls
from gateway.core.problems import GatewayError, InvalidRequest
from tests.gateway.connectors.ministry_portals.support import transport


def query(**more: str) -> IncomingQuery:
    """A question for a period."""
    return IncomingQuery.model_validate_json(json.dumps({"ministry": "transport", **more}), strict=True)


def rows(*found: dict[str, Any]) -> dict[str, Any]:
    """An answer with these dossiers."""
    return {"error_code": 0, "message": "Thành công", "data": list(found)}


def row(code: str, status: str = "1", **more: str) -> dict[str, Any]:
    """A dossier of the list."""
    return {
        "MaHoSo": code,
        "MaTTHC": "1.1",
        "KenhThucHien": "1",
        "NgayTiepNhan": "05/01/2026 08:05:00",
        "TrangThaiHoSo": status,
        **more,
    }


async def test_key_goes_in_the_query_and_in_both_headers() -> None:
    """Days are dd/MM/yyyy; -1 means all rows."""
    up = transport({"danhsachhoso": rows()})

    await calls.incoming(query(**{"from": "2026-01-05", "to": "2026-01-06"}), up)

    [asked] = up.rest
    assert asked.query == {
        "Start": "-1",
        "End": "-1",
        "GovAgencyCode": "000.00.01.H58",
        "APIKey": "the-key",
        "ReceiveFromDate": "05/01/2026",
        "ReceiveToDate": "06/01/2026",
    }
    assert asked.headers == {"MaDonVi": "000.00.01.H58", "ApiKey": "the-key", "Authorization": "Bearer the-key"}
    assert "the-key" not in repr(asked)


async def test_the_last_three_days_are_asked_unless_said() -> None:
    """Today in Vietnam and the two days before."""
    up = transport({"danhsachhoso": rows()})

    page = await calls.incoming(query(), up)

    assert (up.rest[0].query["ReceiveFromDate"], up.rest[0].query["ReceiveToDate"]) == ("28/02/2026", "02/03/2026")
    assert page.next_page_token is None


async def test_longer_period_is_asked_in_pages_of_three_days() -> None:
    """Windows meet and do not overlap, so that no dossier comes in two of them."""
    asked, token = [], None
    for _ in range(3):
        up = transport({"danhsachhoso": rows()})
        more = {} if token is None else {"page_token": token}
        token = (await calls.incoming(query(**{"from": "2026-01-01", "to": "2026-01-08"}, **more), up)).next_page_token
        asked.append((up.rest[0].query["ReceiveFromDate"], up.rest[0].query["ReceiveToDate"]))

    assert asked == [("01/01/2026", "03/01/2026"), ("04/01/2026", "06/01/2026"), ("07/01/2026", "08/01/2026")]
    assert token is None


async def test_dossier_that_comes_twice_is_told_once_in_its_newer_state() -> None:
    """By MaHoSo; a row without one is counted."""
    found = rows(row("A"), row("B"), row("A", "4"), {"MaTTHC": "1.1"})

    page = await calls.incoming(query(), transport({"danhsachhoso": found}))

    assert [(one.dossier_code, one.status) for one in page.items] == [("B", "newly_registered"), ("A", "in_process")]
    assert page.rows_left_out == 1


async def test_channel_of_this_ministry_counts_from_zero() -> None:
    """Its 1 is online, which at the portal is in person: the word is told, not the number."""
    page = await calls.incoming(query(), transport({"danhsachhoso": rows(row("A"), row("B", KenhThucHien="0"))}))

    channels = [one.dossier.other_fields["KenhThucHien"] for one in page.items if one.dossier]
    assert channels == ["online", "counter"]
    assert [str(one.sent_at) for one in page.items] == ["2026-01-05 01:05:00+00:00"] * 2


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"from": "2026-01-06", "to": "2026-01-05"}, "/to"),
        ({"from": "2026-01-01", "to": "2026-02-01"}, "/to"),
        ({"from": "2026-01-01", "to": "2026-01-08", "page_token": "x"}, "/page_token"),
        ({"from": "2026-01-01", "to": "2026-01-08", "page_token": "2026-01-05"}, "/page_token"),
        ({"from": "2026-01-01", "to": "2026-01-08", "page_token": "2026-01-10"}, "/page_token"),
    ],
)
async def test_wrong_period_is_refused_before_anything_is_asked(more: dict[str, str], pointer: str) -> None:
    """A period of at most 31 days, and pages of it alone."""
    up = transport({})

    with pytest.raises(InvalidRequest) as refused:
        await calls.incoming(query(**more), up)

    assert ([error.pointer for error in refused.value.errors], up.rest) == ([pointer], [])


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (-300, "credentials"),
        (-301, "credentials"),
        (-302, "off_contract"),
        (-303, "off_contract"),
        (-999, "off_contract"),
    ],
)
async def test_each_code_of_a_refusal_has_its_cause(code: int, reason: str) -> None:
    """No error repeats the key."""
    with pytest.raises(GatewayError) as met:
        await calls.incoming(query(), transport({"danhsachhoso": {"error_code": code, "message": "the-key"}}))

    assert met.value.reason == reason
    assert "the-key" not in str(met.value)
