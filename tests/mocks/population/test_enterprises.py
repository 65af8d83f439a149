"""Enterprises, units and registration dossiers."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from stdnum.vn import mst

from mocks.population import Population
from mocks.population.enterprises import STATUSES
from mocks.population.vsic import VSIC

indexes = st.integers(0, 2_499)
days = st.dates(date(2020, 1, 2), date(2099, 12, 31))


@given(indexes)
def test_codes_have_their_check_digit_and_lead_back(population: Population, index: int) -> None:
    """As the tax authority computes it; in the test range; nobody shares it."""
    enterprise = population.enterprises[index]

    assert mst.is_valid(enterprise.code)
    assert enterprise.code[2:4] == "99"
    assert population.enterprises.by_code(enterprise.code) is enterprise


@given(indexes, st.integers(0, 9))
def test_a_wrong_check_digit_finds_nobody(population: Population, index: int, digit: int) -> None:
    """One digit off is no enterprise."""
    code = population.enterprises[index].code
    wrong = f"{code[:9]}{digit}"

    assert (population.enterprises.by_code(wrong) is None) == (wrong != code)


@given(st.text(alphabet="0123456789-", max_size=15) | st.text(max_size=15))
def test_any_text_is_a_code_or_none(population: Population, code: str) -> None:
    """Nothing raises, and what is found has the code asked for."""
    enterprise = population.enterprises.by_code(code)
    unit = population.enterprises.unit_by_code(code)

    assert enterprise is None or enterprise.code == code
    assert unit is None or unit.code.replace("-", "") == code.replace("-", "")


@given(indexes)
def test_units_belong_to_their_enterprise(population: Population, index: int) -> None:
    """Each has the enterprise's code and its own number, with or without the hyphen, and there is no further one."""
    enterprise = population.enterprises[index]
    for number in range(1, enterprise.units + 1):
        unit = population.enterprises.unit(enterprise, number)
        assert mst.is_valid(unit.code)
        assert population.enterprises.unit_by_code(unit.code) == unit
        assert population.enterprises.unit_by_code(unit.code.replace("-", "")) == unit

    assert population.enterprises.unit_by_code(f"{enterprise.code}-{enterprise.units + 1:03d}") is None
    assert population.enterprises.unit_by_code(f"{enterprise.code}-000") is None


@given(indexes)
def test_capital_is_what_members_hold(population: Population, index: int) -> None:
    """Shares add up, and each member that is a citizen exists."""
    enterprise = population.enterprises[index]

    assert not enterprise.members or sum(member.amount for member in enterprise.members) == enterprise.capital
    for member in enterprise.members:
        number = member.identity_number
        assert number is None or number.startswith("TEST") or population.people.by_citizen_id(number) is not None


@given(indexes)
def test_dates_stand_in_order(population: Population, index: int) -> None:
    """Nothing is amended before it is founded, and amendments have a date exactly where there are any."""
    enterprise = population.enterprises[index]

    assert (enterprise.amended_on is not None) == (enterprise.changes > 0)
    assert enterprise.amended_on is None or enterprise.amended_on >= enterprise.founded_on


def test_every_shape_occurs(population: Population) -> None:
    """All statuses and types, several representatives, foreigners, long and tiny ones."""
    everybody = [population.enterprises[index] for index in range(2_500)]

    assert {e.status for e in everybody} == set(STATUSES)
    assert {e.type.id for e in everybody} == {1, 2, 3, 4, 5}
    assert len({e.code for e in everybody}) == 2_500
    assert {len(e.representatives) for e in everybody} >= {1, 2}
    assert any(who.person_index is None for e in everybody for who in e.representatives)
    assert max(len(e.business_lines) for e in everybody) == len(VSIC)
    assert max(len(e.name) for e in everybody) > 200
    assert max(e.units for e in everybody) >= 40


def test_business_lines_are_real_codes_each_once(population: Population) -> None:
    """Four digits of the classification, no code twice in the table or in an enterprise."""
    assert len({line.code for line in VSIC}) == len(VSIC)
    assert all(len(line.code) == 4 and line.code.isdigit() for line in VSIC)
    for index in range(200):
        codes = [line.code for line in population.enterprises[index].business_lines]
        assert len(codes) == len(set(codes))


@given(days)
def test_dossiers_of_a_day_lead_back(population: Population, day: date) -> None:
    """Whatever day the country is in, its dossiers are those of that day, in order, and found by number."""
    dossiers = population.registrations.on(day)

    assert len(dossiers) == population.registrations.count(day)
    assert (day.weekday() < 5) == bool(dossiers)
    for dossier in dossiers[:3] + dossiers[-3:]:
        assert population.registrations.by_number(dossier.number) == dossier
        assert dossier.received_at.date() == day
        assert dossier.processed_at > dossier.received_at
    assert sorted(dossiers, key=lambda dossier: dossier.received_at) == list(dossiers)
    assert population.registrations.by_number(f"{day:%y%m%d}99{len(dossiers):04d}") is None


@given(st.text(alphabet="0123456789", min_size=12, max_size=12) | st.text(max_size=14))
def test_any_text_is_a_dossier_number_or_none(population: Population, number: str) -> None:
    """Nothing raises; what is found has the number asked for."""
    dossier = population.registrations.by_number(number)

    assert dossier is None or dossier.number == number


def test_a_dossier_goes_its_way_with_the_clock(population: Population) -> None:
    """Received, in process, and what it comes to; Mondays have more than a page."""
    monday = date(2026, 11, 23)
    dossier = population.registrations.on(monday)[0]
    received = dossier.received_at

    assert dossier.state(received) == "received"
    assert dossier.state(received + timedelta(hours=5)) == "in_process"
    assert dossier.state(dossier.processed_at) == dossier.outcome
    assert population.registrations.count(monday) >= 60
    outcomes = Counter(
        d.outcome for back in range(5) for d in population.registrations.on(monday - timedelta(days=back))
    )
    assert set(outcomes) == {"approved", "refused", "supplement_requested", "withdrawn"}


def test_the_register_has_a_first_and_a_last_day(population: Population) -> None:
    """Before 2020 and after the century there is nothing."""
    assert population.registrations.on(date(2019, 12, 31)) == ()
    assert population.registrations.on(date(2100, 1, 4)) == ()
    assert datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date() < date(2099, 12, 31)
