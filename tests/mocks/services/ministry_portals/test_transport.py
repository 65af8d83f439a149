"""The transport ministry is pulled: by three days, with its key in three places, and with rows that come twice."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from mocks.engine.service import Ask
from mocks.services.ministry_portals.ministry import Entry
from mocks.services.ministry_portals.transport import TransportMinistry
from tests.mocks.services.ministry_portals.support import Ministries

FOLDER = Path(__file__).parents[4] / "contracts" / "ministry_portals"
CONTRACT: dict[str, Any] = yaml.safe_load((FOLDER / "transport.yaml").read_text(encoding="utf-8"))
DAY = date(2026, 1, 6)


def asked(ministries: Ministries, first: date = DAY, last: date = DAY) -> Ask:
    """A whole question with the published key."""
    entry = Entry("transport", "", "000.00.00.G10", "transport", {})
    return TransportMinistry(ministries.country.world, entry).ask(first, last)


async def told(ministries: Ministries, ask: Ask, query: dict[str, str] | None = None, **headers: str) -> Any:
    """The answer to *ask* with another query or other headers, held to the contract."""
    url = f"{ministries.url}/ministry-portals/{ask.path}"
    params = {**ask.query, **(query or {})}
    async with ministries.http.get(url, params=params, headers={**ask.headers, **headers}) as answer:
        assert answer.status == 200
        found = await answer.json()
    schema = {"$ref": "#/components/schemas/KetQua", "components": CONTRACT["components"]}
    Draft202012Validator(schema).validate(found)
    return found


def test_the_contract_is_valid_openapi() -> None:
    """3.1, without an error."""
    validate(CONTRACT)


async def test_the_dossiers_of_some_days_are_listed(ministries: Ministries) -> None:
    """Days and instants are in this ministry's form; a dossier comes twice, the later row in its newer state."""
    found = await told(ministries, asked(ministries, DAY, DAY + timedelta(days=2)))

    codes = [row["MaHoSo"] for row in found["data"]]
    assert (len(codes), len(set(codes))) == (12, 9)
    twice = [row for row in found["data"] if row["MaHoSo"] == codes[1]]
    assert [row["TrangThaiHoSo"] for row in twice] == ["1", "2"]
    assert found["data"][0]["NgayTiepNhan"] == "06/01/2026 08:05:00"
    assert {row["KenhThucHien"] for row in found["data"]} == {"0", "1"}


@pytest.mark.parametrize(
    ("query", "headers", "code"),
    [
        ({"APIKey": "khac"}, {}, -300),
        ({}, {"ApiKey": "khac"}, -300),
        ({}, {"Authorization": "Bearer khac"}, -300),
        ({"GovAgencyCode": "000.00.01.H99"}, {"MaDonVi": "000.00.01.H99"}, -301),
        ({}, {"MaDonVi": "000.00.04.H58"}, -301),
        ({"ReceiveFromDate": "2026-01-06"}, {}, -302),
        ({"ReceiveFromDate": "31/02/2026"}, {}, -302),
        ({"ReceiveToDate": "05/01/2026"}, {}, -302),
        ({"ReceiveToDate": "10/01/2026"}, {}, -303),
        ({"Start": "x"}, {}, -304),
    ],
)
async def test_a_wrong_question_gets_its_code(
    ministries: Ministries, query: dict[str, str], headers: dict[str, str], code: int
) -> None:
    """Each code has one cause; the journal names the place and never shows a key."""
    found = await told(ministries, asked(ministries), query, **headers)

    assert (found["error_code"], found["data"]) == (code, [])
    last = await ministries.last()
    assert last["breaches"]
    assert ministries.country.world.credential("ministry_portals", "transport_api_key") not in str(last)


async def test_rows_are_cut_out_of_the_list(ministries: Ministries) -> None:
    """Start and End are places of the first and the last row."""
    whole = await told(ministries, asked(ministries))
    part = await told(ministries, asked(ministries), {"Start": "1", "End": "2"})

    assert part["data"] == whole["data"][1:3]


async def test_the_future_has_no_dossiers(ministries: Ministries) -> None:
    """What was not received yet is not listed; when the virtual clock moves, it is."""
    tomorrow = ministries.country.clock.today() + timedelta(days=1)
    assert (await told(ministries, asked(ministries, tomorrow, tomorrow)))["data"] == []

    await ministries.admin("POST", "clock", {"advance": "P2D"})
    assert len((await told(ministries, asked(ministries, tomorrow, tomorrow)))["data"]) == 4
