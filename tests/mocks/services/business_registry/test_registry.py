"""What the registry answers, and how it refuses."""

from __future__ import annotations

import unicodedata
from datetime import date
from typing import Any

import pytest

from mocks.population import Enterprise
from mocks.services.business_registry.render import NO_DATE
from tests.mocks.services.business_registry.conftest import Registry

DETAIL = "apiCSDLDKDN/chiTietDoanhNghiep"
CERTIFICATE = "apiDKKD/DoanhNghiep/chiTietDoanhNghiep"
RECEIVED = "apiCSDLDKDN/danhSachHoSo"
TODAY = "apiCSDLDKDN/danhSachHoSoTrongNgay"
STATUS = "apiCSDLDKDN/tinhTrangHoSo"


def first(registry: Registry, fits: Any) -> Enterprise:
    enterprises = registry.country.world.population.enterprises
    return next(enterprise for i in range(2_500) if fits(enterprise := enterprises[i]))


async def detail(registry: Registry, code: str) -> dict[str, Any]:
    answer = await registry.get(DETAIL, msdn=code)
    return answer.get("data", answer)


async def test_a_plain_record_is_written_as_the_guide_says(registry: Registry) -> None:
    """Dates dd/MM/yyyy, names joined, the main line first, the head office in their spelling."""
    enterprise = first(registry, lambda e: e.amended_on and len(e.representatives) == 1 and e.index % 11 != 7)

    answer = await detail(registry, enterprise.code)
    main = answer["MainInformation"]

    assert main["ENTERPRISE_GDT_CODE"] == enterprise.code
    assert main["NAME"].rstrip() == enterprise.name
    assert main["FOUNDING_DATE"] == f"{enterprise.founded_on:%d/%m/%Y}"
    assert main["LEGAL_NAMES"].rstrip() == enterprise.representatives[0].full_name
    assert float(main["CAPITAL_AMOUNT"]) == enterprise.capital
    assert [line["IS_MAIN"] for line in answer["BusinessActivity"]][:2] in (["Y"], ["Y", "N"])
    assert answer["HOAdress"]["AddressFullText"].endswith(", Việt Nam")
    assert (answer["DataCount"], answer["Status"]) == (1, "1")


@pytest.mark.parametrize(
    ("fits", "shape"),
    [
        (lambda e: len(e.representatives) == 1 and e.index % 13 != 5, dict),
        (lambda e: len(e.representatives) > 1 and e.index % 13 != 5, list),
        (lambda e: e.index % 13 == 5, type(None)),
    ],
)
async def test_representatives_are_an_object_a_list_or_absent(registry: Registry, fits: Any, shape: type) -> None:
    """One is an object, several are a list, some records name them in LEGAL_NAMES alone."""
    enterprise = first(registry, fits)

    answer = await detail(registry, enterprise.code)

    assert isinstance(answer.get("Representatives"), shape)
    assert answer["MainInformation"]["LEGAL_NAMES"].count(";") == len(enterprise.representatives) - 1


async def test_habits_are_met_somewhere(registry: Registry) -> None:
    """Envelope and bare, JSON under text/html, decomposed letters, blanks behind, capital as text, no date as 0001."""
    enterprises = registry.country.world.population.enterprises
    wrapped, kinds, decomposed, padded, capitals, undated = set(), set(), set(), set(), set(), set()
    for index in range(80):
        url = f"{registry.url}/business-registry/{DETAIL}"
        async with registry.session.get(url, params={"msdn": enterprises[index].code}) as answer:
            body = await answer.json(content_type=None)
            kinds.add(answer.content_type)
        wrapped.add("data" in body)
        main = body.get("data", body)["MainInformation"]
        decomposed.add(unicodedata.is_normalized("NFC", main["NAME"]))
        padded.add(main["NAME"] != main["NAME"].rstrip())
        capitals.add(type(main["CAPITAL_AMOUNT"]))
        undated.add(main["LAST_AMEND_DATE"] == NO_DATE)

    assert wrapped == decomposed == padded == undated == {True, False}
    assert kinds == {"application/json", "text/html"}
    assert capitals == {str, float}


async def test_addresses_are_of_their_time(registry: Registry) -> None:
    """With a district where last written before the reform of 2025, with the new codes after."""
    reform = date(2025, 7, 1)
    before = first(registry, lambda e: (e.amended_on or e.founded_on) < reform)
    after = first(registry, lambda e: (e.amended_on or e.founded_on) >= reform)

    old, new = await detail(registry, before.code), await detail(registry, after.code)

    assert (old["HOAdress"]["CityID"], old["HOAdress"]["DistrictID"]) == (
        before.address.place.province_code,
        before.address.place.district_code,
    )
    assert (new["HOAdress"]["CityID"], new["HOAdress"]["DistrictID"]) == (after.address.place.new_province_code, "")


async def test_a_unit_is_found_with_and_without_its_hyphen(registry: Registry) -> None:
    """The answer carries the code with the hyphen."""
    enterprise = first(registry, lambda e: e.units)

    for asked in (f"{enterprise.code}-001", f"{enterprise.code}001"):
        assert (await detail(registry, asked))["MainInformation"]["ENTERPRISE_GDT_CODE"] == f"{enterprise.code}-001"


async def test_not_found_is_200_with_empty_main_information(registry: Registry) -> None:
    """An enterprise or unit that is not there; the variant answers an empty list."""
    enterprise = first(registry, lambda e: not e.units)
    for code in ("8299000008", f"{enterprise.code}-001"):
        answer = await registry.get(DETAIL, msdn=code)
        assert (answer["MainInformation"], answer["Status"], answer["DataCount"]) == ({}, "1", 0)
        assert await registry.get(CERTIFICATE, msdn=code) == {"GetEntCert": []}
    assert await registry.breaches() == []


async def test_the_variant_has_the_same_facts(registry: Registry) -> None:
    """Its list has one entry, the bare detail."""
    enterprise = first(registry, lambda e: e.index % 5 == 2)

    answer = await registry.get(CERTIFICATE, msdn=enterprise.code)

    assert answer["GetEntCert"] == [await detail(registry, enterprise.code)]


@pytest.mark.parametrize(
    ("path", "query", "rule"),
    [
        (DETAIL, {}, "query msdn: 10 digits, or 13 with or without a hyphen"),
        (DETAIL, {"msdn": "123"}, "query msdn: 10 digits, or 13 with or without a hyphen"),
        (DETAIL, {"msdn": "82990000081"}, "query msdn: 10 digits, or 13 with or without a hyphen"),
        (STATUS, {}, "query in_journal_no: missing"),
        (RECEIVED, {}, "query from_date: dd/MM/yyyy"),
        (RECEIVED, {"from_date": "2026-11-20", "to_date": "20/11/2026"}, "query from_date: dd/MM/yyyy"),
        (RECEIVED, {"from_date": "20/11/2026", "to_date": "31/11/2026"}, "query to_date: dd/MM/yyyy"),
        (RECEIVED, {"from_date": "20/11/2026", "to_date": "19/11/2026"}, "query to_date: before from_date"),
        (
            RECEIVED,
            {"from_date": "01/11/2026", "to_date": "07/11/2026"},
            "query to_date: more than 5 days after from_date",
        ),
        (
            RECEIVED,
            {"from_date": "20/11/2026", "to_date": "20/11/2026", "limit": "0"},
            "query limit: a number from 1 to 500",
        ),
        (
            RECEIVED,
            {"from_date": "20/11/2026", "to_date": "20/11/2026", "limit": "501"},
            "query limit: a number from 1 to 500",
        ),
        (
            RECEIVED,
            {"from_date": "20/11/2026", "to_date": "20/11/2026", "offset": "-1"},
            "query offset: a number from 0 to 1000000",
        ),
        (TODAY, {"from_ts": "8:00", "to_ts": "17:00"}, "query from_ts: HH:mm"),
        (TODAY, {"from_ts": "08:00", "to_ts": "24:00"}, "query to_ts: HH:mm"),
    ],
)
async def test_a_question_off_contract_is_status_0_and_the_journal_names_the_rule(
    registry: Registry, path: str, query: dict[str, str], rule: str
) -> None:
    """HTTP 200 as the real one says it, and no value in the journal."""
    answer = await registry.get(path, **query)

    assert (answer["Status"], answer["DataCount"]) == ("0", 0)
    assert answer["Message"]
    assert await registry.breaches() == [rule]


@pytest.mark.parametrize("path", [DETAIL, CERTIFICATE, RECEIVED, TODAY, STATUS])
async def test_every_call_wants_a_token(registry: Registry, path: str) -> None:
    """Without one, or with one that nobody gave, it is 401."""
    for authorization in ("", "Bearer nobody"):
        async with registry.session.get(
            f"{registry.url}/business-registry/{path}", headers={"Authorization": authorization}
        ) as answer:
            assert answer.status == 401


async def test_five_days_apart_are_allowed_and_six_are_not(registry: Registry) -> None:
    """The limit of the guide, at its edge."""
    allowed = await registry.get(RECEIVED, from_date="15/11/2026", to_date="20/11/2026")
    refused = await registry.get(RECEIVED, from_date="14/11/2026", to_date="20/11/2026")

    assert (allowed["Status"], refused["Status"]) == ("1", "0")


async def test_pages_join_to_the_whole_period_without_gap_or_overlap(registry: Registry) -> None:
    """offset and limit cut one stable list, and DataCount counts all of it."""
    period = {"from_date": "16/11/2026", "to_date": "20/11/2026"}
    whole = await registry.get(RECEIVED, **period, limit="500")
    numbers: list[str] = []
    while len(numbers) < whole["DataCount"]:
        page = await registry.get(RECEIVED, **period, offset=str(len(numbers)), limit="40")
        assert page["DataCount"] == whole["DataCount"]
        numbers += [row["IN_JOURNAL_NO"] for row in page["Data"]]

    assert numbers == [row["IN_JOURNAL_NO"] for row in whole["Data"]]
    assert len(set(numbers)) == len(numbers) > 100
    assert (await registry.get(RECEIVED, **period, offset=str(len(numbers))))["Data"] == []


async def test_weekends_and_the_future_have_no_dossiers(registry: Registry) -> None:
    """Nothing is received on Saturdays, nor tomorrow."""
    weekend = await registry.get(RECEIVED, from_date="21/11/2026", to_date="22/11/2026")
    tomorrow = await registry.get(RECEIVED, from_date="24/11/2026", to_date="27/11/2026")

    assert (weekend["DataCount"], tomorrow["DataCount"]) == (0, 0)


async def test_what_was_handled_today_grows_with_the_day(registry: Registry) -> None:
    """Only dossiers handled today, within the times asked for, and not those still to come."""
    whole = await registry.get(TODAY, from_ts="00:00", to_ts="23:59")
    morning = await registry.get(TODAY, from_ts="00:00", to_ts="11:59")
    afternoon = await registry.get(TODAY, from_ts="12:00", to_ts="23:59")

    assert whole["DataCount"] == morning["DataCount"] + afternoon["DataCount"] > 0
    assert {row["PROCESSED_DATE"] for row in whole["Data"]} == {"23/11/2026"}
    assert not {"RECEIPT_DATE", "PLAN_DATE", "ENTERPRISE_CODE"} & set(whole["Data"][0])


async def test_a_dossier_moves_with_the_virtual_clock(registry: Registry) -> None:
    """What was received this morning is handled some days later; the states agree between list and status."""
    today = {"from_date": "23/11/2026", "to_date": "23/11/2026", "limit": "1"}
    (row,) = (await registry.get(RECEIVED, **today))["Data"]
    assert (row["PROCESS_STATUS"], row["PROCESSED_DATE"]) == ("2", NO_DATE)

    async with registry.session.post(f"{registry.url}/__mock/clock", json={"advance": "P14D"}) as answer:
        assert answer.status == 200
    (later,) = (await registry.get(RECEIVED, **today))["Data"]
    told = (await registry.get(STATUS, in_journal_no=row["IN_JOURNAL_NO"]))["Data"]
    status = told if isinstance(told, dict) else told[0]

    assert later["PROCESS_STATUS"] in {"3", "4", "5", "6"}
    assert later["PROCESSED_DATE"] != NO_DATE
    assert {name: status[name] for name in later} == later


async def test_a_dossiers_status_names_its_submitter_who_exists(registry: Registry) -> None:
    """The contact is a person of the country; the answer is an object or a list of one."""
    numbers = [
        row["IN_JOURNAL_NO"]
        for row in (await registry.get(RECEIVED, from_date="20/11/2026", to_date="20/11/2026"))["Data"]
    ]
    answers = [(await registry.get(STATUS, in_journal_no=number))["Data"] for number in numbers]
    rows = [answer if isinstance(answer, dict) else answer[0] for answer in answers]

    assert [row["IN_JOURNAL_NO"] for row in rows] == numbers
    assert {type(answer) for answer in answers} == {dict, list}
    people = registry.country.world.population.people
    assert all(people.by_citizen_id(row["CONTACT_ID_NO"]).full_name == row["CONTACT_FULL_NAME"] for row in rows)


async def test_an_unknown_dossier_is_an_empty_list(registry: Registry) -> None:
    """Never sent, and sent only tomorrow: neither exists."""
    for number in ("261120999999", "261124990000", "nothing"):
        answer = await registry.get(STATUS, in_journal_no=number)
        assert (answer["Data"], answer["Status"]) == ([], "1")


async def test_wrong_record_is_another_record_wherever_it_shows(registry: Registry) -> None:
    """Every lookup by number answers about somebody else, well-formed."""
    enterprises = registry.country.world.population.enterprises
    asked = (enterprises[0].code, enterprises[2_499].code, "8299000008")
    assert await registry.fault("wrong_record") == 200

    for code in asked:
        body = await detail(registry, code)
        (listed,) = (await registry.get(CERTIFICATE, msdn=code))["GetEntCert"]
        assert (
            code != body["MainInformation"]["ENTERPRISE_GDT_CODE"] == listed["MainInformation"]["ENTERPRISE_GDT_CODE"]
        )
    for number in ("261120990000", "261120990001"):
        told = (await registry.get(STATUS, in_journal_no=number))["Data"]
        assert (told if isinstance(told, dict) else told[0])["IN_JOURNAL_NO"] != number


async def test_wrong_record_is_refused_for_lists_by_period(registry: Registry) -> None:
    """Nothing in a list would show that it answers another question."""
    assert await registry.fault("wrong_record", "danhSachHoSo") == 400
    assert await registry.fault("wrong_record", "danhSachHoSoTrongNgay") == 400
    assert await registry.fault("soap_fault", "chiTietDoanhNghiep") == 400


async def test_the_journal_shows_codes_and_dates_and_hides_the_rest(registry: Registry) -> None:
    """A question's own fields are no secret here; anything more is."""
    await registry.get(DETAIL, msdn="8299000008", nguoiHoi="Nguyễn Văn A")

    async with registry.session.get(f"{registry.url}/__mock/journal?limit=1") as answer:
        entry = (await answer.json())["entries"][0]

    assert entry["masked"] == {"msdn": "8299000008", "nguoiHoi": "***"}
    assert entry["operation"] == "chiTietDoanhNghiep"
