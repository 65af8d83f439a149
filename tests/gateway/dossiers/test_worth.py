"""The points of Quyết định 766: which a dossier loses, and by which field."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.dossiers.model import DossierBody
from gateway.dossiers.preflight import preflight_of
from gateway.dossiers.status import Status
from gateway.dossiers.worth import GROUPS, Point, lost, worth

NOW = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)
DAY = timedelta(days=1)
PAPER = {"file_name": "a.pdf"}
WITH_FILE = {**PAPER, "url": "https://h58.example/a"}
SUPPLEMENT: dict[str, Any] = {"content": "thiếu bản sao"}
RESULT = {"name": "Giấy phép"}
FULL: dict[str, Any] = {
    "dossier_code": "000.00.04.H58-261127-0001",
    "procedure": {"code": "1.000", "name": "Cấp phép"},
    "field": {"code": "LV01", "name": "Hộ tịch"},
    "status": "finished",
    "processing_unit": "Sở Tư pháp",
    "received_at": (NOW - 5 * DAY).isoformat(),
    "due_at": (NOW - DAY).isoformat(),
    "finished_at": (NOW - DAY).isoformat(),
    "channel": "online",
    "online_payment": "national_platform",
    "documents": [{**WITH_FILE, "reuse": "reused", "from_national_store": True}],
    "results": [{**RESULT, "code": "KQ.1", "url": "https://h58.example/r"}],
    "vneid_verified": True,
}
RUNNING: dict[str, Any] = {"status": "in_process", "finished_at": None}


def dossier(**changes: Any) -> DossierBody:
    """A dossier with every field, and *changes*."""
    return DossierBody.model_validate({**FULL, **changes})


def of(name: str, found: DossierBody) -> Point:
    """The point *name* of a dossier."""
    return next(point for point in worth(found, NOW) if point.name == name)


def test_dossier_with_every_field_loses_nothing() -> None:
    """All points, each once, in a fixed order; finished on the day it was due is on time."""
    points = worth(dossier(), NOW)

    assert [point.name for point in points] == list(GROUPS)
    assert {point.verdict for point in points} == {"kept"}
    assert lost(points) == ()


@pytest.mark.parametrize(
    ("changes", "name", "verdict", "pointers", "code"),
    [
        ({"received_at": None}, "synced", "lost", ("/received_at",), "not_counted"),
        ({"due_at": None}, "on_time", "lost", ("/due_at",), "no_due_date"),
        ({**RUNNING, "due_at": None}, "on_time", "open", ("/due_at",), "no_due_date"),
        ({"finished_at": None}, "on_time", "lost", ("/finished_at",), "no_end"),
        ({"finished_at": NOW.isoformat()}, "on_time", "lost", ("/finished_at",), "late"),
        (RUNNING, "on_time", "lost", ("/due_at",), "overdue"),
        ({**RUNNING, "due_at": NOW.isoformat()}, "on_time", "open", ("/finished_at",), "not_finished"),
        ({"supplements": [SUPPLEMENT]}, "on_time", "kept", (), None),
        ({**RUNNING, "supplements": [SUPPLEMENT]}, "on_time", "open", ("/due_at",), "clock_stopped"),
        (
            {"finished_at": NOW.isoformat(), "supplements": [SUPPLEMENT]},
            "on_time", "open", ("/due_at",), "clock_stopped",
        ),
        ({"supplements": [SUPPLEMENT] * 2}, "on_time", "lost", ("/supplements",), "many_supplements"),
        ({"channel": None}, "online", "lost", ("/channel",), "no_channel"),
        ({"channel": "counter"}, "online", "lost", ("/channel",), "not_online"),
        ({"results": []}, "online", "lost", ("/results",), "no_result"),
        ({**RUNNING, "results": []}, "online", "open", ("/results",), "no_result"),
        (
            {"results": [{**RESULT, "url": "https://h58.example/r"}]},
            "online", "lost", ("/results/0/code",), "bare_result",
        ),
        ({"results": [RESULT]}, "online", "lost", ("/results/0/url", "/results/0/code"), "bare_result"),
        ({"results": [{**RESULT, "url": "https://h58.example/r"}]}, "result_digitised", "kept", (), None),
        ({"results": [{**RESULT, "code": "K"}]}, "result_digitised", "lost", ("/results/0/url",), "bare_result"),
        ({"online_payment": None}, "paid_online", "lost", ("/online_payment",), "no_payment"),
        ({"online_payment": "none"}, "paid_online", "lost", ("/online_payment",), "paid_otherwise"),
        ({"online_payment": "other"}, "paid_online", "lost", ("/online_payment",), "paid_otherwise"),
        ({"online_payment": None, "fees": [{"name": "x", "amount": 0}]}, "paid_online", "kept", (), None),
        (
            {"online_payment": None, "fees": [{"name": "x", "amount": 5}]},
            "paid_online", "lost", ("/online_payment",), "no_payment",
        ),
        ({"documents": []}, "components_digitised", "lost", ("/documents",), "no_file"),
        ({"documents": [PAPER]}, "components_digitised", "lost", ("/documents/0/url",), "no_file"),
        ({"documents": []}, "reused", "lost", ("/documents",), "not_said"),
        (
            {"documents": [{**PAPER, "reuse": "no"}, PAPER]},
            "reused", "lost", ("/documents/1/reuse",), "not_said",
        ),
        ({"documents": [{**PAPER, "reuse": "no"}]}, "reused", "lost", ("/documents/0/reuse",), "not_taken"),
        ({"documents": [PAPER]}, "national_store", "lost", ("/documents/0/from_national_store",), "not_said"),
        ({"vneid_verified": False}, "identified", "lost", ("/vneid_verified", "/databases"), "not_identified"),
        ({"vneid_verified": None, "databases": ["DC"]}, "identified", "open", ("/databases",), "which_database"),
    ],
)  # fmt: skip
def test_each_point_is_lost_by_its_field(
    changes: dict[str, Any], name: str, verdict: str, pointers: tuple[str, ...], code: str | None
) -> None:
    """What is lacking is named; what can still be earned, or is not known, is open and not called lost."""
    point = of(name, dossier(**changes))

    assert (point.verdict, point.pointers) == (verdict, pointers)
    assert (point.why and point.why.code) == code
    assert point.group == GROUPS[point.name]


def test_local_status_is_what_the_table_says() -> None:
    """A code of the province is that of an unfinished dossier until its table says more."""
    found = dossier(status="DA_XONG", results=[])
    verdicts = [
        next(point.verdict for point in worth(found, NOW, status) if point.name == "result_digitised")
        for status in (None, Status.FINISHED)
    ]

    assert verdicts == ["open", "lost"]


INSTANTS = st.none() | st.sampled_from([NOW - DAY, NOW, NOW + DAY]).map(datetime.isoformat)
DOSSIERS = st.fixed_dictionaries(
    {
        "received_at": INSTANTS,
        "due_at": INSTANTS,
        "finished_at": INSTANTS,
        "status": st.sampled_from(["finished", "handed_over", "in_process", "local"]),
        "supplements": st.lists(st.just(SUPPLEMENT), max_size=2),
        "channel": st.sampled_from([None, "online", "post"]),
        "online_payment": st.sampled_from([None, "none", "own_platform"]),
        "documents": st.lists(st.sampled_from([PAPER, WITH_FILE, {**PAPER, "reuse": "no"}]), max_size=12),
        "results": st.lists(st.sampled_from([RESULT, {**RESULT, "url": "https://x.example"}]), max_size=2),
        "vneid_verified": st.sampled_from([None, True, False]),
        "databases": st.sampled_from([[], ["DC"]]),
    }
).map(lambda changes: dossier(**changes))


@given(DOSSIERS)
def test_a_point_that_is_not_kept_says_why_and_where(found: DossierBody) -> None:
    """Every loss has a field and a sentence, in bounded number, and the sums of the answer agree."""
    points = worth(found, NOW)
    for point in points:
        assert (point.verdict == "kept") == (point.why is None) == (not point.pointers)
        assert len(point.pointers) <= 10
    told = preflight_of(found, NOW)

    assert (told.kept, told.lost, told.open) == tuple(
        sum(point.verdict == verdict for point in points) for verdict in ("kept", "lost", "open")
    )
    assert told.complete == (told.lost == 0)
    assert [one.reason for one in told.points] == [point.why and point.why.code for point in points]


@given(DOSSIERS, DOSSIERS)
def test_more_papers_never_lose_a_point(found: DossierBody, other: DossierBody) -> None:
    """A result and a component more can only help."""
    fuller = found.model_copy(
        update={"results": found.results + other.results, "documents": found.documents + other.documents}
    )
    kept = {point.name for point in worth(found, NOW) if point.verdict == "kept"}

    assert kept <= {point.name for point in worth(fuller, NOW) if point.verdict == "kept"}
