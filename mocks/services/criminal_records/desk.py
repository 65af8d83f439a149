"""Administration of the register for a tester: the applications as they are, and the courses that they take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from mocks.engine.service import Desk, Unfit
from mocks.services.criminal_records.applications import Application
from mocks.services.criminal_records.courses import COURSES, MIXED, Course
from mocks.services.criminal_records.register import Register

_ALL: Final = "*"


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")

    dossier: str | None = None
    after: str = ""
    limit: int = Field(default=100, ge=0, le=10_000)


class _Planned(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    dossier: str = Field(min_length=1, max_length=200)
    course: Course | Literal["mixed"]


def desks(register: Register) -> Mapping[str, Desk]:
    """Returns the routes `applications` and `applications/plan`."""

    def listed(query: Mapping[str, Any]) -> object:
        """One application by `dossier`, or those sent to the system in order, `limit` of them `after` a code."""
        asked = _Asked.model_validate(query)
        if asked.dossier is not None:
            found = register.find(asked.dossier)
            chosen = [] if found is None else [found]
        else:
            if asked.after and register.find(asked.after) is None:
                raise Unfit(f"no application {asked.after!r}; give the last code of the answer before")
            chosen = register.after(asked.after, asked.limit)
        return {"total": register.sent, "applications": [_shown(register, found) for found in chosen]}

    def planned(_: Mapping[str, Any]) -> object:
        return {"plan": register.planned(), "courses": [*COURSES, MIXED]}

    def plan(body: Mapping[str, Any]) -> object:
        wanted = _Planned.model_validate(body)
        if wanted.dossier == _ALL:
            register.plan_all(None if wanted.course == MIXED else wanted.course)
            return planned({})
        if wanted.course == MIXED:
            raise Unfit('course "mixed" is for "*": the code of each dossier decides', courses=list(COURSES))
        if (fixed := register.find(wanted.dossier)) is not None and fixed.pinned is not None:
            raise Unfit(f"application {wanted.dossier} has a fixed state; plan one that you send")
        register.plan(wanted.dossier, wanted.course)
        return planned({})

    def clear(_: Mapping[str, Any]) -> object:
        register.clear_plan()
        return planned({})

    return {"applications": {"GET": listed}, "applications/plan": {"GET": planned, "PUT": plan, "DELETE": clear}}


def _shown(register: Register, application: Application) -> dict[str, object]:
    filed, repeated = register.filed(application.code)
    return {
        "dossier": application.code,
        "state": register.state(application),
        "course": application.course,
        "received_at": application.received_at.isoformat(timespec="seconds"),
        "revoked": register.revoked(application),
        "filed": filed,
        "accepted": application.messages,
        "repeated": repeated,
    }
