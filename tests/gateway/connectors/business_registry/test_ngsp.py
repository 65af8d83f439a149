"""The registry's words and ours: its whole tables, its odd habits, and what is asked."""

from __future__ import annotations

import asyncio
import json
import unicodedata
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.connectors.business_registry.model import EnterpriseQuery, RegistrationQuery, RegistrationsQuery
from gateway.connectors.business_registry.ngsp import NGSP, calls, translate
from gateway.connectors.business_registry.ngsp.translate import STATES, STATUSES, NgspSettings
from gateway.connectors.business_registry.ngsp.wire import WireEnterprise, WireRegistrations
from gateway.core.message import Exchange, Reply, ReplyKind, Rest
from gateway.core.problems import Failing, InvalidRequest, OffContract
from gateway.testing import FakeUpstream
from tests.support.laptop import ROOT

SETTINGS: Final = NgspSettings(url="http://registry.example")
SAMPLES: Final = {
    path.stem: json.loads(path.read_text("utf-8"))
    for path in (ROOT / "contracts" / "business_registry" / "samples").glob("*.json")
}
CODE: Final = "6799489312"
ASK: Final = Rest(name="chiTietDoanhNghiep", path="x", method="GET")


def registry(*bodies: object) -> FakeUpstream[NgspSettings]:
    """The registry answering *bodies*, one after the other."""
    return FakeUpstream(NGSP, SETTINGS, bodies)


async def enterprise_of(body: Any, code: str = CODE) -> Any:
    """What the connector makes of *body*, as JSON."""
    found = await calls.enterprise(EnterpriseQuery(enterprise_code=code), registry(body))
    return None if found is None else found.model_dump(mode="json")


def detail(**changes: Any) -> dict[str, Any]:
    """A whole answer; *changes* go into MainInformation."""
    found: dict[str, Any] = json.loads(json.dumps(SAMPLES["detail-several-representatives"]["data"]))
    found["MainInformation"].update(changes)
    return found


# ---- enterprises


async def test_enterprise_is_read_whole() -> None:
    """Every fact of the registry stands in the answer, in our words, dates and exact amounts."""
    found = await enterprise_of(SAMPLES["detail-several-representatives"])

    assert found == {
        "enterprise_code": CODE, "registry_id": "9900002", "old_certificate_number": None,
        "name": "CÔNG TY CỔ PHẦN THƯƠNG MẠI HƯNG THỊNH", "short_name": "THƯƠNG MẠI HƯNG THỊNH CO., LTD",
        "foreign_name": None, "type_name": "Công ty cổ phần", "type_source_code": "3",
        "status": "active", "source_code": "1", "founded_on": "2016-03-21", "amended_on": None, "amendments": 0,
        "capital": "150000000000.0",
        "head_office": {
            "full_text": "Số 990 Nguyễn Thị Minh Khai, Xã Trường Xuân, Huyện Đắk Song, Tỉnh Đắk Nông, Việt Nam",
            "street": "Số 990 Nguyễn Thị Minh Khai", "ward": {"code": "24730", "name": "Xã Trường Xuân"},
            "district": {"code": "665", "name": "Huyện Đắk Song"}, "province": {"code": "67", "name": "Tỉnh Đắk Nông"},
        },
        "representatives": [
            {"full_name": "Phạm Bích Hương", "position": "Tổng giám đốc", "identity_number": "082194909970"},
            {"full_name": "Thạch Ngọc Lẽ", "position": "Phó giám đốc", "identity_number": "075089995833"},
        ],
        "members": [
            {"name": "Phạm Bích Hương", "amount": "75000000000", "ratio_percent": "50.00", "country": "Việt Nam",
             "identity_number": "082194909970"},
            {"name": "KIM MIN-JUN", "amount": "75000000000", "ratio_percent": "50.00", "country": "Hàn Quốc",
             "identity_number": "TEST464497"},
        ],
        "business_lines": [{"code": "0111", "name": "Trồng lúa", "is_main": True}],
    }  # fmt: skip


DETAILS: Final = [name for name in SAMPLES if name.startswith("detail-") and "MainInformation" in str(SAMPLES[name])]


@pytest.mark.parametrize("name", DETAILS)
async def test_every_sample_is_read(name: str) -> None:
    """Each shape that the contract shows, in an envelope or bare, is read as an enterprise or as none."""
    body = SAMPLES[name]
    main = (body.get("data") or body)["MainInformation"]
    found = await enterprise_of(body, main["ENTERPRISE_GDT_CODE"] if main else CODE)

    assert (found is None) == (not main)
    if found:
        assert found["representatives"]
        assert found["name"] == unicodedata.normalize("NFC", main["NAME"]).strip()


async def test_envelope_makes_no_difference() -> None:
    """Provinces that wrap the facts in ``data`` and those that do not say the same."""
    inner = SAMPLES["detail-several-representatives"]["data"]

    assert await enterprise_of(inner) == await enterprise_of({"data": inner})


async def test_one_representative_is_a_list_of_one() -> None:
    """What comes as an object when there is one is read as when there are more."""
    body = detail()
    body["Representatives"] = body["Representatives"][0]
    found = await enterprise_of(body)

    assert [person["full_name"] for person in found["representatives"]] == ["Phạm Bích Hương"]


async def test_names_alone_are_representatives_too() -> None:
    """Where nobody is described the joined names tell who represents."""
    body = detail(LEGAL_NAMES=" Phạm Bích Hương ; Thạch Ngọc Lẽ;")
    del body["Representatives"]
    found = await enterprise_of(body)

    assert [person["full_name"] for person in found["representatives"]] == ["Phạm Bích Hương", "Thạch Ngọc Lẽ"]


@pytest.mark.parametrize(("code", "status"), [*STATUSES.items(), ("99", "unknown"), ("", "unknown"), (None, "unknown")])
async def test_status_is_one_of_ours_with_their_code(code: str | None, status: str) -> None:
    """Each code of the table is our word; any other is "unknown", with the code kept."""
    found = await enterprise_of(detail(ENTERPRISE_STATUS=code))

    assert (found["status"], found["source_code"]) == (status, code or None)


@given(
    st.decimals(0, 10**15, places=3),
    st.sampled_from(["NFC", "NFD"]),
    st.text("ăâđêôơư ", max_size=10),
)
def test_translation_keeps_amounts_and_names(capital: Decimal, form: Any, name: str) -> None:
    """An amount keeps every digit, and a name is composed and trimmed, however they sent it."""
    body = detail(CAPITAL_AMOUNT=str(capital), NAME=f" A{unicodedata.normalize(form, name)} ")
    found = translate.to_enterprise(WireEnterprise.model_validate(body))

    assert found.capital == capital
    assert found.name == unicodedata.normalize("NFC", f"A{name}").strip()


@pytest.mark.parametrize("code", ["6799489312", "6799489312-001"])
async def test_code_is_asked_with_its_hyphen(code: str) -> None:
    """The question carries the code as the registry writes it."""
    up = registry(detail(ENTERPRISE_GDT_CODE=code))
    await calls.enterprise(EnterpriseQuery(enterprise_code=code), up)

    assert (up.rest[0].name, up.rest[0].method, up.rest[0].path) == (
        "chiTietDoanhNghiep", "GET", "apiCSDLDKDN/chiTietDoanhNghiep"
    )  # fmt: skip
    assert up.rest[0].query == {"msdn": code}


async def test_another_enterprise_is_refused() -> None:
    """An answer about another code than asked is never passed on."""
    with pytest.raises(OffContract) as met:
        await enterprise_of(detail(ENTERPRISE_GDT_CODE="0300588569"))

    assert met.value.reason == "inconsistent_response"


async def test_code_written_without_hyphen_is_the_same_unit() -> None:
    """A unit's code in thirteen digits is that unit."""
    found = await enterprise_of(detail(ENTERPRISE_GDT_CODE="6799489312001"), "6799489312-001")

    assert found["enterprise_code"] == "6799489312-001"


# ---- the table


@pytest.mark.parametrize(
    ("status", "body", "verdict"),
    [
        (200, SAMPLES["detail-not-found"], ReplyKind.NO_RECORD),
        (200, {"MainInformation": {}, "Status": "1"}, ReplyKind.NO_RECORD),
        (200, {"MainInformation": None}, ReplyKind.NO_RECORD),
        (200, {"data": {"MainInformation": []}}, ReplyKind.NO_RECORD),
        (200, {"MainInformation": {"NAME": "a"}}, ReplyKind.ANSWER),
        (200, {"data": None, "Status": "1"}, ReplyKind.NO_RECORD),
        (200, {"data": [], "Status": "1"}, ReplyKind.NO_RECORD),
        (200, {"Data": [], "Status": "1"}, None),
        (200, {"Status": "0", "MainInformation": {"NAME": "a"}}, Failing),
        (200, {"Status": 0}, Failing),
        (200, {"data": {"Status": "0"}}, Failing),
        (200, SAMPLES["detail-refused"], Failing),
        (200, {"Status": "1"}, None),
        (200, {"data": "x"}, None),
        (200, [], None),
        (200, None, None),
        (404, {"MainInformation": {}}, None),
        (500, {"Status": "0"}, None),
    ],
)
def test_table_tells_facts_from_failures(status: int, body: object, verdict: object) -> None:
    """An empty record is a fact, Status "0" their failure, and the rest is left to HTTP."""
    found = translate.classify(ASK, Reply(status, {}, body))

    assert (type(found) if isinstance(found, Failing) else found) == verdict


# ---- registrations


def row(number: int, **changes: Any) -> dict[str, Any]:
    """One dossier."""
    return {"IN_JOURNAL_NO": f"{number:012}", "PROCESS_STATUS": "1", "RECEIPT_DATE": "16/11/2026", **changes}


async def test_registration_is_read_with_its_submitter() -> None:
    """The dossier that was asked for, with who submitted it."""
    up = registry(SAMPLES["status"])
    found = await calls.registration(RegistrationQuery(registration_number="261116990003"), up)

    assert found is not None
    assert (found.state, found.received_on, found.supplemented_on) == (
        "supplement_requested", date(2026, 11, 16), date(2026, 11, 18)
    )  # fmt: skip
    assert found.contact is not None
    assert (found.contact.full_name, found.contact.email) == ("Nguyễn Ngọc Ý", None)
    assert up.rest[0].query == {"in_journal_no": "261116990003"}


async def test_unknown_registration_is_none() -> None:
    """An empty list is "no such dossier"."""
    query = RegistrationQuery(registration_number="1")

    assert await calls.registration(query, registry(SAMPLES["status-not-found"])) is None


async def test_another_registration_is_refused() -> None:
    """A dossier of another number is never passed on."""
    with pytest.raises(OffContract) as met:
        await calls.registration(RegistrationQuery(registration_number="1"), registry(SAMPLES["status"]))

    assert met.value.reason == "inconsistent_response"


@pytest.mark.parametrize(("code", "state"), [*STATES.items(), ("99", "unknown"), (None, "unknown")])
def test_state_is_one_of_ours_with_their_code(code: str | None, state: str) -> None:
    """Each code of the table is our word; any other is "unknown", with the code kept."""
    wire = WireRegistrations.model_validate({"Data": [row(1, PROCESS_STATUS=code)]})
    found = translate.to_summary(wire.Data[0])

    assert (found.state, found.source_code) == (state, code)


@pytest.mark.parametrize("body", [{"Status": "1"}, {"DataCount": 3}, {"DataCount": None}])
def test_list_that_is_missing_is_not_an_empty_one(body: Mapping[str, Any]) -> None:
    """An answer without its rows says nothing, and is not read as "none"."""
    with pytest.raises(ValueError, match="Data is missing"):
        WireRegistrations.model_validate(body)


def test_list_of_none_may_be_left_out() -> None:
    """Where they say that there are none, none are."""
    assert WireRegistrations.model_validate({"DataCount": 0}).Data == ()


def day_of(text: str) -> date:
    """A day as the registry is asked for it."""
    day, month, year = map(int, text.split("/"))
    return date(year, month, day)


def registry_with(rows: list[tuple[date, dict[str, Any]]]) -> FakeUpstream[NgspSettings]:
    """A registry with these dossiers, answering as ``danhSachHoSo`` does: one page of one window."""

    async def page(exchange: Exchange) -> object:
        assert isinstance(exchange, Rest)
        asked = exchange.query
        start, end = day_of(asked["from_date"]), day_of(asked["to_date"])
        assert (end - start).days < 5
        found = [entry for day, entry in rows if start <= day <= end]
        offset, limit = int(asked["offset"]), int(asked["limit"])
        return {"Data": found[offset : offset + limit], "DataCount": len(found)}

    return FakeUpstream(NGSP, SETTINGS, page)


@given(st.lists(st.integers(0, 130), min_size=1, max_size=31))
def test_pages_give_every_dossier_once_in_order(counts: list[int]) -> None:
    """However many days and dossiers, the pages together hold each of them exactly once, none longer than a page."""
    first = date(2026, 10, 1)
    rows = [
        (first + timedelta(days=number), row(number * 10_000 + index))
        for number, count in enumerate(counts)
        for index in range(count)
    ]
    up = registry_with(rows)

    async def all_pages() -> list[str]:
        found: list[str] = []
        token: str | None = None
        while True:
            query = RegistrationsQuery.model_validate(
                {"from": first, "to": first + timedelta(days=len(counts) - 1), "page_token": token}
            )
            page = await calls.registrations(query, up)
            assert page is not None
            assert len(page.items) <= translate.ROWS
            found += [item.registration_number for item in page.items]
            token = page.next_page_token
            if token is None:
                return found

    assert asyncio.run(all_pages()) == [entry["IN_JOURNAL_NO"] for _, entry in rows]


@pytest.mark.parametrize("most", [1, 7, 50, 99, 100, 250])
@pytest.mark.parametrize("counted", [True, False])
def test_a_source_that_gives_fewer_rows_than_asked_for_is_asked_again(most: int, counted: bool) -> None:
    """Until it has given as many as it says that there are; without a number a page that is not full is the last."""
    entries = [row(index) for index in range(120)]

    async def page(exchange: Exchange) -> object:
        assert isinstance(exchange, Rest)
        offset = int(exchange.query["offset"])
        return {"Data": entries[offset : offset + most], **({"DataCount": 120} if counted else {})}

    async def all_pages() -> list[str]:
        up, found, token = FakeUpstream(NGSP, SETTINGS, page), [], None
        while True:
            given = await calls.registrations(query(3, token), up)
            assert given is not None
            assert len(given.items) <= translate.ROWS
            found += [item.registration_number for item in given.items]
            if (token := given.next_page_token) is None:
                return found

    wanted = [entry["IN_JOURNAL_NO"] for entry in entries]
    assert asyncio.run(all_pages()) == (wanted if counted or most >= translate.ROWS else wanted[:most])


def test_a_list_that_ends_before_its_number_is_not_taken_for_whole() -> None:
    """Rows that the source says it has, and does not give, are not lost in silence."""
    up = FakeUpstream(NGSP, SETTINGS, {"danhSachHoSo": {"Data": [], "DataCount": 120, "Status": "1"}})

    with pytest.raises(ValueError, match="ends before the number"):
        asyncio.run(calls.registrations(query(3), up))


def query(days: int, token: str | None = None) -> RegistrationsQuery:
    """A period from 2026-11-01."""
    first = date(2026, 11, 1)
    return RegistrationsQuery.model_validate(
        {"from": first, "to": first + timedelta(days=days - 1), "page_token": token}
    )


@pytest.mark.parametrize(
    "token",
    ["", "x", "2026-11-01", "2026-11-01~x", "2026-11-01~-1", "2026-10-31~0", "2026-11-02~0", "2026-12-01~0", "~0"],
)
def test_page_token_of_nobody_is_refused(token: str) -> None:
    """A token that this period never gave is the caller's mistake, told before anything is asked."""
    with pytest.raises(InvalidRequest) as refused:
        translate.place_of(query(10, token))

    assert refused.value.errors[0].pointer == "/page_token"


def test_page_token_leads_back_to_its_place() -> None:
    """A token is the window and the row where its page begins."""
    token = translate.token_of(date(2026, 11, 6), 30)

    assert translate.place_of(query(10, token)) == (date(2026, 11, 6), 30)
