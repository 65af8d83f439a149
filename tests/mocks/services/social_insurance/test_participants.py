from __future__ import annotations

import unicodedata
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from mocks.population import Person
from mocks.services.social_insurance.habits import BIRTH_KINDS, SEX_CODES, compact_birth, folded, was_born
from mocks.services.social_insurance.history import spans_of

if TYPE_CHECKING:
    from tests.mocks.services.social_insurance.conftest import Insurance

UNKNOWN = "9999999999"


def criteria(person: Person, **change: str) -> dict[str, str]:
    """What is asked to find the number of *person*."""
    length = {"date": 8, "month": 6, "year": 4}[person.birth_precision]
    found = {
        "hoTen": person.full_name,
        "ngaySinh": f"{person.birth_date:%Y%m%d}"[:length],
        "loaiNgaySinh": BIRTH_KINDS[person.birth_precision],
        "gioiTinh": SEX_CODES[person.sex],
        "maTinhKs": person.birth_place.province_code,
        "maHuyenKs": "",
        "maXaKs": "",
        "isKs": "1",
    }
    return {**found, **change}


def of_household(person: Person, **change: str) -> dict[str, str]:
    """What is asked to find the household of *person*."""
    found = {name: value for name, value in criteria(person).items() if not name.endswith("Ks")}
    home = person.address.place.province_code
    return {**found, "maTinh": home, "soSo": "", "maThe": "", "isKs": "0", **change}


@pytest.mark.parametrize("index", [0, 7, 22, 150, 1049])
async def test_a_number_is_found_by_name_birth_and_place(insurance: Insurance, index: int) -> None:
    """Under codes of before the reform of 2025 and of today, in any form of the letters."""
    person = insurance.people[index]
    decomposed = unicodedata.normalize("NFD", person.full_name.upper())

    for change in ({}, {"maTinhKs": person.birth_place.new_province_code}, {"hoTen": decomposed}):
        status, answer = await insurance.post("getMaSoBhxhTheoTieuChi", criteria(person, **change))
        assert (status, answer["maSoBhxh"]) == (200, person.social_insurance_number)


async def test_a_search_by_name_makes_only_those_of_the_year(insurance: Insurance) -> None:
    """To make the whole population for one answer takes seconds on a busy machine."""
    person = insurance.people[150]
    before = insurance.people.made
    await insurance.post("getMaSoBhxhTheoTieuChi", criteria(person))

    assert insurance.people.made - before < 500


async def test_nobody_found_is_said_in_two_ways(insurance: Insurance) -> None:
    """An empty number, with the code 01 or without any."""
    person = insurance.people[0]
    codes = {
        (await insurance.post("getMaSoBhxhTheoTieuChi", criteria(person, hoTen=name)))[1]["errorCode"]
        for name in ("Không Ai", "Không Ai Cả")
    }

    assert codes == {"", "01"}


@pytest.mark.parametrize(
    "change",
    [
        {"ngaySinh": "17/11/1967"},
        {"loaiNgaySinh": "5"},
        {"gioiTinh": "nam"},
        {"maTinhKs": "1"},
        {"hoTen": ""},
        {"isKs": ""},
    ],
)
async def test_a_malformed_question_gets_its_code(insurance: Insurance, change: dict[str, str]) -> None:
    """The code is 02, and the journal names the field."""
    _, answer = await insurance.post("getMaSoBhxhTheoTieuChi", criteria(insurance.people[0], **change))

    assert answer["errorCode"] == "02"
    assert [breach.split(":")[0] for breach in await insurance.breaches()] == [f"body {name}" for name in change]


async def test_a_field_that_no_contract_names_is_noted(insurance: Insurance) -> None:
    """The system does not mind; the journal tells."""
    person = insurance.people[0]
    status, answer = await insurance.post("getMaSoBhxhTheoTieuChi", {**criteria(person), "themVao": "1"})

    assert (status, answer["maSoBhxh"]) == (200, person.social_insurance_number)
    assert await insurance.breaches() == ["body: fields that are not in the contract"]


@pytest.mark.parametrize("body", [{}, {"maSoBhxh": "123"}, [], {"maSoBhxh": None}])
@pytest.mark.parametrize("call", ["getTraCuuTtHgdByMaSoBhxh", "getQuaTrinhDong"])
async def test_a_question_without_a_number_is_malformed(insurance: Insurance, call: str, body: Any) -> None:
    """Whatever stands in its place."""
    status, answer = await insurance.post(call, body)

    assert (status, answer["errorCode"]) == (200, "02")


async def test_participants_are_written_in_many_ways(insurance: Insurance) -> None:
    """Dates in several formats and lengths, letters in two forms, numbers for text, a blank before a key."""
    dates, decomposed, numbers, keys = set(), 0, 0, set()
    for index in range(160):
        person = insurance.people[index]
        _, answer = await insurance.post("getTraCuuTtHgdByMaSoBhxh", {"maSoBhxh": person.social_insurance_number})
        assert folded(answer["hoTen"]) == folded(person.full_name)
        dates.add((len(answer["ngaySinh"]), "/" in answer["ngaySinh"], "-" in answer["ngaySinh"]))
        decomposed += not unicodedata.is_normalized("NFC", answer["hoTen"])
        numbers += isinstance(answer["gioiTinh"], int)
        keys |= answer.keys()

    assert {(8, False, False), (10, True, False), (10, False, True)} <= dates
    assert decomposed
    assert numbers
    assert " maTinhKs" in keys


async def test_an_unknown_number_is_said_in_two_ways(insurance: Insurance) -> None:
    """An empty object, or the code 01."""
    answers = [
        (await insurance.post("getTraCuuTtHgdByMaSoBhxh", {"maSoBhxh": number}))[1]
        for number in (UNKNOWN, "9999992080")
    ]

    assert answers[0] == {}
    assert answers[1]["errorCode"] == "01"


async def test_a_household_is_found_by_name_number_and_card(insurance: Insurance) -> None:
    """Each alone is enough, and all give the same members."""
    person = insurance.people[1]
    nobody = {"hoTen": "", "ngaySinh": "", "loaiNgaySinh": "", "gioiTinh": ""}
    number = person.social_insurance_number

    answers = [
        (await insurance.post("getTraCuuThongTinHgd", of_household(person, **change)))[1]
        for change in ({}, {**nobody, "soSo": number}, {**nobody, "maThe": number})
    ]

    household = insurance.people.household(person.household_index)
    assert [row["maSo"] for row in answers[0]] == [
        insurance.people[member].social_insurance_number for member in household.members
    ]
    assert {row["maHo"] for row in answers[0]} == {household.code}
    assert answers[0] == answers[1] == answers[2]


async def test_one_member_is_an_object_and_none_an_empty_list(insurance: Insurance) -> None:
    """As such systems render lists."""
    people = insurance.people
    alone = next(
        people[index] for index in range(100) if len(people.household(people[index].household_index).members) == 1
    )

    assert (await insurance.post("getTraCuuThongTinHgd", of_household(alone)))[1][
        "maSo"
    ] == alone.social_insurance_number
    assert (await insurance.post("getTraCuuThongTinHgd", of_household(alone, hoTen="Không Ai")))[1] == []


async def test_a_household_question_names_somebody(insurance: Insurance) -> None:
    """A province alone is no question."""
    nobody = {"hoTen": "", "ngaySinh": "", "loaiNgaySinh": "", "gioiTinh": ""}

    assert (await insurance.post("getTraCuuThongTinHgd", of_household(insurance.people[0], **nobody)))[1][
        "errorCode"
    ] == "02"


async def test_known_without_contributions_is_not_unknown(insurance: Insurance) -> None:
    """An empty list for the one, the code 01 for the other."""
    population = insurance.national.country.world.population
    never = next(insurance.people[index] for index in range(100) if not spans_of(insurance.people[index], population))

    _, known = await insurance.post("getQuaTrinhDong", {"maSoBhxh": never.social_insurance_number})
    _, unknown = await insurance.post("getQuaTrinhDong", {"maSoBhxh": UNKNOWN})

    assert known == {"maSoBhxh": never.social_insurance_number, "errorCode": "00", "quaTrinhDong": []}
    assert unknown["errorCode"] == "01"


async def test_a_history_is_in_order_and_ends_with_the_employer(insurance: Insurance) -> None:
    """Spans do not overlap; only the last may last, and then it is at the enterprise that insures the person."""
    population = insurance.national.country.world.population
    for index in range(400):
        person = insurance.people[index]
        spans = spans_of(person, population)
        assert all(one.last is not None and one.last < other.first for one, other in pairwise(spans))
        if spans and spans[-1].last is None:
            assert person.employer_index is not None
            assert spans[-1].employer == population.enterprises[person.employer_index].name


async def test_calls_want_the_roads_token(insurance: Insurance) -> None:
    """Without it, or with a foreign one: 401 as the road says it."""
    status, answer = await insurance.post("getQuaTrinhDong", {"maSoBhxh": UNKNOWN}, token="foreign")

    assert (status, answer["fault"]["code"]) == (401, 900902)


@pytest.mark.parametrize(
    ("call", "key"),
    [("getMaSoBhxhTheoTieuChi", "maSoBhxh"), ("getTraCuuThongTinHgd", "maSo"), ("getQuaTrinhDong", "maSoBhxh")],
)
async def test_a_wrong_record_is_somebody_elses(insurance: Insurance, call: str, key: str) -> None:
    """It is well formed, and nobody asked for stands in it."""
    person = insurance.people[30]
    questions = {
        "getMaSoBhxhTheoTieuChi": criteria(person),
        "getTraCuuThongTinHgd": of_household(person),
        "getQuaTrinhDong": {"maSoBhxh": person.social_insurance_number},
    }
    await insurance.national.fault("social_insurance", "wrong_record", operation=call)

    status, answer = await insurance.post(call, questions[call])

    rows = answer if isinstance(answer, list) else [answer]
    assert status == 200
    assert person.social_insurance_number not in {row[key] for row in rows}


async def test_a_wrong_record_that_nothing_would_show_is_refused(insurance: Insurance) -> None:
    """A participant's answer does not repeat the number: the tester is told so."""
    fault = {"system": "social_insurance", "operation": "getTraCuuTtHgdByMaSoBhxh", "fault": {"kind": "wrong_record"}}
    url = f"{insurance.national.url}/__mock/faults"

    async with insurance.national.session.put(url, json={"faults": [fault]}) as answer:
        assert answer.status == 400
        assert "number" in await answer.text()


def test_dates_are_compared_as_far_as_both_are_known(person_of_year: Person) -> None:
    """A register that knows the year accepts any day of it, and no other year."""
    year = person_of_year.birth_date.year

    assert was_born(person_of_year, f"{year}0704")
    assert was_born(person_of_year, f"{year}")
    assert not was_born(person_of_year, f"{year + 1}")
    assert compact_birth(person_of_year).startswith(str(year))


@pytest.fixture
async def person_of_year(insurance: Insurance) -> Person:
    """Somebody of whose birth only the year is known."""
    found: Person = next(
        insurance.people[index] for index in range(2_000) if insurance.people[index].birth_precision == "year"
    )
    return found
