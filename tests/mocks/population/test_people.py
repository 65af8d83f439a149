"""People, households, and that all systems mean the same ones."""

from __future__ import annotations

import unicodedata
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mocks.population import Population
from mocks.population.people import REFERENCE

people = st.integers(0, 11_999)
VOWELS = "aăâeêioôơuưy"
TONES = "\u0300\u0301\u0303\u0309\u0323"


@given(people)
def test_every_number_leads_back_to_its_person(population: Population, index: int) -> None:
    """Citizen number, insurance number and card number each find who has them."""
    person = population.people[index]

    assert population.people.by_citizen_id(person.citizen_id) is person
    assert population.people.by_insurance_number(person.social_insurance_number) is person
    assert population.insurance.by_card(population.insurance.card(person).number) is person


@given(people)
def test_numbers_lie_in_their_test_ranges(population: Population, index: int) -> None:
    """No number could be a real person's: each has the mark that the manifest names."""
    person = population.people[index]

    assert (len(person.citizen_id), person.citizen_id[6]) == (12, "9")
    assert (len(person.social_insurance_number), person.social_insurance_number[:2]) == (10, "99")
    assert person.old_id_number is None or (len(person.old_id_number) == 9 and person.old_id_number.startswith("99"))
    assert person.phone.startswith("0900")
    assert person.email is None or person.email.endswith("@example.vn")


@given(people)
def test_a_citizen_number_tells_birth_and_sex(population: Population, index: int) -> None:
    """Province of birth, century with sex, and year, as the law on identity cards lays them out."""
    person = population.people[index]
    number = person.citizen_id
    century, female = divmod(int(number[3]), 2)

    assert number[:3] == f"0{person.birth_place.province_code}"
    assert (female == 1) == (person.sex == "female")
    assert 1900 + 100 * century + int(number[4:6]) == person.birth_date.year


@given(st.text(alphabet="0123456789", min_size=8, max_size=14) | st.text(max_size=14))
def test_any_text_is_somebodys_number_or_nobodys(population: Population, number: str) -> None:
    """A number that finds somebody is theirs; nothing raises."""
    citizen = population.people.by_citizen_id(number)
    insured = population.people.by_insurance_number(number)
    household = population.people.household_by_code(number)

    assert citizen is None or citizen.citizen_id == number
    assert insured is None or insured.social_insurance_number == number
    assert household is None or household.code == number


def test_numbers_are_unique(population: Population) -> None:
    """Nobody shares a citizen or insurance number."""
    everybody = [population.people[index] for index in range(len(population.people))]

    assert len({person.citizen_id for person in everybody}) == len(everybody)
    assert len({person.social_insurance_number for person in everybody}) == len(everybody)


@given(st.integers(0, 3_499))
def test_a_household_holds_its_people(population: Population, index: int) -> None:
    """Its code leads back, its head comes first, its members live there and grew up in an order that can be."""
    household = population.people.household(index)
    members = [population.people[member] for member in household.members]

    assert population.people.household_by_code(household.code) == household
    assert members[0].relation == "head"
    assert all(member.household_index == index and member.address == household.address for member in members)
    head = members[0].birth_date.year
    assert all(member.birth_date.year > head + 15 for member in members if member.relation == "child")
    assert all(member.birth_date.year < head - 15 for member in members if member.relation == "parent")


@given(st.integers(0, 2_499))
def test_who_represents_an_enterprise_is_one_person_in_all_systems(population: Population, index: int) -> None:
    """The representative is insured by it, has a household, a card, contributions and a residence history."""
    enterprise = population.enterprises[index]
    person = population.people.representing(index)

    assert enterprise.representatives[0].full_name == person.full_name
    assert enterprise.representatives[0].identity_number == person.citizen_id
    assert population.people.represents(person) == index
    assert person.employer_index == index
    assert population.insurance.contributions(person)[-1].employer_code == enterprise.code
    assert population.insurance.card(person).number.endswith(person.social_insurance_number)
    assert person.index in population.people.household(person.household_index).members
    assert population.people.residences(person)[-1].address == person.address


@given(people)
def test_residences_follow_each_other_without_gap(population: Population, index: int) -> None:
    """From the age of 14 until today, one place at a time; none for children."""
    person = population.people[index]
    stays = population.people.residences(person)

    for before, after in pairwise(stays):
        assert before.ends is not None
        assert (after.starts - before.ends).days == 1
    assert not stays or stays[-1].ends is None
    assert bool(stays) == (REFERENCE.year - person.birth_date.year > 14 or bool(stays))
    assert not stays or stays[0].starts.year - person.birth_date.year == 14


@given(people)
def test_contributions_follow_each_other(population: Population, index: int) -> None:
    """Stretches are ordered, end before they begin never, and name an enterprise that exists."""
    history = population.insurance.contributions(population.people[index])

    for stretch in history:
        assert stretch.from_month.day == stretch.to_month.day == 1
        assert stretch.from_month <= stretch.to_month
        assert stretch.employer_code is None or population.enterprises.by_code(stretch.employer_code) is not None
    for before, after in pairwise(history):
        assert before.from_month < after.from_month


def test_names_have_every_letter_of_the_language(population: Population) -> None:
    """All vowels with all tones, and đ, occur in somebody's name."""
    letters = set("".join(population.people[index].full_name for index in range(12_000)).lower())
    wanted = {unicodedata.normalize("NFC", vowel + tone) for vowel in VOWELS for tone in ("", *TONES)} | {"đ"}

    assert wanted - letters == set()


def test_names_are_composed_and_take_all_shapes(population: Population) -> None:
    """NFC throughout; one-word-tiny, very long, and with apostrophes."""
    names = {population.people[index].full_name for index in range(12_000)}

    assert all(unicodedata.is_normalized("NFC", name) for name in names)
    assert min(map(len, names)) <= 5
    assert max(map(len, names)) > 40
    assert any("'" in name for name in names)


def test_edge_dates_occur(population: Population) -> None:
    """29 February, 1 January, and births of which only year or month is registered."""
    everybody = [population.people[index] for index in range(12_000)]

    assert sum((p.birth_date.month, p.birth_date.day) == (2, 29) for p in everybody) > 50
    assert {p.birth_precision for p in everybody} == {"date", "month", "year"}
    assert max(p.birth_date for p in everybody) <= REFERENCE


def test_cards_are_met_in_every_state(population: Population) -> None:
    """Valid ones are most, and every other state can be found."""
    states = Counter(population.insurance.card(population.people[index]).status for index in range(3_000))

    assert set(states) == {
        "valid", "expired", "reissued_expired", "reissued_valid", "revoked", "decreased", "defence", "public_security",
        "no_card",
    }  # fmt: skip
    assert states["valid"] > 1_500


@pytest.mark.parametrize(
    "mangle", [str.upper, lambda n: unicodedata.normalize("NFD", n), lambda n: f" {n.replace(' ', '  ')} "]
)
def test_people_are_found_by_name_however_it_is_written(population: Population, mangle: object) -> None:
    """Case, Unicode form and blanks make no difference."""
    person = population.people[7]
    assert callable(mangle)

    assert person in population.insurance.named(mangle(person.full_name))


def test_people_are_found_by_their_year_of_birth() -> None:
    """All of them, each once, in order; none is made for it."""
    people = Population().people
    found = {year: people.born_in(year) for year in range(1920, 2030)}

    assert people.made == 0
    assert sorted(index for indices in found.values() for index in indices) == list(range(len(people)))
    assert all(list(indices) == sorted(indices) for indices in found.values())
    assert all(people[index].birth_date.year == year for year, indices in found.items() for index in indices)
