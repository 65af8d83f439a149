"""Applications in the justice system, and those known from the start: some in every state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import blake2b
from typing import Final, Literal

from mocks.engine import working_days
from mocks.engine.clock import HANOI
from mocks.engine.service import World
from mocks.population import Person
from mocks.services.criminal_records.courses import (
    HANDED_OVER,
    IN_PROCESS,
    ISSUED,
    NOT_RECEIVED,
    PAYMENT,
    RECEIVED,
    REGISTERED,
    STOPPED,
    SUPPLEMENT,
    TO_PROCESS_DAYS,
    WITH_RESULT,
    WITHDRAWN,
    Course,
    days_to_issue,
)

SEEDED: Final = "000.00.04.H58-260105-{:04d}"
"""Dossier codes of this service's applications: agency, date, sequence."""

STATE_NAMES: Final[Mapping[int, str]] = {3: "STP đã tiếp nhận", 4: "Đang xử lý", 5: "Đã có phiếu"}
"""``DEC_STATUS_NAME`` [G]."""

_COUNTS: Final[Mapping[int, int]] = {
    REGISTERED: 3, RECEIVED: 3, NOT_RECEIVED: 2, IN_PROCESS: 4, SUPPLEMENT: 3, PAYMENT: 2, WITHDRAWN: 2, STOPPED: 2,
    ISSUED: 8, HANDED_OVER: 6,
}  # fmt: skip
_BETWEEN: Final = "\x1f"
Form = Literal[1, 2]
"""Phiếu số 1, số 2."""
_MOVING: Final = frozenset({RECEIVED, IN_PROCESS})


@dataclass(frozen=True, slots=True)
class Holder:
    """The holder of a certificate, as printed on it."""

    full_name: str
    sex: str
    born: str
    birth_place: str
    nationality: str
    residence: str
    identity_number: str

    def packed(self) -> str:
        """Returns all fields in one text: a register of 200,000 applications keeps it in half the memory."""
        fields = (
            self.full_name, self.sex, self.born, self.birth_place, self.nationality, self.residence,
            self.identity_number,
        )  # fmt: skip
        return _BETWEEN.join(field.replace(_BETWEEN, " ") for field in fields)


@dataclass(frozen=True, slots=True)
class Application:
    """One application; :meth:`mocks.services.criminal_records.register.Register.state` returns its state."""

    code: str
    """Mã hồ sơ một cửa (``maHoSoMCDT``, ``idReceivedDec``)."""
    quirk: int
    """A number derived from the code; it selects the irregularities in its answers."""
    packed: str
    """The holder, see `Holder.packed`."""
    form: Form
    received_at: datetime
    pinned: int | None = None
    """A fixed state; None: the state follows the working days."""
    convicted: bool = False
    revoked: bool = False
    online: bool = True
    person: int | None = None
    """Index in the population, for applications known from the start."""
    course: Course = "issue"
    messages: int = 1
    """Number of messages that were accepted under this code."""
    serial: int = 0
    """0 for the first application under this code; a repeated message that adds another counts up."""

    @property
    def holder(self) -> Holder:
        """The holder of the certificate."""
        return Holder(*self.packed.split(_BETWEEN))

    @property
    def source_id(self) -> str:
        """``ID``: the system's own identifier, encoded."""
        own = f"{self.code}/{self.serial}" if self.serial else self.code
        return blake2b(own.encode(), digest_size=12).hexdigest().upper()

    @property
    def certificate_number(self) -> str:
        """Số Phiếu."""
        return f"{self.quirk:05d}/{self.issued_on.year}/STP-LLTP"

    @property
    def issued_on(self) -> date:
        """The day of issue that follows from the receipt."""
        return working_days.after(self.received_at, days_to_issue(self.course)).date()


def quirk_of(code: str) -> int:
    """Returns a number below 100,000 derived from *code*."""
    return int.from_bytes(blake2b(code.encode(), digest_size=4).digest(), "big") % 100_000


def seeded(world: World) -> Iterator[Application]:
    """Yields the applications known from the start: the same people and outcomes each day, states as of today."""
    adults = _adults(world)
    started = world.clock.now()
    number = 0
    for state, count in _COUNTS.items():
        for turn in range(count):
            number += 1
            received_at = _long_ago(number) if state not in _MOVING else _recently(started, state)
            person = next(adults)
            yield Application(
                code=SEEDED.format(number),
                quirk=number,
                packed=holder_of(person).packed(),
                form=2 if turn % 2 else 1,
                received_at=received_at,
                pinned=None if state in _MOVING else state,
                convicted=state in WITH_RESULT and turn == 1,
                revoked=state == HANDED_OVER and turn == count - 1,
                online=turn % 3 != 2,
                person=person.index,
            )


def _adults(world: World) -> Iterator[Person]:
    people = world.population.people
    step = 17
    for index in range(step, len(people), step):
        if people[index].birth_date.year <= 2004:
            yield people[index]


def _long_ago(number: int) -> datetime:
    return datetime(2026, 1, 5 + number % 25, 9, 30, tzinfo=HANOI)


def _recently(now: datetime, state: int) -> datetime:
    if state == RECEIVED:
        return now
    # The latest working day whose dossiers are in process now and not yet answered.
    day = now - working_days.ONE_DAY
    while not working_days.works(day.date()) or working_days.after(day, TO_PROCESS_DAYS) > now:
        day -= working_days.ONE_DAY
    return day


def holder_of(person: Person) -> Holder:
    """Returns the data of *person* as printed."""
    return Holder(
        full_name=person.full_name,
        sex="Nam" if person.sex == "male" else "Nữ",
        born=birth_text(person),
        birth_place=person.birth_place.new_province,
        nationality="Việt Nam",
        residence=person.address.after_reform,
        identity_number=person.citizen_id,
    )


def birth_text(person: Person) -> str:
    """Returns the birth date as printed: dd/MM/yyyy, MM/yyyy or yyyy."""
    return f"{person.birth_date:%d/%m/%Y}"[{"date": 0, "month": 3, "year": 6}[person.birth_precision] :]
