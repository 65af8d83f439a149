"""Compares what a portal has of a dossier with what was sent; a release of theirs may write it in another way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Protocol

from gateway.core.canonical import Wire
from gateway.core.lenient import is_nothing, text
from gateway.core.unread import Unread, known
from gateway.dossiers.model import StepBody


class ReportedStep(Protocol):
    """A step as a portal tells it."""

    @property
    def ThoiDiemXuLy(self) -> datetime | Unread | None: ...  # noqa: N802  # their name
    @property
    def TrangThai(self) -> str | Unread | None: ...  # noqa: N802  # their name
    @property
    def NguoiXuLy(self) -> str | Unread | None: ...  # noqa: N802  # their name
    @property
    def NoiDungXuLy(self) -> str | Unread | None: ...  # noqa: N802  # their name


def has_all_of(found: Wire, sent: Mapping[str, object]) -> bool:
    """Whether *found* says nothing else than *sent*, as far as it has the same fields [S]."""
    return all(same(getattr(found, name), value) for name, value in sent.items() if name in found.model_fields_set)


def has_step(found: Iterable[ReportedStep | None], step: StepBody, status: str) -> bool:
    """Whether *step*, whose status is their code *status*, is in *found*: by its instant, status, officer and text."""
    return any(
        one is not None
        and known(one.ThoiDiemXuLy) == step.processed_at
        and known(one.TrangThai) == status
        and same(one.NguoiXuLy, step.officer.full_name)
        and same(one.NoiDungXuLy, step.content)
        for one in found
    )


def same(theirs: object, ours: object) -> bool:
    """Whether two values are the same, whatever the Unicode form of a text and the type of a number.

    A list of one row may come as that row alone: XML cannot tell the two apart, and JSON that is made from XML does so.
    """
    if isinstance(ours, Mapping):
        return isinstance(theirs, Mapping) and all(same(theirs.get(key), value) for key, value in ours.items())
    if isinstance(ours, list):
        rows = [] if is_nothing(theirs) else theirs if isinstance(theirs, list) else [theirs]
        return len(rows) == len(ours) and all(map(same, rows, ours))
    return (text(theirs) or "") == (text(ours) or "")
