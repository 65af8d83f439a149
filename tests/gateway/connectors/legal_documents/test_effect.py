"""Whether a document is in force on a day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.connectors.legal_documents.model import Document, DocumentStatus, Relation
from gateway.connectors.legal_documents.translate import effect_on, with_effect

BEGIN, END = date(2018, 6, 21), date(2025, 7, 1)
DURING: Final = date(2020, 1, 1)
NOW: Final = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
TODAY: Final = date(2026, 11, 24)
TOMORROW: Final = date(2026, 11, 25)
STATUSES: Final = DocumentStatus.__args__  # type: ignore[attr-defined]


def document(status: str = "in_force", begin: date | None = BEGIN, end: date | None = None, **more: Any) -> Document:
    """A document with these dates."""
    return Document.model_validate(
        {"document_id": "1", "type": "decree", "status": status, "effective_from": begin, "effective_to": end, **more}
    )


def related(kind: str, direction: str) -> Relation:
    """What another document has to do with it."""
    return Relation.model_validate({"kind": kind, "direction": direction, "document_id": "2"})


@pytest.mark.parametrize(
    ("found", "day", "in_force", "reason"),
    [
        (document(), BEGIN, "yes", "within_dates"),
        (document(), BEGIN - timedelta(days=1), "no", "before_effect"),
        (document("expired", end=END), END - timedelta(days=1), "yes", "within_dates"),
        (document("expired", end=END), END, "no", "expired"),
        (document("in_force", end=END), END, "no", "expired"),
        (document("not_yet_in_force", begin=TOMORROW), TOMORROW, "yes", "within_dates"),
        (document("expired"), DURING, "unknown", "expired"),
        (document("expired"), BEGIN - timedelta(days=1), "no", "before_effect"),
        (document("in_force", begin=None), DURING, "unknown", "dates_missing"),
        (document("in_force", begin=None, end=END), END, "no", "expired"),
        (document("partly_expired"), DURING, "partly", "partly_expired"),
        (document("partly_suspended"), DURING, "partly", "suspended"),
        (document("suspended"), DURING, "unknown", "suspended"),
        (document("no_longer_appropriate"), DURING, "unknown", "no_longer_appropriate"),
        (document("unknown"), DURING, "unknown", "status_unknown"),
        (document("unknown", end=TODAY + timedelta(days=9)), TODAY, "yes", "within_dates"),
        (document("unknown", end=END), DURING, "yes", "within_dates"),
        (document("expired", end=TODAY + timedelta(days=1)), DURING, "unknown", "inconsistent"),
        (document("expired", end=TODAY), DURING, "yes", "within_dates"),
        (document("not_yet_in_force", begin=TODAY), TODAY, "unknown", "inconsistent"),
        (document("not_yet_in_force"), DURING, "unknown", "inconsistent"),
    ],
)
def test_dates_decide_and_the_present_status_only_fills_in(
    found: Document, day: date, in_force: str, reason: str
) -> None:
    """The day of the end is the first without effect."""
    effect = effect_on(day, found, today=TODAY)

    assert (effect.day, effect.in_force, effect.reason) == (day, in_force, reason)


@pytest.mark.parametrize(
    ("relation", "in_force"),
    [
        (related("replaces", "incoming"), "unknown"),
        (related("replaces", "outgoing"), "yes"),
        (related("amends", "incoming"), "yes"),
        (related("abrogates", "incoming"), "yes"),
    ],
)
def test_a_document_that_another_replaced_on_an_unknown_day_is_in_doubt(relation: Relation, in_force: str) -> None:
    """Although the source still calls it in force; amending and abrogating leave some of it."""
    assert effect_on(DURING, document(), (relation,), today=TODAY).in_force == in_force


def test_a_known_end_settles_who_replaced_it() -> None:
    """Until that day it was in force."""
    replaced = effect_on(DURING, document("expired", end=END), (related("replaces", "incoming"),), today=TODAY)

    assert replaced.in_force == "yes"


def test_the_effect_stands_in_the_answer_where_it_was_asked() -> None:
    """With the document's own relations."""
    found = document(relations=(related("replaces", "incoming"),))

    assert with_effect(found, None, NOW).effect is None
    asked = with_effect(found, DURING, NOW).effect
    assert asked is not None
    assert asked.reason == "superseded"


def test_today_is_vietnams() -> None:
    """At midnight there it is still the day before in UTC."""
    effect = with_effect(document("not_yet_in_force", begin=TODAY), TODAY, NOW).effect

    assert effect is not None
    assert effect.reason == "inconsistent"
    before = with_effect(document("not_yet_in_force", begin=TODAY), TODAY, NOW - timedelta(seconds=1)).effect
    assert before is not None
    assert before.in_force == "yes"


days = st.dates(date(1945, 9, 2), date(2100, 1, 1))


@given(day=days, begin=st.none() | days, end=st.none() | days, status=st.sampled_from(STATUSES))
def test_no_day_outside_the_dates_is_ever_in_force(
    day: date, begin: date | None, end: date | None, status: str
) -> None:
    """Whatever else the source says."""
    effect = effect_on(day, document(status, begin, end), today=TODAY)

    if (begin is not None and day < begin) or (end is not None and day >= end):
        assert effect.in_force == "no"
    else:
        assert effect.in_force != "no"
        assert effect.in_force != "yes" or end is not None or status != "unknown"
