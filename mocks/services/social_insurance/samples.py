"""Identifiers to try, chosen so that answers have all shapes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from itertools import islice
from typing import Final

from mocks.engine.service import Sample, World
from mocks.population import Person, Population
from mocks.services.social_insurance.coverage import card_of
from mocks.services.social_insurance.history import spans_of

#: Number of people, in order, that samples are chosen from.
_AMONG: Final = 1_500
_PLAIN: Final = 21
_PRECISIONS: Final = {"date": ("day", 10), "month": ("month", 7), "year": ("year", 4)}

_BY_NUMBER: Final[tuple[tuple[str, Callable[[Person], bool]], ...]] = (
    ("plain", lambda p: p.index == _PLAIN),
    ("JSON under text/html", lambda p: p.index % 7 == 6),
    ("name in decomposed letters", lambda p: p.index % 11 == 7),
    ("blanks around a field's name", lambda p: p.index % 19 == 6),
    ("a state that is in no table", lambda p: p.index % 89 == 17),
    ("only the year of birth is known", lambda p: p.birth_precision == "year"),
    ("only year and month of birth are known", lambda p: p.birth_precision == "month"),
)
_BY_NAME: Final[tuple[tuple[str, Callable[[Person], bool]], ...]] = (
    ("by name", lambda p: p.index == _PLAIN + 1),
    ("by name, born on 29 February", lambda p: p.birth_date.month == 2 and p.birth_date.day == 29),
    ("by name and year", lambda p: p.birth_precision == "year"),
    ("by name, a name of an ethnic minority", lambda p: "'" in p.full_name),
)
_CARDS: Final = {
    "000": "valid",
    "003": "expired, a new card was issued",
    "004": "still valid, a new card was issued",
    "010": "expired",
    "110": "revoked",
    "001": "card of the Ministry of Defence: papers are checked by hand",
    "002": "card of the Ministry of Public Security",
    "120": "reported as decreased",
    "121": "moved out of the province",
    "122": "moved within the province",
    "123": "re-entered at the same employer",
    "124": "left",
    "130": "a child without a card",
}


def samples(world: World) -> dict[str, list[Sample]]:
    """Returns the samples by gateway operation, for the virtual today."""
    population = world.population
    return {
        "social_insurance.participant": _participants(population),
        "social_insurance.household": _households(population, world.clock.today()),
        "social_insurance.contributions": _contributions(population),
        "social_insurance.health_card": _cards(population, world.clock.today()),
    }


def _first(population: Population, fits: Callable[[Person], bool]) -> Person | None:
    return next((person for person in _people(population) if fits(person)), None)


def _people(population: Population) -> Iterator[Person]:
    return (population.people[index] for index in range(_AMONG))


def _participants(population: Population) -> list[Sample]:
    found: list[Sample] = []
    for note, fits in _BY_NUMBER:
        if (person := _first(population, fits)) is not None:
            found.append(_body({"insurance_number": person.social_insurance_number}, note))
    for note, fits in _BY_NAME:
        if (person := _first(population, fits)) is not None:
            found.append(_body(_born_at(person), note))
    person = population.people[_PLAIN + 2]
    place = person.birth_place
    ward = {**_born_at(person), "district_code": place.district_code, "ward_code": place.ward_code}
    found.append(_body(ward, "by name, with district and ward from before 2025-07-01"))
    home = person.address.place
    at_home = {**_named(person, home.new_province_code), "ward_code": home.new_ward_code, "place": "household"}
    found.append(_body(at_home, "by name and household, with the present codes"))
    other_sex = {**_born_at(person), "sex": "female" if person.sex == "male" else "male"}
    found.append(_body(other_sex, "not found: another sex", exists=False))
    found.append(_body({**_born_at(person), "full_name": "Đỗ Không Có Ai"}, "nobody", exists=False))
    found += [_body({"insurance_number": number}, "no such number", exists=False) for number in _free(population, 2)]
    found.append(_body({"insurance_number": population.people[_PLAIN + 3].social_insurance_number}, "plain"))
    return found


def _households(population: Population, today: date) -> list[Sample]:
    people = population.people
    plain = people[_PLAIN]
    alone = next(p for p in _people(population) if len(people.household(p.household_index).members) == 1)
    large = next(p for p in _people(population) if len(people.household(p.household_index).members) == 6)
    old = next(p for p in _people(population) if p.birth_precision == "year")
    here = plain.address.place.province_code
    found = [
        _body(_named(plain, here), "by name"),
        _body({"province_code": here, "insurance_number": plain.social_insurance_number}, "by BHXH number"),
        _body(_carded(large, today), "by card; six members"),
        _body(_named(alone, alone.address.place.new_province_code), "one member: an object, not a list"),
        _body(_named(old, old.address.place.province_code), "only the year of birth is known"),
        _body({**_named(large, large.birth_place.province_code), "place": "birth"}, "by place of birth"),
        _body({**_carded(plain, today), "insurance_number": plain.social_insurance_number}, "by card and number"),
    ]
    found.append(_body({**_named(plain, here), "full_name": "Đỗ Không Có Ai"}, "nobody", exists=False))
    unknown = ({"province_code": here, "insurance_number": number} for number in _free(population, 2))
    found += [_body(body, "no such number", exists=False) for body in unknown]
    found.append(_body(_named(people[0], people[0].address.place.province_code), "plain"))
    return found


def _contributions(population: Population) -> list[Sample]:
    shapes: tuple[tuple[str, Callable[[int], bool]], ...] = (
        ("several spans", lambda count: 1 < count < 10),
        ("one period: an object, not a list", lambda count: count == 1),
        ("long", lambda count: count > 20),
        ("a person without periods: an empty list", lambda count: count == 0),
    )
    counts = [(person, len(spans_of(person, population))) for person in islice(_people(population), 400)]
    found: list[Sample] = []
    for note, fits in shapes:
        fitting = [person for person, count in counts if fits(count)]
        found += [_body({"insurance_number": person.social_insurance_number}, note) for person in fitting[:2]]
    found += [_body({"insurance_number": number}, "no such number", exists=False) for number in _free(population, 2)]
    plain = next(person for person, count in reversed(counts) if 1 < count < 10)
    found.append(_body({"insurance_number": plain.social_insurance_number}, "plain"))
    return found


def _cards(population: Population, today: date) -> list[Sample]:
    first: dict[str, Person] = {}
    for person in _people(population):
        first.setdefault(card_of(person, today).result, person)
    plain = first["000"]
    # The last people are born in 2025: after some virtual years the population has no children.
    found = [_body(_card(first[result], today), note) for result, note in _CARDS.items() if result in first]
    found.append(_body({**_card(plain, today), "card_number": plain.social_insurance_number}, "by the 10 digits"))
    year = {"value": str(plain.birth_date.year), "precision": "year"}
    found.append(_body({**_card(plain, today), "birth_date": year}, "by the year of birth"))
    found.append(_body({**_card(plain, today), "on": today.isoformat()}, "is the card valid on a day?"))
    new = card_of(first["003"], today).successor
    assert new is not None, "003: a new card was issued"
    found.append(_body({**_card(first["003"], today), "card_number": new.number}, "the new number of a reissued card"))
    found.append(_body({**_card(plain, today), "full_name": "Đỗ Không Có Ai"}, "another name"))
    wrong_day = {"value": "1900-01-01", "precision": "day"}
    found.append(_body({**_card(plain, today), "birth_date": wrong_day}, "another birth date"))
    absent = _free(population, 2)
    found.append(_body({**_card(plain, today), "card_number": next(absent)}, "no such number", exists=False))
    number = f"GD479{next(absent)}"
    found.append(_body({**_card(plain, today), "card_number": number}, "no such card", exists=False))
    last = next(p for p in _people(population) if p.index > plain.index and card_of(p, today).result == "000")
    found.append(_body(_card(last, today), "plain"))
    return found


def _named(person: Person, province_code: str) -> dict[str, object]:
    return {
        "full_name": person.full_name,
        "birth_date": _born(person),
        "sex": person.sex,
        "province_code": province_code,
    }


def _born_at(person: Person) -> dict[str, object]:
    return {**_named(person, person.birth_place.province_code), "place": "birth"}


def _carded(person: Person, today: date) -> dict[str, object]:
    return {"province_code": person.address.place.province_code, "card_number": card_of(person, today).now.number}


def _card(person: Person, today: date) -> dict[str, object]:
    known = person.birth_precision == "date"
    born = _born(person) if known else {"value": str(person.birth_date.year), "precision": "year"}
    return {"card_number": card_of(person, today).now.number, "full_name": person.full_name, "birth_date": born}


def _born(person: Person) -> dict[str, str]:
    precision, length = _PRECISIONS[person.birth_precision]
    return {"value": person.birth_date.isoformat()[:length], "precision": precision}


def _body(body: Mapping[str, object], note: str, *, exists: bool = True) -> Sample:
    sample: Sample = {"body": dict(body), "note": note}
    return sample if exists else {**sample, "exists": False}


def _free(population: Population, count: int) -> Iterator[str]:
    """Yields unused numbers of the test range."""
    numbers = (f"99{serial:08d}" for serial in range(99_999_999, 0, -7_919))
    return islice((number for number in numbers if population.people.by_insurance_number(number) is None), count)
