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

Verdict = Literal["kept", "lost", "open"]
"""``open``: the dossier is not finished, and the point can still be earned or lost."""
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


@dataclass(frozen=True, slots=True)
class Component:
    """Thành phần hồ sơ: a paper that was handed in. None: the province does not say it."""

    has_file: bool
    reused: bool | None = None
    """``DuocTaiSuDung``: taken from an earlier dossier."""
    from_national_store: bool | None = None
    """``DuocLayTuKhoDMQG``: taken from the national store of papers."""


@dataclass(frozen=True, slots=True)
class ResultPaper:
    """Giấy tờ kết quả: a result."""

    has_code: bool
    """``MaGiayToKetQua``."""
    has_link: bool
    """``DuongDanTepTinKetQua``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The fields of a dossier that count. None: the province does not say it."""

    received_at: datetime | None = None
    """``NgayTiepNhan``."""
    due_at: datetime | None = None
    """``NgayHenTra``."""
    finished_at: datetime | None = None
    """``NgayKetThucXuLy``."""
    finished: bool = False
    """Its status says that it is finished (9) or that its result was handed over (10)."""
    supplements: int = 0
    """How often a supplement was requested."""
    online: bool | None = None
    """``KenhThucHien`` 2."""
    paid_online: bool | None = None
    """``DuocThanhToanTrucTuyen`` 1 or 2; False where a fee was paid in another way."""
    owes_fee: bool = True
    """False where the procedure has no fee."""
    components: Sequence[Component] = ()
    results: Sequence[ResultPaper] = ()
    vneid: bool | None = None
    """``TaiKhoanDuocXacThucVoiVNeID`` 1."""
    population_database: bool | None = None
    """``DSKetNoiCSDL`` names the population database (CSDLQG về dân cư)."""


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a dossier: *pointers* are the fields (RFC 6901) by which it is lost or still open."""

    name: Name
    verdict: Verdict
    pointers: tuple[str, ...] = ()
    why: Mistake | None = None

    @property
    def group(self) -> Group:
        """The group of indices that the point belongs to."""
        return GROUPS[self.name]


def worth(facts: Facts, now: datetime) -> tuple[Point, ...]:
    """The points of a dossier as it is known at *now*, in a fixed order."""
    return tuple(rule(facts, now) for rule in _RULES)


def lost(points: Iterable[Point]) -> tuple[Point, ...]:
    """The points that are lost."""
    return tuple(point for point in points if point.verdict == "lost")


def _synced(facts: Facts, _: datetime) -> Point:
    """Counted in the period of its ``NgayTiepNhan`` [C]."""
    if facts.received_at is None:
        return Point("synced", "lost", ("/received_at",), _NOT_COUNTED)
    return Point("synced", "kept")


def _on_time(facts: Facts, now: datetime) -> Point:
    """``NgayKetThucXuLy`` is not after ``NgayHenTra``; one request for a supplement stops the clock, and a dossier
    with more counts as late [C].
    """
    name: Final = "on_time"
    if facts.supplements > 1:
        return Point(name, "lost", ("/supplements",), _MANY_SUPPLEMENTS)
    if facts.due_at is None:
        return Point(name, "lost" if facts.finished else "open", ("/due_at",), _NO_DUE_DATE)
    if facts.finished_at is not None:
        late = facts.finished_at > facts.due_at
        return Point(name, "lost", ("/finished_at",), _LATE) if late else Point(name, "kept")
    if facts.finished:
        return Point(name, "lost", ("/finished_at",), _NO_END)
    # One supplement stops the clock for a time that the fields do not say: only its new due date can be late.
    late = now > facts.due_at and not facts.supplements
    return (
        Point(name, "lost", ("/due_at",), _OVERDUE) if late else Point(name, "open", ("/finished_at",), _NOT_FINISHED)
    )


def _online(facts: Facts, _: datetime) -> Point:
    """``KenhThucHien`` is 2 **and** the result has a code and a link [C]."""
    name: Final = "online"
    if facts.online is None:
        return Point(name, "lost", ("/channel",), _NO_CHANNEL)
    if not facts.online:
        return Point(name, "lost", ("/channel",), _NOT_ONLINE)
    return _of_results(name, facts, needs_code=True)


def _paid_online(facts: Facts, _: datetime) -> Point:
    """``DuocThanhToanTrucTuyen`` is 1 or 2 [C]; a procedure without a fee loses nothing [S]."""
    name: Final = "paid_online"
    if facts.paid_online or not facts.owes_fee:
        return Point(name, "kept")
    return Point(name, "lost", ("/paid_online",), _NO_PAYMENT if facts.paid_online is None else _PAID_OTHERWISE)


def _components_digitised(facts: Facts, _: datetime) -> Point:
    """A file in the components [C]."""
    if any(one.has_file for one in facts.components):
        return Point("components_digitised", "kept")
    pointer = "/documents/0/url" if facts.components else "/documents"
    return Point("components_digitised", "lost", (pointer,), _NO_FILE)


def _result_digitised(facts: Facts, _: datetime) -> Point:
    """A file in the results [C]."""
    return _of_results("result_digitised", facts, needs_code=False)


def _of_results(name: Name, facts: Facts, *, needs_code: bool) -> Point:
    if any(one.has_link and (one.has_code or not needs_code) for one in facts.results):
        return Point(name, "kept")
    verdict: Verdict = "lost" if facts.finished else "open"
    if not facts.results:
        return Point(name, verdict, ("/results",), _NO_RESULT)
    first = facts.results[0]
    missing = [("/results/0/url", first.has_link), ("/results/0/code", first.has_code or not needs_code)]
    return Point(name, verdict, tuple(pointer for pointer, has in missing if not has), _BARE_RESULT)


def _reused(facts: Facts, _: datetime) -> Point:
    """A component was taken from an earlier dossier (``DuocTaiSuDung``) [C]; which of its numbers count is [S]."""
    return _of_components("reused", "reused", [one.reused for one in facts.components])


def _national_store(facts: Facts, _: datetime) -> Point:
    """A component was taken from the national store (``DuocLayTuKhoDMQG`` 1) [C]."""
    return _of_components(
        "national_store", "from_national_store", [one.from_national_store for one in facts.components]
    )


def _of_components(name: Name, field: str, said: Sequence[bool | None]) -> Point:
    if any(said):
        return Point(name, "kept")
    silent = [f"/documents/{index}/{field}" for index, one in enumerate(said) if one is None]
    if silent or not said:
        return Point(name, "lost", tuple(silent[:_MOST_POINTERS]) or ("/documents",), _NOT_SAID)
    return Point(name, "lost", (f"/documents/0/{field}",), _NOT_TAKEN)


def _identified(facts: Facts, _: datetime) -> Point:
    """The account is verified with VNeID, or the population database was asked [C]."""
    if facts.vneid or facts.population_database:
        return Point("identified", "kept")
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
_RULES: Final[tuple[Callable[[Facts, datetime], Point], ...]] = (
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
