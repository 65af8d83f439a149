"""The points that a dossier earns by Quyết định 766/QĐ-TTg, and the field by whose lack it loses one.

The national portal counts them from the fields that a province syncs. Formulas and names are those of public code and
of the portal's public scores [C]; a rule that is marked [S] is our reading of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from gateway.core.mistakes import Mistake
from gateway.dossiers.model import DossierBody
from gateway.dossiers.status import BY_WORD, Status

PointState = Literal["kept", "lost", "open"]
"""``open``: not decided, because the dossier is not finished or what it says is not enough to tell."""
Group = Literal["transparency", "progress", "online", "digitisation"]
"""Công khai, minh bạch; tiến độ giải quyết; dịch vụ trực tuyến; mức độ số hóa."""
Name = Literal[
    "synced", "on_time", "online", "paid_online", "components_digitised", "result_digitised", "reused",
    "national_store", "identified",
]  # fmt: skip
GROUPS: Final[Mapping[Name, Group]] = {
    "synced": "transparency",
    "on_time": "progress",
    "online": "online",
    "paid_online": "online",
    "components_digitised": "digitisation",
    "result_digitised": "digitisation",
    "reused": "digitisation",
    "national_store": "digitisation",
    "identified": "digitisation",
}
_PAID_ONLINE: Final = frozenset({"national_platform", "own_platform"})
"""``DuocThanhToanTrucTuyen`` 1 and 2."""


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a dossier: *pointers* are the fields (RFC 6901) by which it is lost or still open."""

    name: Name
    verdict: PointState
    pointers: tuple[str, ...] = ()
    why: Mistake | None = None

    @property
    def group(self) -> Group:
        """The group of indices that the point belongs to."""
        return GROUPS[self.name]


@dataclass(frozen=True, slots=True)
class _Case:
    """A dossier as its rules see it at *now*."""

    dossier: DossierBody
    finished: bool
    now: datetime


def worth(dossier: DossierBody, now: datetime, status: Status | None = None) -> tuple[Point, ...]:
    """The points of *dossier* as it is known at *now*, in a fixed order.

    *status* is that of a dossier whose own is a local code; without it a local code is that of an unfinished dossier.
    """
    known = status or BY_WORD.get(dossier.status)
    case = _Case(dossier, known in {Status.FINISHED, Status.HANDED_OVER}, now)
    return tuple(rule(case) for rule in _RULES)


def lost(points: Iterable[Point]) -> tuple[Point, ...]:
    """The points that are lost."""
    return tuple(point for point in points if point.verdict == "lost")


def _synced(case: _Case) -> Point:
    """Counted in the period of its ``NgayTiepNhan`` [C]."""
    if case.dossier.received_at is None:
        return Point("synced", "lost", ("/received_at",), _NOT_COUNTED)
    return Point("synced", "kept")


def _on_time(case: _Case) -> Point:
    """``NgayKetThucXuLy`` is not after ``NgayHenTra``; one request for a supplement stops the clock, and a dossier
    with more counts as late [C].
    """
    name: Final = "on_time"
    due, ended, supplements = case.dossier.due_at, case.dossier.finished_at, len(case.dossier.supplements)
    if supplements > 1:
        return Point(name, "lost", ("/supplements",), _MANY_SUPPLEMENTS)
    if due is None:
        return Point(name, "lost" if case.finished else "open", ("/due_at",), _NO_DUE_DATE)
    if ended is not None and ended <= due:
        return Point(name, "kept")
    if supplements and (ended is not None or not case.finished):
        # The fields do not say for how long one supplement stopped the clock.
        return Point(name, "open", ("/due_at",), _CLOCK_STOPPED)
    if ended is not None:
        return Point(name, "lost", ("/finished_at",), _LATE)
    if case.finished:
        return Point(name, "lost", ("/finished_at",), _NO_END)
    if case.now > due:
        return Point(name, "lost", ("/due_at",), _OVERDUE)
    return Point(name, "open", ("/finished_at",), _NOT_FINISHED)


def _online(case: _Case) -> Point:
    """``KenhThucHien`` is 2 **and** the result has a code and a link [C]."""
    name: Final = "online"
    if case.dossier.channel is None:
        return Point(name, "lost", ("/channel",), _NO_CHANNEL)
    if case.dossier.channel != "online":
        return Point(name, "lost", ("/channel",), _NOT_ONLINE)
    return _of_results(name, case, needs_code=True)


def _paid_online(case: _Case) -> Point:
    """``DuocThanhToanTrucTuyen`` is 1 or 2 [C]; a dossier without it loses nothing only where it says no fee [S]."""
    name: Final = "paid_online"
    said, fees = case.dossier.online_payment, case.dossier.fees
    if said in _PAID_ONLINE or (said is None and fees and not any(fee.amount for fee in fees)):
        return Point(name, "kept")
    return Point(name, "lost", ("/online_payment",), _NO_PAYMENT if said is None else _PAID_OTHERWISE)


def _components_digitised(case: _Case) -> Point:
    """A file in the components [C]."""
    documents = case.dossier.documents
    if any(one.url is not None for one in documents):
        return Point("components_digitised", "kept")
    return Point("components_digitised", "lost", ("/documents/0/url" if documents else "/documents",), _NO_FILE)


def _result_digitised(case: _Case) -> Point:
    """A file in the results [C]."""
    return _of_results("result_digitised", case, needs_code=False)


def _of_results(name: Name, case: _Case, *, needs_code: bool) -> Point:
    results = case.dossier.results
    if any(one.url is not None and (one.code is not None or not needs_code) for one in results):
        return Point(name, "kept")
    verdict: PointState = "lost" if case.finished else "open"
    if not results:
        return Point(name, verdict, ("/results",), _NO_RESULT)
    first = results[0]
    missing = [("/results/0/url", first.url), ("/results/0/code", first.code if needs_code else "")]
    return Point(name, verdict, tuple(pointer for pointer, has in missing if has is None), _BARE_RESULT)


def _reused(case: _Case) -> Point:
    """A component was taken from an earlier dossier (``DuocTaiSuDung``) [C]; that 1 and 2 both count is [S]."""
    said = [None if one.reuse is None else one.reuse != "no" for one in case.dossier.documents]
    return _of_components("reused", "reuse", said)


def _national_store(case: _Case) -> Point:
    """A component was taken from the national store (``DuocLayTuKhoDMQG`` 1) [C]."""
    said = [one.from_national_store for one in case.dossier.documents]
    return _of_components("national_store", "from_national_store", said)


def _of_components(name: Name, field: str, said: Sequence[bool | None]) -> Point:
    if any(said):
        return Point(name, "kept")
    silent = [f"/documents/{index}/{field}" for index, one in enumerate(said) if one is None]
    if silent or not said:
        return Point(name, "lost", tuple(silent[:_MOST_POINTERS]) or ("/documents",), _NOT_SAID)
    return Point(name, "lost", (f"/documents/0/{field}",), _NOT_TAKEN)


def _identified(case: _Case) -> Point:
    """The account is verified with VNeID, or the population database was asked [C]; its code in ``DSKetNoiCSDL`` is not
    public.
    """
    if case.dossier.vneid_verified:
        return Point("identified", "kept")
    if case.dossier.databases:
        return Point("identified", "open", ("/databases",), _WHICH_DATABASE)
    return Point("identified", "lost", ("/vneid_verified", "/databases"), _NOT_IDENTIFIED)


_MOST_POINTERS: Final = 10
_NOT_COUNTED: Final = Mistake(
    "not_counted",
    "has no date of receipt, so the portal counts the dossier in no period",
    "thiếu ngày tiếp nhận nên hồ sơ không được tính vào kỳ nào",
)
_MANY_SUPPLEMENTS: Final = Mistake(
    "many_supplements",
    "has more than one request for a supplement, which counts as late",
    "yêu cầu bổ sung quá một lần, bị tính là trễ hạn",
)
_NO_DUE_DATE: Final = Mistake("no_due_date", "has no due date", "thiếu ngày hẹn trả")
_LATE: Final = Mistake("late", "is after the due date", "sau ngày hẹn trả")
_NO_END: Final = Mistake(
    "no_end", "is finished without the date on which it was", "đã xong nhưng thiếu ngày kết thúc xử lý"
)
_OVERDUE: Final = Mistake("overdue", "is over, and the dossier is not finished", "đã quá hạn mà hồ sơ chưa xong")
_CLOCK_STOPPED: Final = Mistake(
    "clock_stopped",
    "was passed, but a request for a supplement stopped the clock for a time that the dossier does not say",
    "đã qua, nhưng yêu cầu bổ sung đã dừng thời hạn trong thời gian mà hồ sơ không nêu",
)
_WHICH_DATABASE: Final = Mistake(
    "which_database",
    "names databases, and the code of the population database is not public",
    "có CSDL đã khai thác, nhưng mã của CSDLQG về dân cư chưa được công bố",
)
_NOT_FINISHED: Final = Mistake("not_finished", "is not known yet", "chưa có")
_NO_CHANNEL: Final = Mistake("no_channel", "does not say how it was filed", "thiếu kênh thực hiện")
_NOT_ONLINE: Final = Mistake("not_online", "was not filed online", "không nộp trực tuyến")
_NO_PAYMENT: Final = Mistake("no_payment", "does not say how it was paid", "thiếu thông tin thanh toán trực tuyến")
_PAID_OTHERWISE: Final = Mistake("paid_otherwise", "was not paid online", "không thanh toán trực tuyến")
_NO_FILE: Final = Mistake("no_file", "has no file", "không có tệp đính kèm")
_NO_RESULT: Final = Mistake("no_result", "has no result", "chưa có giấy tờ kết quả")
_BARE_RESULT: Final = Mistake("bare_result", "is missing in the result", "thiếu trong giấy tờ kết quả")
_NOT_SAID: Final = Mistake("not_said", "does not say where the paper was taken from", "thiếu thông tin tái sử dụng")
_NOT_TAKEN: Final = Mistake("not_taken", "was handed in anew", "nộp mới, không tái sử dụng")
_NOT_IDENTIFIED: Final = Mistake(
    "not_identified",
    "says neither VNeID nor a question to the population database",
    "chưa xác thực VNeID và chưa khai thác CSDLQG về dân cư",
)
_RULES: Final[tuple[Callable[[_Case], Point], ...]] = (
    _synced,
    _on_time,
    _online,
    _paid_online,
    _components_digitised,
    _result_digitised,
    _reused,
    _national_store,
    _identified,
)
