"""The ways that an application can take through the justice system, by working days from its receipt [S]."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal, get_args

from mocks.engine import working_days

REGISTERED, RECEIVED, NOT_RECEIVED, IN_PROCESS, SUPPLEMENT, PAYMENT, WITHDRAWN, STOPPED, ISSUED, HANDED_OVER = range(
    1, 11
)
"""``trangThaiXuLy`` [C]."""
WITH_RESULT: Final = frozenset({ISSUED, HANDED_OVER})

Course = Literal["issue", "supplement", "payment", "refuse", "withdraw", "stop", "hand_over", "revoke"]
COURSES: Final[tuple[Course, ...]] = get_args(Course)
MIXED: Final = "mixed"
"""The course of an application follows from its code: see `course_of`."""

TO_PROCESS_DAYS: Final = 1
TO_ISSUE_DAYS: Final = 3
"""Working days from receipt; fewer than the law's ten, so that a test moves the clock once."""
TO_REVOKE_DAYS: Final = 5

_ISSUE: Final = ((0, RECEIVED), (TO_PROCESS_DAYS, IN_PROCESS), (TO_ISSUE_DAYS, ISSUED))
STAGES: Final[Mapping[Course, tuple[tuple[int, int], ...]]] = {
    "issue": _ISSUE,
    "supplement": ((0, RECEIVED), (TO_PROCESS_DAYS, SUPPLEMENT)),
    "payment": ((0, RECEIVED), (TO_PROCESS_DAYS, PAYMENT), (2, IN_PROCESS), (4, ISSUED)),
    "refuse": ((0, RECEIVED), (TO_PROCESS_DAYS, NOT_RECEIVED)),
    "withdraw": ((0, RECEIVED), (TO_PROCESS_DAYS, IN_PROCESS), (2, WITHDRAWN)),
    "stop": ((0, RECEIVED), (TO_PROCESS_DAYS, IN_PROCESS), (2, STOPPED)),
    "hand_over": (*_ISSUE, (4, HANDED_OVER)),
    "revoke": _ISSUE,
}
"""Working days from receipt, and the state from then on. A supplement is asked for until it comes; with it the
application is received anew and takes the course `issue`. `revoke` is `issue`, and the certificate is revoked after
`TO_REVOKE_DAYS`."""

_BY_QUIRK: Final[tuple[Course, ...]] = (
    "issue", "issue", "issue", "issue", "supplement", "supplement", "payment", "refuse", "withdraw", "revoke",
)  # fmt: skip


def course_of(quirk: int) -> Course:
    """Returns the course by the last digit of the code's quirk number, for `mixed`.

    0 to 3 issue, 4 and 5 supplement, 6 payment, 7 refuse, 8 withdraw, 9 revoke.
    """
    return _BY_QUIRK[quirk % 10]


def state_at(course: Course, received_at: datetime, now: datetime) -> int:
    """Returns ``trangThaiXuLy`` of an application on this course."""
    reached = RECEIVED
    for days, state in STAGES[course]:
        if days and now < working_days.after(received_at, days):
            break
        reached = state
    return reached


def next_change(course: Course, received_at: datetime, now: datetime) -> datetime | None:
    """Returns the next instant at which the state changes on its own; None: it does not."""
    instants = (working_days.after(received_at, days) for days, _ in STAGES[course] if days)
    return next((instant for instant in instants if instant > now), None)


def days_to_issue(course: Course) -> int:
    """Returns the working days from receipt to the certificate."""
    return next((days for days, state in STAGES[course] if state == ISSUED), TO_ISSUE_DAYS)
