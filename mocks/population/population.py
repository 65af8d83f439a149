"""The population, as services use it."""

from __future__ import annotations

from functools import cached_property, lru_cache
from hashlib import sha256
from typing import Final

from mocks.population.documents import DOCUMENTS, Documents
from mocks.population.enterprises import ENTERPRISES, Enterprises
from mocks.population.insurance import Insurance
from mocks.population.people import HOUSEHOLDS, PEOPLE, People
from mocks.population.places import places, provinces_before, provinces_now
from mocks.population.registrations import FIRST_DAY, Registrations

TEST_RANGES: Final = {
    "citizen_id": "12 digits, the seventh is 9",
    "old_id_number": "9 digits, beginning with 99",
    "social_insurance_number": "10 digits, beginning with 99",
    "household_code": "10 digits, beginning with 98",
    "enterprise_code": "10 digits with a check digit, the third and fourth are 99; units add -NNN",
    "registration_number": "yyMMdd, then 99, then 4 digits",
    "health_card": "15 characters, the last ten a social insurance number",
    "legal_document_number": "five digits from 90000; those with smaller ones are real acts",
    "phone": "0900 and 6 digits",
    "email": "at example.vn",
}


class Population:
    """All records, by index and by identifier; made at first use, equal for the same *seed*."""

    def __init__(self, seed: int = 1) -> None:
        self.seed = seed
        self.people = People(seed, ENTERPRISES)
        self.enterprises = Enterprises(seed, self.people)
        self.registrations = Registrations(seed, self.enterprises, self.people)
        self.insurance = Insurance(seed, self.people, self.enterprises)
        self.documents = Documents(seed)

    @cached_property
    def manifest(self) -> dict[str, object]:
        """Returns seed, counts, test ranges and a hash over all records; it takes a second, so call it in a thread."""
        return {
            "seed": self.seed,
            "hash": self._hash(),
            "counts": {
                "people": PEOPLE,
                "households": HOUSEHOLDS,
                "enterprises": ENTERPRISES,
                "legal_documents": DOCUMENTS,
                "provinces_now": len(provinces_now()),
                "provinces_before_2025": len(provinces_before()),
                "wards": len(places()),
            },
            "test_ranges": TEST_RANGES,
        }

    def _hash(self) -> str:
        digest = sha256()
        for index in range(PEOPLE):
            person = self.people[index]
            insured = self.insurance.card(person), self.insurance.contributions(person)
            digest.update(repr((person, insured)).encode())
        for index in range(ENTERPRISES):
            digest.update(repr(self.enterprises[index]).encode())
        for document in self.documents:
            digest.update(repr(document).encode())
        for registration in self.registrations.on(FIRST_DAY):
            digest.update(repr(registration).encode())
        return digest.hexdigest()


@lru_cache(maxsize=2)
def population_of(seed: int) -> Population:
    """The population of *seed*, one for all countries of a process: nobody changes its records."""
    return Population(seed)
