"""Registration dossiers (hồ sơ đăng ký doanh nghiệp): each working day has its own, also in the virtual future."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final, Literal
from zoneinfo import ZoneInfo

from mocks.population.dice import Dice
from mocks.population.enterprises import Enterprises
from mocks.population.people import People, Person

HANOI: Final = ZoneInfo("Asia/Ho_Chi_Minh")
#: The first day with dossiers.
FIRST_DAY: Final = date(2020, 1, 2)
LAST_DAY: Final = date(2099, 12, 31)

State = Literal["received", "in_process", "supplement_requested", "approved", "refused", "withdrawn"]
DOCUMENT_TYPES: Final = (
    ("Đăng ký thành lập mới doanh nghiệp", 40),
    ("Đăng ký thay đổi nội dung đăng ký doanh nghiệp", 35),
    ("Đăng ký hoạt động chi nhánh", 10),
    ("Thông báo tạm ngừng kinh doanh", 10),
    ("Đăng ký giải thể", 5),
)
_SERVED: Final[tuple[tuple[State, int], ...]] = (
    ("approved", 75),
    ("refused", 8),
    ("supplement_requested", 12),
    ("withdrawn", 5),
)


@dataclass(frozen=True, slots=True)
class Registration:
    """One dossier with its dates and outcome; `state` returns its state at a time."""

    number: str
    """Số hồ sơ (IN_JOURNAL_NO): yyMMdd, 99 (test range), 4 digits of sequence."""
    document_type: str
    enterprise_index: int
    site_id: str
    """Mã phòng đăng ký kinh doanh: the province's code."""
    received_at: datetime
    planned_on: date
    """Ngày hẹn trả: three working days."""
    processed_at: datetime
    outcome: State
    """The state from `processed_at` on."""
    online: bool
    contact: Person

    def state(self, now: datetime) -> State:
        """Returns the state of the dossier at *now*."""
        if now < self.received_at + timedelta(hours=4):
            return "received"
        return self.outcome if now >= self.processed_at else "in_process"


class Registrations:
    """Dossiers by day and by number, for any day since 2020."""

    def __init__(self, seed: int, enterprises: Enterprises, people: People) -> None:
        self._seed = seed
        self._enterprises = enterprises
        self._people = people
        #: All dossiers received on a day, by time; empty at weekends.
        self.on: Callable[[date], tuple[Registration, ...]] = lru_cache(maxsize=64)(self._on)

    def _on(self, day: date) -> tuple[Registration, ...]:
        return tuple(self._make(day, sequence) for sequence in range(self.count(day)))

    def count(self, day: date) -> int:
        """Returns the number of dossiers received on *day*; Mondays have the most."""
        if not FIRST_DAY <= day <= LAST_DAY or day.weekday() >= 5:
            return 0
        dice = Dice(self._seed, "day", day.toordinal())
        return dice.between(60, 120) if day.weekday() == 0 else dice.between(4, 24)

    def by_number(self, number: str) -> Registration | None:
        """Returns the dossier with this number, or None."""
        if len(number) != 12 or not number.isascii() or not number.isdigit() or number[6:8] != "99":
            return None
        try:
            day = date(2000 + int(number[:2]), int(number[2:4]), int(number[4:6]))
        except ValueError:
            return None
        sequence = int(number[8:])
        return self._make(day, sequence) if sequence < self.count(day) else None

    def _make(self, day: date, sequence: int) -> Registration:
        dice = Dice(self._seed, "registration", day.toordinal() * 1000 + sequence)
        enterprise = self._enterprises[dice.below(len(self._enterprises))]
        minutes = 8 * 60 + sequence * 480 // max(self.count(day), 1)
        received = datetime.combine(day, time(minutes // 60, minutes % 60), HANOI)
        taken = dice.weighted(((1, 30), (2, 40), (3, 25), (6, 5)))
        processed = datetime.combine(_working_days_after(day, taken), time(dice.between(8, 16), dice.below(60)), HANOI)
        return Registration(
            number=f"{day:%y%m%d}99{sequence:04d}",
            document_type=dice.weighted(DOCUMENT_TYPES),
            enterprise_index=enterprise.index,
            site_id=enterprise.address.place.new_province_code,
            received_at=received,
            planned_on=_working_days_after(day, 3),
            processed_at=processed,
            outcome=dice.weighted(_SERVED),
            online=dice.percent(70),
            contact=self._people[dice.below(len(self._people) // 24) * 24],
        )


def _working_days_after(day: date, count: int) -> date:
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day
