"""Contribution histories (quá trình đóng) of each person of working age, based on the person's employer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from mocks.population import Person, Population
from mocks.population.dice import Dice

_FIRST_MONTH: Final = 1995 * 12  # compulsory insurance in its present form began in 1995
_LAST_MONTH: Final = 2026 * 12 + 5
_JOBS: Final = (
    "Công nhân may",
    "Kế toán viên",
    "Lái xe",
    "Kỹ sư xây dựng",
    "Giáo viên",
    "Nhân viên bán hàng",
    "Thợ hàn",
)
#: One history in this many is very long: the person changed employers every few months.
_LONG: Final = 41


@dataclass(frozen=True, slots=True)
class Span:
    """A period of months with the same employer and wage."""

    index: int
    first: int
    """The first month, in months since year 0."""
    last: int | None
    """The last month; None when the period continues."""
    employer_code: str
    employer: str
    position: str
    wage: int
    """VND a month."""
    scheme: str

    def as_json(self) -> dict[str, object]:
        """Returns a row of `quaTrinhDong` [S]; money is a number in some rows, text in others."""
        return {
            "tuThang": _month(self.first),
            "denThang": None if self.last is None else _month(self.last),
            "maDonVi": self.employer_code,
            "tenDonVi": self.employer,
            "chucDanh": self.position,
            "mucDong": self.wage if self.index % 2 else f"{self.wage}.00",
            "loaiDong": self.scheme,
        }


def _month(count: int) -> str:
    return f"{count // 12:04d}{count % 12 + 1:02d}"


def spans_of(person: Person, population: Population) -> list[Span]:
    """Returns the periods, oldest first; empty for children and for people who never worked for wages."""
    dice = Dice(population.seed, "contributions", person.index)
    begins = max(_FIRST_MONTH, (person.birth_date.year + 19) * 12 + dice.below(24))
    if begins >= _LAST_MONTH or (person.employer_index is None and dice.percent(50)):
        return []
    count = 40 if person.index % _LONG == 7 else dice.between(1, 5)
    spans: list[Span] = []
    for at in range(count):
        is_last = at == count - 1
        room = _LAST_MONTH - begins
        if room <= 0:
            break
        lasts = max(1, min(room, dice.between(2, 72) if count < 10 else dice.between(2, 6)))
        goes_on = is_last and person.employer_index is not None
        spans.append(_span(dice, person, population, at, begins, None if goes_on else begins + lasts - 1))
        begins += lasts + dice.below(4)
    return spans


def _span(dice: Dice, person: Person, population: Population, at: int, first: int, last: int | None) -> Span:
    employers = population.enterprises
    present = person.employer_index if last is None else None
    employer = employers[dice.below(len(employers)) if present is None else present]
    voluntary = present is None and dice.one_in(10)
    unseen = dice.one_in(60)  # a kind of contribution that is in no table yet
    return Span(
        index=at,
        first=first,
        last=last,
        employer_code=f"TZ{employer.index:04d}Z",
        employer="" if voluntary else employer.name,
        position="" if voluntary else dice.pick(_JOBS),
        wage=dice.between(37, 320) * 100_000,
        scheme="XK" if unseen else "TN" if voluntary else "BB",
    )
