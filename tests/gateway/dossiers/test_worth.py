"""The points of Quyết định 766: which a dossier loses, and by which field."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.dossiers.worth import GROUPS, Component, Facts, Point, ResultPaper, lost, worth

NOW = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)
DAY = timedelta(days=1)
FULL = Facts(
    received_at=NOW - 5 * DAY,
    due_at=NOW - DAY,
    finished_at=NOW - DAY,
    finished=True,
    online=True,
    paid_online=True,
    components=(Component(has_file=True, reused=True, from_national_store=True),),
    results=(ResultPaper(has_code=True, has_link=True),),
    vneid=True,
)
RUNNING: dict[str, Any] = {"finished": False, "finished_at": None}
BARE = Component(has_file=False)
ANEW = Component(has_file=True, reused=False)


def of(name: str, facts: Facts) -> Point:
    """The point *name* of *facts*."""
    return next(point for point in worth(facts, NOW) if point.name == name)


def test_dossier_with_every_field_loses_nothing() -> None:
    """All points, each once, in a fixed order, and finished on the day it was due is on time."""
    points = worth(FULL, NOW)

    assert [point.name for point in points] == list(GROUPS)
    assert {point.verdict for point in points} == {"kept"}
    assert lost(points) == ()


@pytest.mark.parametrize(
    ("changes", "name", "verdict", "pointers", "code"),
    [
        ({"received_at": None}, "synced", "lost", ("/received_at",), "not_counted"),
        ({"due_at": None}, "on_time", "lost", ("/due_at",), "no_due_date"),
        ({"due_at": None, "finished": False}, "on_time", "open", ("/due_at",), "no_due_date"),
        ({"finished_at": None}, "on_time", "lost", ("/finished_at",), "no_end"),
        ({"finished_at": NOW}, "on_time", "lost", ("/finished_at",), "late"),
        (RUNNING, "on_time", "lost", ("/due_at",), "overdue"),
        ({**RUNNING, "supplements": 1}, "on_time", "open", ("/finished_at",), "not_finished"),
        ({**RUNNING, "due_at": NOW}, "on_time", "open", ("/finished_at",), "not_finished"),
        ({"supplements": 1}, "on_time", "kept", (), None),
        ({"supplements": 2}, "on_time", "lost", ("/supplements",), "many_supplements"),
        ({"online": None}, "online", "lost", ("/channel",), "no_channel"),
        ({"online": False}, "online", "lost", ("/channel",), "not_online"),
        ({"results": ()}, "online", "lost", ("/results",), "no_result"),
        ({"results": (), "finished": False}, "online", "open", ("/results",), "no_result"),
        (
            {"results": (ResultPaper(has_code=False, has_link=True),)},
            "online", "lost", ("/results/0/code",), "bare_result",
        ),
        (
            {"results": (ResultPaper(has_code=False, has_link=False),)},
            "online", "lost", ("/results/0/url", "/results/0/code"), "bare_result",
        ),
        ({"results": (ResultPaper(has_code=False, has_link=True),)}, "result_digitised", "kept", (), None),
        (
            {"results": (ResultPaper(has_code=True, has_link=False),)},
            "result_digitised", "lost", ("/results/0/url",), "bare_result",
        ),
        ({"paid_online": None}, "paid_online", "lost", ("/paid_online",), "no_payment"),
        ({"paid_online": False}, "paid_online", "lost", ("/paid_online",), "paid_otherwise"),
        ({"paid_online": None, "owes_fee": False}, "paid_online", "kept", (), None),
        ({"components": ()}, "components_digitised", "lost", ("/documents",), "no_file"),
        ({"components": (BARE,)}, "components_digitised", "lost", ("/documents/0/url",), "no_file"),
        ({"components": ()}, "reused", "lost", ("/documents",), "not_said"),
        (
            {"components": (Component(has_file=True, reused=False), Component(has_file=True))},
            "reused", "lost", ("/documents/1/reused",), "not_said",
        ),
        ({"components": (ANEW,)}, "reused", "lost", ("/documents/0/reused",), "not_taken"),
        (
            {"components": (Component(has_file=True),)},
            "national_store", "lost", ("/documents/0/from_national_store",), "not_said",
        ),
        ({"vneid": False}, "identified", "lost", ("/vneid_verified", "/databases"), "not_identified"),
        ({"vneid": None, "population_database": True}, "identified", "kept", (), None),
    ],
)  # fmt: skip
def test_each_point_is_lost_by_its_field(
    changes: dict[str, Any], name: str, verdict: str, pointers: tuple[str, ...], code: str | None
) -> None:
    """What is lacking is named; what can still be earned is open, and is not called lost."""
    point = of(name, replace(FULL, **changes))

    assert (point.verdict, point.pointers) == (verdict, pointers)
    assert (point.why and point.why.code) == code
    assert point.group == GROUPS[point.name]


FACTS = st.builds(
    Facts,
    received_at=st.none() | st.just(NOW),
    due_at=st.none() | st.just(NOW) | st.just(NOW + DAY),
    finished_at=st.none() | st.just(NOW) | st.just(NOW + 2 * DAY),
    finished=st.booleans(),
    supplements=st.integers(0, 3),
    online=st.none() | st.booleans(),
    paid_online=st.none() | st.booleans(),
    owes_fee=st.booleans(),
    components=st.lists(
        st.builds(
            Component,
            has_file=st.booleans(),
            reused=st.none() | st.booleans(),
            from_national_store=st.none() | st.booleans(),
        ),
        max_size=20,
    ),
    results=st.lists(st.builds(ResultPaper, has_code=st.booleans(), has_link=st.booleans()), max_size=3),
    vneid=st.none() | st.booleans(),
    population_database=st.none() | st.booleans(),
)


@given(FACTS)
def test_a_point_that_is_not_kept_says_why_and_where(facts: Facts) -> None:
    """Every loss has a field and a sentence, in bounded number; a finished dossier has nothing open."""
    for point in worth(facts, NOW):
        assert (point.verdict == "kept") == (point.why is None) == (not point.pointers)
        assert len(point.pointers) <= 10
        assert not (facts.finished and point.verdict == "open")


@given(FACTS, FACTS)
def test_more_fields_never_lose_a_point(facts: Facts, other: Facts) -> None:
    """A result and a component more can only help."""
    fuller = replace(facts, results=(*facts.results, *other.results), components=(*facts.components, *other.components))
    kept = {point.name for point in worth(facts, NOW) if point.verdict == "kept"}

    assert kept <= {point.name for point in worth(fuller, NOW) if point.verdict == "kept"}
