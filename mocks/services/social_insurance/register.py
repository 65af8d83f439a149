"""Finds people by number, name, birth and place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mocks.engine.service import World
from mocks.population import Person, Place
from mocks.services.social_insurance.coverage import card_number
from mocks.services.social_insurance.habits import folded, was_born


class Register:
    """All people, by number, and by name and birth."""

    def __init__(self, world: World) -> None:
        self._clock = world.clock
        self._people = world.population.people

    def everybody(self) -> Iterator[Person]:
        return (self._people[index] for index in range(len(self._people)))

    def by_number(self, number: object) -> Person | None:
        """Returns the person with this BHXH number, or None."""
        return self._people.by_insurance_number(str(number).strip())

    def fitting(self, asked: Mapping[str, str], *, province: str) -> Iterator[Person]:
        """Yields the people who fit all fields except sex, in order; place codes are those before or after 2025-07-01.

        *asked* has the fields of `getMaSoBhxhTheoTieuChi` or `getTraCuuThongTinHgd`, empty text for unknown values;
        both calls demand a number, or name and birth. Only those who were born in the year are looked at: to make all
        people for one search takes half a second, and seconds where the machine is busy.
        """
        name, card = folded(asked["hoTen"]), asked.get("maThe", "")
        if number := asked.get("soSo") or card[-10:]:
            named = self.by_number(number)
            candidates = [] if named is None else [named]
        else:
            candidates = [self._people[index] for index in self._people.born_in(int(asked["ngaySinh"][:4]))]
        for person in candidates:
            place = person.birth_place if asked["isKs"] == "1" else person.address.place
            if (
                name in {"", folded(person.full_name)}
                and was_born(person, asked["ngaySinh"])
                and province in {place.province_code, place.new_province_code}
                and _in_ward(place, asked.get("maHuyenKs", ""), asked.get("maXaKs", ""))
                and (not card or self._holds(person, card))
            ):
                yield person

    def _holds(self, person: Person, card: str) -> bool:
        if len(card) == 15:
            return card == card_number(person, self._clock.today())
        return card == person.social_insurance_number


def _in_ward(place: Place, district: str, ward: str) -> bool:
    return district in {"", place.district_code} and ward in {"", place.ward_code, place.new_ward_code}
