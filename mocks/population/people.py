"""People and their households, with their data for social insurance and justice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache
from typing import Final, Literal, NamedTuple

from mocks.population.dice import Dice, Shuffle
from mocks.population.names import ETHNIC_GROUPS, SURNAMES, Sex, full_name
from mocks.population.places import HAMLETS, STREETS, Address, Place, places

Precision = Literal["date", "month", "year"]
Relation = Literal["head", "spouse", "child", "parent"]

#: Household sizes repeat in blocks: the household of a person is computed.
_SIZES: Final = (4, 3, 5, 1, 2, 6, 3)
_BLOCK: Final = sum(_SIZES)
BLOCKS: Final = 500
PEOPLE: Final = BLOCKS * _BLOCK
HOUSEHOLDS: Final = BLOCKS * len(_SIZES)
_SEXES: Final[tuple[Sex, Sex]] = ("male", "female")
_ROLES: Final[tuple[Relation, ...]] = ("head", "spouse", "child", "child", "parent", "child")
#: The last day of past events in the population; later only the virtual clock changes states.
REFERENCE: Final = date(2026, 6, 30)


@dataclass(frozen=True, slots=True)
class Person:
    """One person; all systems derive their data from this record, so they agree."""

    index: int
    full_name: str
    """Họ, chữ đệm và tên, in NFC."""
    sex: Sex
    birth_date: date
    """The true date; registers may know less, see `birth_precision`."""
    birth_precision: Precision
    citizen_id: str
    """Số định danh cá nhân (CCCD), 12 digits; the test range has a 9 as seventh digit."""
    old_id_number: str | None
    """Số CMND, 9 digits, of those old enough to have had one."""
    social_insurance_number: str
    """Mã số BHXH, 10 digits; the test range begins with 99."""
    household_index: int
    relation: Relation
    birth_place: Place
    address: Address
    """Nơi thường trú."""
    temporary_address: Address | None
    ethnic_code: str
    ethnic_name: str
    phone: str
    email: str | None
    employer_index: int | None
    """Index of the enterprise that insures them."""
    occupation: str


@dataclass(frozen=True, slots=True)
class Household:
    """Hộ gia đình participating in health insurance."""

    index: int
    code: str
    """Mã hộ, 10 digits; the test range begins with 98."""
    address: Address
    members: tuple[int, ...]
    """Indexes of people, the head first."""


@dataclass(frozen=True, slots=True)
class Residence:
    """A period of residence at one place (quá trình cư trú), from the age of 14."""

    starts: date
    ends: date | None
    """None when the person lives there now."""
    address: Address
    occupation: str
    workplace: str | None


class _Beginning(NamedTuple):
    """The first draws of a person, and the dice with which the others are drawn."""

    household: int
    relation: Relation
    dice: Dice
    sex: Sex
    year: int


class People:
    """All people by index and by number."""

    def __init__(self, seed: int, enterprises: int) -> None:
        self._seed = seed
        self._enterprises = enterprises
        self._citizen_serials = Shuffle(seed, "citizen", 100_000)
        self._insured = Shuffle(seed, "insured", 100_000_000)
        self._codes = Shuffle(seed, "household", 100_000_000)
        self._owners = Shuffle(seed, "owner", HOUSEHOLDS)
        # All records are cached: the population is small, and each record is used many times.
        self._person = lru_cache(maxsize=None)(self._make_person)
        self._head: Callable[[int], tuple[Sex, int]] = lru_cache(maxsize=None)(lambda home: self._family(home)[1:])

    def __len__(self) -> int:
        return PEOPLE

    def __getitem__(self, index: int) -> Person:
        if not 0 <= index < PEOPLE:
            raise IndexError(index)
        return self._person(index)

    def by_citizen_id(self, number: str) -> Person | None:
        """Returns the person with this 12-digit number, or None."""
        if len(number) != 12 or not number.isascii() or not number.isdigit() or number[6] != "9":
            return None
        index = self._citizen_serials.back(int(number[7:]))
        return self._if(index, lambda person: person.citizen_id == number)

    def by_insurance_number(self, number: str) -> Person | None:
        """Returns the person with this 10-digit social insurance number, or None."""
        if len(number) != 10 or not number.isascii() or not number.isdigit() or number[:2] != "99":
            return None
        return self._if(self._insured.back(int(number[2:])), lambda _: True)

    def _if(self, index: int, holds: Callable[[Person], bool]) -> Person | None:
        return self[index] if index < PEOPLE and holds(self[index]) else None

    @property
    def made(self) -> int:
        """Number of records made so far; each takes a twenty-thousandth of a second."""
        return self._person.cache_info().currsize

    def born_in(self, year: int) -> tuple[int, ...]:
        """Returns the indices of those who were born in *year*, in order.

        It draws the years alone, which takes a tenth of the time of making all people, and is done once.
        """
        return self._by_year.get(year, ())

    @cached_property
    def _by_year(self) -> dict[int, tuple[int, ...]]:
        found: defaultdict[int, list[int]] = defaultdict(list)
        for index in range(PEOPLE):
            found[self._begin(index).year].append(index)
        return {year: tuple(indices) for year, indices in found.items()}

    def household(self, index: int) -> Household:
        """Returns the household of this index.

        Raises:
            IndexError: the index is too large.
        """
        if not 0 <= index < HOUSEHOLDS:
            raise IndexError(index)
        block, place = divmod(index, len(_SIZES))
        first = block * _BLOCK + sum(_SIZES[:place])
        members = tuple(range(first, first + _SIZES[place]))
        return Household(index, f"98{self._codes[index]:08d}", self._home(index), members)

    def household_by_code(self, code: str) -> Household | None:
        """Returns the household with this code, or None."""
        if len(code) != 10 or not code.isascii() or not code.isdigit() or code[:2] != "98":
            return None
        index = self._codes.back(int(code[2:]))
        return self.household(index) if index < HOUSEHOLDS else None

    def representing(self, enterprise: int) -> Person:
        """Returns the head of household who represents this enterprise; each enterprise has another person."""
        return self[self.household(self._owners[enterprise]).members[0]]

    def represents(self, person: Person) -> int | None:
        """Returns the index of the enterprise that *person* is the first representative of, or None."""
        if person.relation != "head":
            return None
        enterprise = self._owners.back(person.household_index)
        return enterprise if enterprise < self._enterprises else None

    def residences(self, person: Person) -> tuple[Residence, ...]:
        """Returns the residences of *person* since the age of 14, oldest first; empty for younger persons."""
        starts = _birthday(person.birth_date, 14)
        if starts > REFERENCE:
            return ()
        dice = Dice(self._seed, "residence", person.index)
        stays: list[Residence] = []
        moves = dice.weighted(((0, 50), (1, 30), (2, 15), (3, 5)))
        for _ in range(moves):
            ends = starts + timedelta(days=dice.between(300, 2500))
            if ends >= REFERENCE:
                break
            job = "Học sinh" if starts < _birthday(person.birth_date, 18) else dice.pick(_OCCUPATIONS)
            stays.append(Residence(starts, ends, _address(dice), job, None))
            starts = ends + timedelta(days=1)
        stays.append(Residence(starts, None, person.address, person.occupation, None))
        return tuple(stays)

    def _home(self, household: int) -> Address:
        dice = Dice(self._seed, "home", household)
        return _address(dice)

    def _family(self, household: int) -> tuple[Dice, Sex, int]:
        """Draws sex and year of birth of the head; what else a family shares is drawn from the same dice."""
        dice = Dice(self._seed, "family", household)
        return dice, dice.pick(_SEXES), dice.between(1961, 1998)

    def _begin(self, index: int) -> _Beginning:
        """Draws sex and year of birth; the rest of a person is drawn from the same dice."""
        block, within = divmod(index, _BLOCK)
        place = 0
        while within >= _SIZES[place]:
            within -= _SIZES[place]
            place += 1
        household = block * len(_SIZES) + place
        relation = _ROLES[within]
        head_sex, head_year = self._head(household)
        dice = Dice(self._seed, "person", index)
        sex: Sex = dice.pick(_SEXES)
        if relation == "head":
            sex, year = head_sex, head_year
        elif relation == "spouse":
            sex = "female" if head_sex == "male" else "male"
            year = head_year + dice.between(-5, 5)
        elif relation == "child":
            year = min(head_year + dice.between(22, 36), 2025)
        else:
            year = head_year - dice.between(22, 34)
        return _Beginning(household, relation, dice, sex, year)

    def _make_person(self, index: int) -> Person:
        household, relation, dice, sex, year = self._begin(index)
        family, head_sex, _ = self._family(household)
        surname, other_surname = family.weighted(SURNAMES), family.weighted(SURNAMES)
        father_surname = surname if head_sex == "male" else other_surname
        ethnic_code, ethnic_name = family.weighted(ETHNIC_GROUPS)
        own_surname = {"spouse": other_surname, "child": father_surname}.get(relation, surname)
        born = _birth_date(dice, year)
        home = self._home(household)
        employer = self._employer(dice, household, relation, year)
        birth_place = home.place if dice.percent(60) else dice.pick(places())
        return Person(
            index=index,
            full_name=full_name(dice, sex, own_surname),
            sex=sex,
            birth_date=born,
            birth_precision=dice.weighted((("date", 60), ("year", 30), ("month", 10))) if year < 1962 else "date",
            citizen_id=self._citizen_id(index, sex, year, birth_place),
            old_id_number="99" + dice.digits(7) if year < 2002 else None,
            social_insurance_number=f"99{self._insured[index]:08d}",
            household_index=household,
            relation=relation,
            birth_place=birth_place,
            address=home,
            temporary_address=_address(dice) if dice.one_in(12) else None,
            ethnic_code=ethnic_code,
            ethnic_name=ethnic_name,
            phone="0900" + dice.digits(6),
            email=f"nguoi.{index}@example.vn" if dice.percent(40) else None,
            employer_index=employer,
            occupation=_occupation(dice, year, employer is not None),
        )

    def _employer(self, dice: Dice, household: int, relation: Relation, year: int) -> int | None:
        if relation == "head" and (own := self._owners.back(household)) < self._enterprises:
            return own
        working = 1966 <= year <= 2007
        return dice.below(self._enterprises) if working and dice.percent(60) else None

    def _citizen_id(self, index: int, sex: Sex, year: int, place: Place) -> str:
        century_and_sex = (year // 100 - 19) * 2 + (sex == "female")
        return f"0{place.province_code}{century_and_sex}{year % 100:02d}9{self._citizen_serials[index]:05d}"


_OCCUPATIONS: Final = (
    "Công nhân",
    "Nông dân",
    "Kinh doanh",
    "Giáo viên",
    "Lái xe",
    "Kế toán",
    "Kỹ sư",
    "Thợ mộc",
    "Nội trợ",
)


def _occupation(dice: Dice, year: int, employed: bool) -> str:
    if year > 2008:
        return "Học sinh" if year < 2020 else "Trẻ em"
    if year < 1962:
        return "Hưu trí"
    return dice.pick(("Công nhân", "Kế toán", "Kỹ sư", "Nhân viên văn phòng")) if employed else dice.pick(_OCCUPATIONS)


def _birth_date(dice: Dice, year: int) -> date:
    leap = (year % 4 == 0 and year % 100 != 0) or year % 400 == 0
    if leap and dice.one_in(8):
        return date(year, 2, 29)
    if dice.one_in(12):
        return date(year, 1, 1)  # clerks write this date when the true one is unknown
    return date(year, 1, 1) + timedelta(days=dice.below(365))


def _birthday(born: date, age: int) -> date:
    try:
        return born.replace(year=born.year + age)
    except ValueError:  # 29 February
        return date(born.year + age, 3, 1)


def _address(dice: Dice) -> Address:
    place = dice.pick(places())
    street = dice.weighted((("street", 60), ("hamlet", 35), ("", 5)))
    if street == "street":
        return Address(f"Số {dice.between(1, 399)} {dice.pick(STREETS)}", place)
    return Address(dice.pick(HAMLETS) if street else "", place)
