"""The register of the justice system: applications from the start, those sent to it, and what was acknowledged."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Final

from mocks.engine import working_days
from mocks.engine.decisions import Mode, Outcome
from mocks.engine.service import World
from mocks.services.criminal_records.applications import Application, Form, Holder, quirk_of, seeded
from mocks.services.criminal_records.courses import (
    MIXED,
    RECEIVED,
    REGISTERED,
    SUPPLEMENT,
    TO_REVOKE_DAYS,
    WITH_RESULT,
    Course,
    course_of,
    next_change,
    state_at,
)

MAX_SENT: Final = 200_000
"""Maximum number of received applications; the oldest are removed, so that memory stays bounded."""


@dataclass(frozen=True, slots=True)
class Filing:
    """The register's decision about one message."""

    application: Application
    outcome: Outcome


class Register:
    """All applications by code; a reset makes a new register."""

    def __init__(self, world: World, *, most: int = MAX_SENT) -> None:
        self._clock = world.clock
        self._most = most
        self._seeded = {application.code: application for application in seeded(world)}
        self._sent: OrderedDict[str, Application] = OrderedDict()
        self._added: dict[str, int] = {}
        self._repeated: dict[str, int] = {}
        self._codes = {found.source_id: found.code for found in self._seeded.values()}
        self._states: dict[str, int] = {}
        self._declarations: set[str] = set()
        self._changed = dict.fromkeys(self._seeded)
        self._due: dict[datetime, list[str]] = {}
        self._plan: dict[str, Course] = {}
        self._default: Course | None = "issue"
        for found in self._seeded.values():
            self._wait_for(found)

    def __iter__(self) -> Iterator[Application]:
        yield from self.seeded()
        yield from (found for code, found in self._sent.items() if code not in self._seeded)

    def seeded(self) -> Iterator[Application]:
        """Yields the applications known from the start, as they are now."""
        return (self._sent.get(code, found) for code, found in self._seeded.items())

    @property
    def sent(self) -> int:
        """The number of applications that were sent and are kept."""
        return len(self._sent)

    def after(self, code: str, limit: int) -> list[Application]:
        """Returns at most *limit* sent applications after the one with this code, in order; "": from the first."""
        found = iter(tuple(self._sent.values()))
        if code:
            next((one for one in found if one.code == code), None)
        return list(islice(found, limit))

    def find(self, code: object) -> Application | None:
        """Returns the application with this dossier code, or None."""
        return (self._sent.get(code) or self._seeded.get(code)) if isinstance(code, str) else None

    def by_source_id(self, source_id: str) -> Application | None:
        """Returns the application with this ``ID``, or None."""
        return self.find(self._codes.get(source_id))

    def state(self, application: Application) -> int:
        """Returns ``trangThaiXuLy`` at the virtual time."""
        if application.pinned is not None:
            return application.pinned
        return state_at(application.course, application.received_at, self._clock.now())

    def revoked(self, application: Application) -> bool:
        """Returns True when the certificate is issued and was revoked."""
        if self.state(application) not in WITH_RESULT:
            return False
        due_at = working_days.after(application.received_at, TO_REVOKE_DAYS)
        return application.revoked or (application.course == "revoke" and self._clock.now() >= due_at)

    def submit(self, code: str, holder: Holder, form: Form, *, online: bool, mode: Mode = "refused") -> Filing:
        """Takes an application, or a supplement that was asked for; *mode* says what any other repetition does."""
        known = self.find(code)
        now = self._clock.now()
        if known is None:
            course = self._course(code)
            taken = Application(code, quirk_of(code), holder.packed(), form, now, online=online, course=course)
            return Filing(self._keep(taken), "accepted")
        if self.state(known) == SUPPLEMENT:
            changed = replace(known, packed=holder.packed(), form=form, received_at=now, pinned=None, course="issue")
            return Filing(self._keep(replace(changed, messages=known.messages + 1)), "supplement_accepted")
        if mode == "overwrites":
            changed = replace(known, packed=holder.packed(), form=form, messages=known.messages + 1)
            return Filing(self._keep(changed), "overwritten")
        if mode == "adds":
            self._added[code] = self._added.get(code, 0) + 1
            self._keep(replace(known, messages=known.messages + 1))
            return Filing(replace(known, serial=self._added[code]), "added")
        self._repeated[code] = self._repeated.get(code, 0) + 1
        return Filing(known, "repeated")

    def filed(self, code: str) -> tuple[int, int]:
        """Returns how many applications there are under this code, and how many messages changed nothing."""
        return self._added.get(code, 0) + (self.find(code) is not None), self._repeated.get(code, 0)

    def _keep(self, application: Application) -> Application:
        code = application.code
        self._sent[code] = application
        self._codes[application.source_id] = code
        if len(self._sent) > self._most:
            self._forget(self._sent.popitem(last=False)[1])
        self._changed[code] = None
        self._wait_for(application)
        return application

    def _forget(self, oldest: Application) -> None:
        for held in (self._added, self._repeated, self._states, self._plan):
            held.pop(oldest.code, None)
        if oldest.code not in self._seeded:
            del self._codes[oldest.source_id]
            self._changed.pop(oldest.code, None)

    def another(self, code: object) -> Application:
        """Returns another application, in the same state if possible."""
        asked = self.find(code)
        state = None if asked is None else self.state(asked)
        others = (found for found in self if found is not asked)
        first = next(others)
        if state in {None, self.state(first)}:
            return first
        return next((found for found in others if self.state(found) == state), first)

    # ---- courses

    def plan(self, code: str, course: Course) -> None:
        """Sets the course of one application, now or once it comes; what has a fixed state keeps it."""
        self._plan[code] = course
        known = self.find(code)
        if known is not None and known.pinned is None:
            self._keep(replace(known, course=course))

    def plan_all(self, course: Course | None) -> None:
        """Sets the course of the applications that come and have none of their own; None: by their codes (`mixed`)."""
        self._default = course

    def clear_plan(self) -> None:
        """Applications that come take the course `issue`; those that came keep theirs."""
        self._plan.clear()
        self._default = "issue"

    def planned(self) -> dict[str, str]:
        """Returns the course by code, and for `*` that of all others."""
        return {**self._plan, "*": self._default or MIXED}

    def _course(self, code: str) -> Course:
        return self._plan.get(code) or self._default or course_of(quirk_of(code))

    # ---- changes that the one-stop shop has not acknowledged

    def changes(self, limit: int) -> list[Application]:
        """Returns at most *limit* applications whose state is not acknowledged, the longest waiting first."""
        self._settle()
        found: list[Application] = []
        settled: list[str] = []
        for code in self._changed:
            application = self.find(code)
            if application is None or self._states.get(code) == folded(self.state(application)):
                settled.append(code)
                continue
            found.append(application)
            if len(found) == limit:
                break
        for code in settled:
            del self._changed[code]
        return found

    def acknowledge(self, application: Application) -> None:
        """Records that the one-stop shop has the state of the application."""
        self._states[application.code] = folded(self.state(application))

    def acknowledge_declaration(self, application: Application) -> None:
        """Records that the one-stop shop has the declaration of the application."""
        self._declarations.add(application.code)

    def declarations(self, *, online: bool) -> Iterator[Application]:
        """Yields the newly registered applications whose declaration is not acknowledged."""
        return (
            found
            for found in self.seeded()
            if found.person is not None
            and found.online == online
            and self.state(found) == REGISTERED
            and found.code not in self._declarations
        )

    def _settle(self) -> None:
        """Moves the applications whose state has changed on its own to the changed ones."""
        now = self._clock.now()
        for instant in sorted(due for due in self._due if due <= now):
            for code in self._due.pop(instant):
                self._changed[code] = None
                if (found := self.find(code)) is not None:
                    self._wait_for(found)

    def _wait_for(self, application: Application) -> None:
        if application.pinned is not None:
            return
        instant = next_change(application.course, application.received_at, self._clock.now())
        if instant is not None:
            self._due.setdefault(instant, []).append(application.code)


def folded(state: int) -> int:
    """Returns ``DEC_STATUS_ID``: the NGSP has three states for the ten [S]."""
    if state in WITH_RESULT:
        return 5
    return 3 if state in {REGISTERED, RECEIVED} else 4
