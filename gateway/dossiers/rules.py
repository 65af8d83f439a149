"""The rules between the fields of a dossier and of a step, which no field breaks alone; all breaches are told at once.

They refuse what can't be so. What is unusual (a dossier that is late, a step on a Sunday) is left to the portal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from itertools import pairwise
from typing import Final, TypeAlias

from gateway.core.days import day_in_vietnam
from gateway.core.mistakes import Mistake
from gateway.dossiers.model import DossierBody, Identity, StepBody, SupplementRequest

Found: TypeAlias = Iterator[tuple[str, Mistake]]
"""Pointers, each with what is wrong there."""

CODE_FORM: Final = Mistake(
    "dossier_code_form",
    "is not a dossier code; expected <agency>-YYMMDD-<number>, as 000.00.04.H58-260106-0001",
    "không phải là mã hồ sơ; cần dạng <mã cơ quan>-YYMMDD-<số>, như 000.00.04.H58-260106-0001",
)
FUTURE: Final = Mistake("in_the_future", "is after today", "sau ngày hôm nay")
NO_FIELD: Final = Mistake(
    "no_field_at_source",
    "the source has no field for this; leave it out",
    "nguồn không có trường cho giá trị này; hãy bỏ ra",
)
_DIGITS: Final = Mistake(
    "identity_digits",
    "a citizen_id has 12 digits, an old_identity_card 9",
    "citizen_id có 12 chữ số, old_identity_card có 9 chữ số",
)
_NATIONAL: Final = re.compile(
    r"(?P<agency>[0-9]{3}\.[0-9]{2}\.[0-9]{2}\.[GH][0-9]{2})-(?P<day>[0-9]{6})-[0-9]{4,6}", re.ASCII
)
"""Agency, day and number [C]."""


def out_of_order(before: str) -> Mistake:
    """The mistake of an instant that is before the one of the field *before*."""
    return Mistake(f"before_{before}", f"is before {before}", f"sớm hơn {before}")


def too_long(limit: int) -> Mistake:
    """The mistake of a text that the portal does not take at its length."""
    return Mistake(
        "too_long_for_source", f"the source takes at most {limit} characters", f"nguồn nhận nhiều nhất {limit} ký tự"
    )


# ---- codes


def agency_of(dossier_code: str) -> str | None:
    """The agency that a dossier code begins with; None where it is not a code of the national form.

    A day in it is one of the calendar.
    """
    found = _NATIONAL.fullmatch(dossier_code)
    if found is None:
        return None
    year, month, day = (int(found["day"][at : at + 2]) for at in (0, 2, 4))
    try:
        date(2000 + year, month, day)
    except ValueError:
        return None
    return found["agency"]


# ---- a dossier


def of_dossier(dossier: DossierBody, today: date) -> Found:
    """All that is wrong with *dossier* on *today*, the day in Vietnam, in the order of its fields."""
    if agency_of(dossier.dossier_code) is None:
        yield "/dossier_code", CODE_FORM
    if dossier.subject is not None:
        yield from _identities("/subject/identities", dossier.subject.identities)
    yield from _in_order(
        {name: getattr(dossier, name) for name in ("submitted_at", "received_at", "finished_at", "handed_over_at")}
    )
    yield from _in_order({"submitted_at": dossier.submitted_at, "refused_at": dossier.refused_at})
    yield from _in_order({"received_at": dossier.received_at, "due_at": dossier.due_at})
    for name in ("submitted_at", "received_at", "refused_at", "finished_at", "handed_over_at"):
        yield from _past(f"/{name}", getattr(dossier, name), today)
    for index, asked in enumerate(dossier.supplements):
        yield from _supplement(f"/supplements/{index}", asked, today)


def _identities(pointer: str, identities: tuple[Identity, ...]) -> Found:
    for index, one in enumerate(identities):
        if len(one.number) != (12 if one.kind == "citizen_id" else 9):
            yield f"{pointer}/{index}/number", _DIGITS


def _supplement(pointer: str, asked: SupplementRequest, today: date) -> Found:
    yield from _in_order({"requested_at": asked.requested_at, "received_at": asked.received_at}, pointer)
    for name in ("requested_at", "received_at"):
        yield from _past(f"{pointer}/{name}", getattr(asked, name), today)


def _in_order(instants: Mapping[str, datetime | None], pointer: str = "") -> Found:
    """The instants, which are named in their sequence, that are before an earlier one."""
    said = [(name, at) for name, at in instants.items() if at is not None]
    for (before, first), (name, second) in pairwise(said):
        if second < first:
            yield f"{pointer}/{name}", out_of_order(before)


def _past(pointer: str, at: datetime | None, today: date) -> Found:
    if at is not None and day_in_vietnam(at) > today:
        yield pointer, FUTURE


def newer_fields(dossier: DossierBody) -> Found:
    """The fields that only the newer generations of portals have: of the first one, none may be given."""
    subject = dossier.subject
    given: dict[str, object] = {
        "/subject/document_number": subject and subject.document_number,
        "/subject/identities": (subject and subject.identities) or None,
        "/subject/kind": (subject and subject.kind in {"agency", "other"}) or None,
        "/submitted_at": dossier.submitted_at,
        "/refused_at": dossier.refused_at,
        "/submitted_to": dossier.submitted_to,
        "/digitised": dossier.digitised,
        "/vneid_verified": dossier.vneid_verified,
        "/online_payment": dossier.online_payment,
        "/databases": dossier.databases or None,
    }
    for index, file in enumerate(dossier.documents):
        at = f"/documents/{index}"
        given |= {
            f"{at}/digitised": file.digitised,
            f"{at}/reuse": file.reuse,
            f"{at}/from_national_store": file.from_national_store,
            f"{at}/replaced_by": file.replaced_by,
        }
    given |= {f"/results/{index}/code": paper.code for index, paper in enumerate(dossier.results)}
    yield from ((pointer, NO_FIELD) for pointer, value in given.items() if value is not None)


# ---- a step


def of_step(step: StepBody, today: date) -> Found:
    """All that is wrong with *step* on *today*, the day in Vietnam."""
    if agency_of(step.dossier_code) is None:
        yield "/dossier_code", CODE_FORM
    yield from _past("/processed_at", step.processed_at, today)
    yield from _in_order({"started_at": step.started_at, "due_at": step.due_at})
