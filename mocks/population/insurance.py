"""Social insurance data of a person: health card, contributions, visits; and the search by name."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Final, Literal

from mocks.population.dice import Dice
from mocks.population.enterprises import Enterprises
from mocks.population.people import REFERENCE, People, Person
from mocks.population.places import provinces_before

CardStatus = Literal[
    "valid", "expired", "reissued_expired", "reissued_valid", "revoked", "decreased", "defence", "public_security",
    "no_card",
]  # fmt: skip
_STATUSES: Final[tuple[tuple[CardStatus, int], ...]] = (
    ("valid", 72), ("expired", 8), ("reissued_expired", 4), ("reissued_valid", 5), ("revoked", 3), ("decreased", 4),
    ("defence", 2), ("public_security", 2),
)  # fmt: skip
_FACILITIES: Final = (("001", "Bệnh viện Đa khoa tỉnh"), ("013", "Trung tâm Y tế huyện"), ("148", "Trạm Y tế phường"))
_DIAGNOSES: Final = (
    ("J06.9", "Viêm đường hô hấp trên cấp"),
    ("I10", "Tăng huyết áp vô căn"),
    ("E11.9", "Đái tháo đường típ 2"),
)


@dataclass(frozen=True, slots=True)
class HealthCard:
    """Thẻ bảo hiểm y tế, as issued; its validity on a day follows from dates and status."""

    number: str
    """15 characters: object code, entitlement, province, social insurance number."""
    previous_number: str | None
    """Number of the card that this one replaced."""
    status: CardStatus
    """`reissued_…`: this is the new card; the *previous* number has expired, or is still valid."""
    decrease: int
    """Reason for `decreased`: 0 general, 1 moved out of or 2 within the province, 3 re-entered at employer, 4 left."""
    valid_from: date
    valid_to: date
    five_years_on: date
    """Thời điểm đủ 5 năm liên tục."""
    facility_code: str
    """Mã nơi đăng ký khám chữa bệnh ban đầu: province and 3 digits."""
    facility_name: str
    area: str
    """Mã khu vực: K1, K2, K3 or empty."""
    agency: str
    """Cơ quan BHXH."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """A period of the contribution history (quá trình đóng), in months."""

    from_month: date
    """The first of the month."""
    to_month: date
    employer_code: str | None
    """Mã số doanh nghiệp; None for voluntary contributions."""
    employer_name: str
    position: str
    salary: int
    """Mức đóng, VND a month."""
    kind: Literal["compulsory", "voluntary"]


@dataclass(frozen=True, slots=True)
class Visit:
    """Lần khám chữa bệnh."""

    number: str
    facility_code: str
    facility_name: str
    admitted_on: date
    discharged_on: date
    diagnosis_code: str
    diagnosis: str
    result: str
    """1 recovered, 2 better, 3 unchanged."""


def folded(name: str) -> str:
    """Returns a name in the form that registers compare: NFC, lower case, single blanks."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


class Insurance:
    """The social insurance view of the population."""

    def __init__(self, seed: int, people: People, enterprises: Enterprises) -> None:
        self._seed = seed
        self._people = people
        self._enterprises = enterprises

    def card(self, person: Person) -> HealthCard:
        """Returns the person's newest card; `no_card` for some small children, with the number it would have."""
        dice = Dice(self._seed, "card", person.index)
        age = REFERENCE.year - person.birth_date.year
        status = dice.weighted(_STATUSES)
        if age < 6 and dice.percent(30):
            status = "no_card"
        province = person.address.place.province_code
        group = _group(dice, person, age, status)
        valid_from = date(dice.between(2021, 2025), dice.between(1, 12), 1)
        valid_to = date(dice.between(2031, 2036), 12, 31)
        if status == "expired":
            valid_from, valid_to = date(2019, 1, 1), date(dice.between(2020, 2024), 12, 31)
        previous = None
        if status in {"reissued_expired", "reissued_valid"}:
            previous = f"HN1{province}{person.social_insurance_number}"
        code, name = dice.pick(_FACILITIES)
        place = person.address.place
        return HealthCard(
            number=f"{group}{province}{person.social_insurance_number}",
            previous_number=previous,
            status=status,
            decrease=dice.below(5),
            valid_from=valid_from,
            valid_to=valid_to,
            five_years_on=date(valid_from.year + 5, valid_from.month, 1),
            facility_code=f"{province}{code}",
            facility_name=f"{name} {place.province.split(' ', 1)[1]}",
            area=dice.weighted((("", 70), ("K1", 12), ("K2", 12), ("K3", 6))),
            agency=f"BHXH {place.district}",
        )

    def by_card(self, number: str) -> Person | None:
        """Returns the present or former holder of the card: 15 characters, or the 10 digits since 2021."""
        person = self._people.by_insurance_number(number[-10:])
        if person is None or len(number) == 10:
            return person
        card = self.card(person)
        return person if number in {card.number, card.previous_number} else None

    def contributions(self, person: Person) -> tuple[Contribution, ...]:
        """Returns the contributions, oldest first; empty for a person who never had insured work."""
        own = person.employer_index
        dice = Dice(self._seed, "contributions", person.index)
        starts = date(person.birth_date.year + dice.between(18, 24), dice.between(1, 12), 1)
        if starts > REFERENCE or (own is None and dice.percent(60)):
            return ()
        found: list[Contribution] = []
        salary = dice.between(30, 60) * 100_000
        for _ in range(dice.weighted(((0, 40), (1, 30), (2, 20), (6, 10)))):
            ends = _months_after(starts, dice.between(3, 60))
            if ends >= date(2024, 1, 1):
                break
            employer = self._enterprises[dice.below(len(self._enterprises))]
            found.append(
                Contribution(starts, ends, employer.code, employer.name, person.occupation, salary, "compulsory")
            )
            starts = _months_after(ends, dice.between(1, 8))
            salary += dice.between(1, 20) * 100_000
        last = date(2026, 6, 1)
        if own is not None:
            employer = self._enterprises[own]
            starts = max(starts, employer.founded_on.replace(day=1))
            found.append(
                Contribution(
                    min(starts, last), last, employer.code, employer.name, person.occupation, salary, "compulsory"
                )
            )
        elif dice.percent(25) and starts < last:
            found.append(Contribution(starts, last, None, "Tham gia BHXH tự nguyện", "", 1_500_000, "voluntary"))
        return tuple(found)

    def visits(self, person: Person) -> tuple[Visit, ...]:
        """Returns the visits, newest first; empty for many persons."""
        dice = Dice(self._seed, "visits", person.index)
        card = self.card(person)
        found: list[Visit] = []
        day = REFERENCE
        for number in range(dice.weighted(((0, 40), (1, 25), (3, 25), (12, 10)))):
            day -= timedelta(days=dice.between(5, 120))
            if day <= person.birth_date:
                break
            code, diagnosis = dice.pick(_DIAGNOSES)
            stay = timedelta(days=dice.weighted(((0, 80), (3, 15), (14, 5))))
            found.append(
                Visit(
                    number=f"{person.index:06d}{number:03d}",
                    facility_code=card.facility_code,
                    facility_name=card.facility_name,
                    admitted_on=day,
                    discharged_on=min(day + stay, REFERENCE),
                    diagnosis_code=code,
                    diagnosis=diagnosis,
                    result=dice.pick(("1", "2", "3")),
                )
            )
        return tuple(found)

    def named(self, name: str) -> tuple[Person, ...]:
        """Returns all persons of this name; case, blanks and Unicode form do not matter."""
        return tuple(self._people[index] for index in self._by_name.get(folded(name), ()))

    @cached_property
    def _by_name(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for index in range(len(self._people)):
            found.setdefault(folded(self._people[index].full_name), []).append(index)
        return found


def _group(dice: Dice, person: Person, age: int, status: CardStatus) -> str:
    """Returns object code and entitlement."""
    if status == "defence":
        return "QN5"
    if status == "public_security":
        return "CA5"
    if age < 6:
        return "TE1"
    if person.employer_index is not None:
        return "DN4"
    if age < 22:
        return "HS4"
    if age > 64:
        return "HT3"
    return dice.weighted((("GD4", 80), ("HN1", 12), ("CN3", 8)))


def _months_after(month: date, count: int) -> date:
    years, index = divmod(month.month - 1 + count, 12)
    return date(month.year + years, index + 1, 1)


#: Two-digit province codes of cards: the provinces before the reform.
CARD_PROVINCES: Final = frozenset(province.code for province in provinces_before())
