"""The applications in the justice system: from the start some in every state, later also those sent to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import blake2b
from typing import Final, Literal

from mocks.engine import working_days
from mocks.engine.clock import HANOI
from mocks.engine.service import World
from mocks.population import Person

SEEDED: Final = "000.00.04.H58-260105-{:04d}"
"""Dossier codes of this service's applications: agency, date, sequence."""

REGISTERED, RECEIVED, NOT_RECEIVED, IN_PROCESS, SUPPLEMENT, PAYMENT, WITHDRAWN, STOPPED, ISSUED, HANDED_OVER = range(
    1, 11
)
"""``trangThaiXuLy`` [C]."""
WITH_RESULT: Final = frozenset({ISSUED, HANDED_OVER})
STATE_NAMES: Final[Mapping[int, str]] = {3: "STP đã tiếp nhận", 4: "Đang xử lý", 5: "Đã có phiếu"}
"""``DEC_STATUS_NAME`` [G]."""

TO_PROCESS_DAYS: Final = 1
TO_ISSUE_DAYS: Final = 3
"""Working days from receipt; fewer than the law's ten, so that a test moves the clock once."""

MAX_SENT: Final = 10_000
"""Maximum number of received applications; the oldest are removed, so that memory stays bounded."""

_COUNTS: Final[Mapping[int, int]] = {
    REGISTERED: 3, RECEIVED: 3, NOT_RECEIVED: 2, IN_PROCESS: 4, SUPPLEMENT: 3, PAYMENT: 2, WITHDRAWN: 2, STOPPED: 2,
    ISSUED: 8, HANDED_OVER: 6,
}  # fmt: skip
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


@dataclass(frozen=True, slots=True)
class Application:
    """One application; :meth:`Register.state` returns its state."""

    code: str
    """Mã hồ sơ một cửa (``maHoSoMCDT``, ``idReceivedDec``)."""
    quirk: int
    """A number derived from the code; it selects the irregularities in its answers."""
    holder: Holder
    form: Form
    received_at: datetime
    pinned: int | None = None
    """A fixed state; None: the state follows the working days."""
    convicted: bool = False
    revoked: bool = False
    online: bool = True
    person: int | None = None
    """Index in the population, for applications known from the start."""

    @property
    def source_id(self) -> str:
        """``ID``: the system's own identifier, encoded."""
        return blake2b(self.code.encode(), digest_size=12).hexdigest().upper()

    @property
    def certificate_number(self) -> str:
        """Số Phiếu."""
        return f"{self.quirk:05d}/{self.issued_on.year}/STP-LLTP"

    @property
    def issued_on(self) -> date:
        """The day of issue that follows from the receipt."""
        return working_days.after(self.received_at, TO_ISSUE_DAYS).date()


class Register:
    """All applications by code; a reset makes a new register."""

    def __init__(self, world: World, *, most: int = MAX_SENT) -> None:
        self._clock = world.clock
        self._most = most
        self._seeded = {application.code: application for application in seeded(world)}
        self._sent: dict[str, Application] = {}
        self._marked: dict[str, dict[str, int]] = {}

    def __iter__(self) -> Iterator[Application]:
        return iter(tuple({**self._seeded, **self._sent}.values()))

    def find(self, code: object) -> Application | None:
        """Returns the application with this dossier code, or None."""
        return (self._sent.get(code) or self._seeded.get(code)) if isinstance(code, str) else None

    def by_source_id(self, source_id: str) -> Application | None:
        """Returns the application with this ``ID``, or None."""
        return next((found for found in self if found.source_id == source_id), None)

    def state(self, application: Application) -> int:
        """Returns ``trangThaiXuLy`` at the virtual time."""
        if application.pinned is not None:
            return application.pinned
        now = self._clock.now()
        if now >= working_days.after(application.received_at, TO_ISSUE_DAYS):
            return ISSUED
        return IN_PROCESS if now >= working_days.after(application.received_at, TO_PROCESS_DAYS) else RECEIVED

    def submit(self, code: str, holder: Holder, form: Form, *, online: bool) -> Application | None:
        """Accepts an application, or a supplement that was asked for; returns None when it may not change now."""
        known = self.find(code)
        if known is not None and self.state(known) != SUPPLEMENT:
            return None
        now = self._clock.now()
        if known is None:
            taken = Application(code, quirk_of(code), holder, form, now, online=online)
        else:
            taken = replace(known, holder=holder, form=form, received_at=now, pinned=None)
        self._sent[code] = taken
        if len(self._sent) > self._most:
            oldest = self._sent.pop(next(iter(self._sent)))
            self._marked.pop(oldest.source_id, None)
        return taken

    def another(self, code: object) -> Application:
        """Returns another application, in the same state if possible."""
        asked = self.find(code)
        others = [found for found in self if found is not asked]
        alike = [found for found in others if asked is not None and self.state(found) == self.state(asked)]
        return (alike or others)[0]

    def mark(self, source_id: str, what: str, value: int) -> None:
        """Records that the one-stop shop has received *what* (states or declarations) of the application."""
        self._marked.setdefault(source_id, {})[what] = value

    def marked(self, application: Application, what: str) -> int | None:
        """Returns the value recorded last, or None."""
        return self._marked.get(application.source_id, {}).get(what)


def folded(state: int) -> int:
    """Returns ``DEC_STATUS_ID``: the NGSP has three states for the ten [S]."""
    if state in WITH_RESULT:
        return 5
    return 3 if state in {REGISTERED, RECEIVED} else 4


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
                holder=holder_of(person),
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
