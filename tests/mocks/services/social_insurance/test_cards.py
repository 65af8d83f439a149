from __future__ import annotations

import unicodedata
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from mocks.services.social_insurance.cards import CARD_FIELDS
from mocks.services.social_insurance.coverage import card_of

if TYPE_CHECKING:
    from tests.mocks.services.social_insurance.conftest import Insurance

OF_THE_CARD = [
    "000", "001", "002", "003", "004", "010", "100", "101", "110", "120", "121", "122", "123", "124", "130", "500",
]  # fmt: skip


@pytest.mark.parametrize("result", OF_THE_CARD)
async def test_every_result_of_a_card_has_its_holder(insurance: Insurance, result: str) -> None:
    """Somebody in the country has such a card, and asking for it says so."""
    answer = await insurance.card(insurance.question(insurance.holder(result)))

    assert answer["maKetQua"] == result
    assert answer.keys() == CARD_FIELDS


@pytest.mark.parametrize(
    ("change", "result"),
    [
        ({"maThe": "9999999999"}, "050"),
        ({"maThe": "GD4799999999999"}, "050"),
        ({"maThe": "12345"}, "051"),
        ({"maThe": "ZZ4799901841634"}, "051"),
        ({"maThe": "DN4009901841634"}, "052"),
        ({"maThe": "DN1799901841634"}, "053"),
        ({"cccdCb": "087190999009"}, "054"),
        ({"hoTenCb": "Người Khác"}, "055"),
        ({"hoTen": "Không Ai"}, "060"),
        ({"ngaySinh": "01/01/1900"}, "070"),
        ({"ngaySinh": "1985-09-02"}, "205"),
        ({"cccdCb": "1"}, "205"),
        ({"hoTen": ""}, "205"),
    ],
)
async def test_a_wrong_question_gets_the_code_of_its_fault(
    insurance: Insurance, change: dict[str, str], result: str
) -> None:
    """Officer, card number, name and birth date are checked, and the answer tells nothing of the card."""
    answer = await insurance.card({**insurance.question(insurance.holder("000")), **change})

    assert answer["maKetQua"] == result
    assert {answer[name] for name in CARD_FIELDS - {"maKetQua", "ghiChu"}} == {None}


@pytest.mark.parametrize("change", [{"cccdCb": "087190999009"}, {"maThe": "12345"}, {"ngaySinh": "1985-09-02"}])
async def test_the_journal_names_the_rule_and_never_the_value(insurance: Insurance, change: dict[str, str]) -> None:
    """The field that broke the contract is named."""
    await insurance.card({**insurance.question(insurance.holder("000")), **change})

    breaches = await insurance.breaches()
    assert [name for name in change if any(name in breach for breach in breaches)] == list(change)
    assert not any(value in breach for value in change.values() for breach in breaches)


async def test_a_name_with_the_right_initial_is_told_apart(insurance: Insurance) -> None:
    """061 is a hint that somebody mistyped."""
    person = insurance.holder("000")

    answer = await insurance.card({**insurance.question(person), "hoTen": f"{person.full_name[0]} Gõ Sai"})

    assert answer["maKetQua"] == "061"


async def test_form_and_case_of_a_name_do_not_matter(insurance: Insurance) -> None:
    """Composed or decomposed letters, capitals or not."""
    person = insurance.holder("000")
    typed = unicodedata.normalize("NFD", person.full_name.upper())

    assert (await insurance.card({**insurance.question(person), "hoTen": typed}))["maKetQua"] == "000"


async def test_the_ten_digits_and_the_year_are_enough(insurance: Insurance) -> None:
    """As printed on cards since 2021, and as old papers know birth dates."""
    person = insurance.holder("000")
    digits = {"maThe": person.social_insurance_number, "ngaySinh": str(person.birth_date.year)}

    assert (await insurance.card({**insurance.question(person), **digits}))["maKetQua"] == "000"


async def test_the_successor_of_a_card_is_valid_itself(insurance: Insurance) -> None:
    """Asked by the new card of one reissued, the answer names the old one."""
    person = insurance.holder("003")
    question = insurance.question(person)
    old = await insurance.card(question)

    new = await insurance.card({**question, "maThe": old["maTheMoi"]})

    assert (new["maKetQua"], new["maThe"], new["maTheCu"]) == ("000", old["maTheMoi"], old["maThe"])


async def test_cards_follow_the_virtual_day(insurance: Insurance) -> None:
    """A year later the card has been renewed: the period has moved on."""
    question = insurance.question(insurance.people[0])
    before = await insurance.card(question)

    await insurance.national.advance("P400D")
    after = await insurance.card(question)

    assert before["maKetQua"] == after["maKetQua"] == "000"
    assert before["gtTheTu"] != after["gtTheTu"]


async def test_a_wrong_record_is_a_whole_answer_about_somebody_else(insurance: Insurance) -> None:
    """It carries another card and another number."""
    question = insurance.question(insurance.holder("000"))
    await insurance.national.fault("social_insurance", "wrong_record", operation="KQNhanLichSuKCB2024")

    answer = await insurance.card(question)

    assert answer["maKetQua"] == "000"
    assert question["maThe"][-10:] not in {answer["maSoBHXH"], answer["maThe"][-10:]}


@pytest.mark.parametrize("day", ["2026-01-01", "2026-02-28", "2028-02-29", "2026-12-31"])
async def test_a_period_holds_the_day_on_which_it_is_valid(insurance: Insurance, day: str) -> None:
    """On odd days too: a valid card covers today, an expired one does not, a successor follows at once."""
    today = date.fromisoformat(day)
    for index in range(0, len(insurance.people), 7):
        card = card_of(insurance.people[index], today)
        ends = card.now.ends or today
        covers = card.now.starts <= today <= ends
        assert covers is (card.result not in {"003", "010"})
        assert card.successor is None or card.successor.starts == ends + timedelta(days=1)
