from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateway.connectors.social_insurance.model import ContributionsQuery, HouseholdQuery, ParticipantQuery
from gateway.connectors.social_insurance.ngsp.calls import contributions, household, participant
from gateway.core.canonical import PartialDate
from gateway.core.problems import OffContract

if TYPE_CHECKING:
    from tests.gateway.connectors.social_insurance.conftest import Saying

NUMBER = "9900000001"
PERSON = {"hoTen": "LÊ THỊ ÁNH", "ngaySinh": "19870228", "loaiNgaySinh": "0", "gioiTinh": "2", "trangThai": "1"}
MEMBER = {**PERSON, "maSo": NUMBER, "maHo": "9800000001"}
BY_NAME = ParticipantQuery(
    full_name="Lê Thị Ánh", birth_date=PartialDate.of(1987, 2, 28), sex="female", province_code="87"
)
OF_NAME = HouseholdQuery(
    full_name="Lê Thị Ánh", birth_date=PartialDate.of(1987, 2, 28), sex="female", province_code="87"
)


async def test_by_number_takes_one_call(ngsp: Saying) -> None:
    """The number is known, so the person is asked for at once; the answer carries the number asked by."""
    up = ngsp(getTraCuuTtHgdByMaSoBhxh=PERSON)

    found = await participant(ParticipantQuery(insurance_number=NUMBER), up)

    assert found is not None
    assert (found.insurance_number, found.full_name) == (NUMBER, "LÊ THỊ ÁNH")
    assert [(exchange.name, exchange.json) for exchange in up.rest] == [
        ("getTraCuuTtHgdByMaSoBhxh", {"maSoBhxh": NUMBER})
    ]


@pytest.mark.parametrize("number", [NUMBER, "079190000001"])
async def test_a_number_that_the_answer_repeats_is_compared(ngsp: Saying, number: str) -> None:
    """Where it is there, though the guide has none; it has 10 digits, or the 12 of the citizen number."""
    query = ParticipantQuery(insurance_number=number)

    found = await participant(query, ngsp(getTraCuuTtHgdByMaSoBhxh={**PERSON, "maSoBhxh": number}))

    assert found is not None
    assert found.insurance_number == number
    with pytest.raises(OffContract) as refused:
        await participant(query, ngsp(getTraCuuTtHgdByMaSoBhxh={**PERSON, "maSoBhxh": "9900000009"}))
    assert refused.value.reason == "inconsistent_response"


async def test_by_name_takes_two_calls(ngsp: Saying) -> None:
    """First the number, then the person."""
    up = ngsp(getMaSoBhxhTheoTieuChi={"maSoBhxh": NUMBER, "errorCode": "00"}, getTraCuuTtHgdByMaSoBhxh=PERSON)

    found = await participant(BY_NAME, up)

    assert found is not None
    assert found.insurance_number == NUMBER
    assert [exchange.path for exchange in up.rest] == [
        "apiBHXH/getMaSoBhxhTheoTieuChi",
        "apiBHXH/getTraCuuTtHgdByMaSoBhxh",
    ]


async def test_no_number_found_is_no_participant(ngsp: Saying) -> None:
    """Nobody is found, so nobody is asked for."""
    up = ngsp(getMaSoBhxhTheoTieuChi={"maSoBhxh": "", "errorCode": "01"})

    assert await participant(BY_NAME, up) is None
    assert len(up.sent) == 1


async def test_a_namesake_of_another_sex_is_not_the_person(ngsp: Saying) -> None:
    """The source finds by name without much regard to sex; the answer is "no such participant"."""
    up = ngsp(getMaSoBhxhTheoTieuChi={"maSoBhxh": NUMBER}, getTraCuuTtHgdByMaSoBhxh={**PERSON, "gioiTinh": "1"})

    assert await participant(BY_NAME, up) is None


async def test_a_sex_that_the_source_does_not_know_keeps_the_person(ngsp: Saying) -> None:
    """An unknown code proves nothing against the person found."""
    up = ngsp(getMaSoBhxhTheoTieuChi={"maSoBhxh": NUMBER}, getTraCuuTtHgdByMaSoBhxh={**PERSON, "gioiTinh": "9"})

    assert await participant(BY_NAME, up) is not None


@pytest.mark.parametrize(
    "other",
    [
        {"hoTen": "Lê Thị Anh"},
        {"ngaySinh": "19870301"},
        {"ngaySinh": "28/02/1988"},
        {"ngaySinh": None},
        {"maSoBhxh": "9900000002"},
        {"maSoBhxh": "079190000001"},
    ],
)
async def test_another_person_than_asked_by_name_is_refused(ngsp: Saying, other: Any) -> None:
    """Name and birth date are carried by question and answer: a difference is another person's record."""
    up = ngsp(getMaSoBhxhTheoTieuChi={"maSoBhxh": NUMBER}, getTraCuuTtHgdByMaSoBhxh={**PERSON, **other})

    with pytest.raises(OffContract) as refused:
        await participant(BY_NAME, up)

    assert refused.value.reason == "inconsistent_response"


@pytest.mark.parametrize(
    "query",
    [
        OF_NAME,
        HouseholdQuery(insurance_number=NUMBER, province_code="87"),
        HouseholdQuery(card_number=f"DN487{NUMBER}", province_code="87"),
        HouseholdQuery(card_number=f"DN487{NUMBER}", insurance_number="079190000001", province_code="87"),
    ],
)
async def test_a_household_has_the_member_asked_for(ngsp: Saying, query: HouseholdQuery) -> None:
    """By name, by number or by card: a list in which that member stands is the household."""
    other = {**MEMBER, "maSo": "9900000002", "hoTen": "Lê Đạt"}
    up = ngsp(getTraCuuThongTinHgd=[other, MEMBER])

    found = await household(query, up)

    assert found is not None
    assert (found.household_number, len(found.members)) == ("9800000001", 2)


@pytest.mark.parametrize(
    "query",
    [
        OF_NAME,
        HouseholdQuery(insurance_number=NUMBER, province_code="87"),
        HouseholdQuery(card_number=NUMBER, province_code="87"),
    ],
)
async def test_a_household_without_the_member_asked_for_is_refused(ngsp: Saying, query: HouseholdQuery) -> None:
    """It is another household."""
    up = ngsp(getTraCuuThongTinHgd=[{**MEMBER, "maSo": "9900000002", "hoTen": "Lê Đạt"}])

    with pytest.raises(OffContract) as refused:
        await household(query, up)

    assert refused.value.reason == "inconsistent_response"


async def test_a_household_of_a_namesake_of_another_sex_is_none(ngsp: Saying) -> None:
    """As with a participant."""
    assert await household(OF_NAME, ngsp(getTraCuuThongTinHgd=[{**MEMBER, "gioiTinh": "1"}])) is None


async def test_members_of_several_households_leave_the_number_open(ngsp: Saying) -> None:
    """The source mixed them: the members are given, one household's number is not claimed for all."""
    found = await household(OF_NAME, ngsp(getTraCuuThongTinHgd=[MEMBER, {**MEMBER, "maHo": "9800000002"}]))

    assert found is not None
    assert found.household_number is None


async def test_an_empty_household_list_is_none(ngsp: Saying) -> None:
    """Nobody of this name lives there."""
    assert await household(OF_NAME, ngsp(getTraCuuThongTinHgd=[])) is None


async def test_an_unknown_number_has_no_history_and_a_known_one_may_have_an_empty_one(ngsp: Saying) -> None:
    """The first is "no such record", the second a list without rows."""
    query = ContributionsQuery(insurance_number=NUMBER)

    assert await contributions(query, ngsp(getQuaTrinhDong={"errorCode": "01"})) is None
    empty = await contributions(query, ngsp(getQuaTrinhDong={"maSoBhxh": NUMBER, "quaTrinhDong": []}))
    assert empty is not None
    assert (empty.items, empty.total) == ((), 0)


async def test_another_persons_history_is_refused(ngsp: Saying) -> None:
    """The answer repeats the number."""
    up = ngsp(getQuaTrinhDong={"maSoBhxh": "9900000002", "quaTrinhDong": []})

    with pytest.raises(OffContract) as refused:
        await contributions(ContributionsQuery(insurance_number=NUMBER), up)

    assert refused.value.reason == "inconsistent_response"
