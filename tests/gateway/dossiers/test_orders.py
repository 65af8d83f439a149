"""Orders about dossiers: their lanes, their first answer, and what the store tells of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gateway.core.durable import CaseRecord, CaseView, Hold, Moment
from gateway.core.mistakes import NOT_A_DATE
from gateway.core.problems import Conflict, InvalidRequest
from gateway.dossiers import orders
from gateway.dossiers.model import DossierSync, Parked, StepBody

CODE = "000.00.04.H58-260106-0001"
AT = datetime(2026, 1, 6, 2, 15, tzinfo=UTC)


def record(
    state: str, *kinds: str, data: bytes | None = None, reason: str | None = None, parked_at: datetime | None = None
) -> CaseRecord:
    """A case with a history of *kinds*, a minute apart."""
    return CaseRecord(
        key=CODE,
        state=state,
        data=data,
        source_id=None,
        opened_at=AT,
        changed_at=AT,
        looked_at=None,
        due_at=None,
        ended_at=None,
        overdue=False,
        waiting=2,
        reason=reason,
        file_state="none",
        parked_at=parked_at,
        history=tuple(
            Moment(AT + timedelta(minutes=at), kind, {"operation": "public_service_portal.report_progress"})
            for at, kind in enumerate(kinds)
        ),
    )


def test_messages_of_a_dossier_share_a_lane() -> None:
    """The key is the dossier code, in orders and questions."""
    question = orders.question(CODE)
    assert orders.key_of(question) == CODE
    assert orders.accepted(question) == DossierSync(dossier_code=CODE, state="accepted")


def test_dossier_is_told_with_what_the_portal_said_last() -> None:
    """What waits and what happened comes from the store, the rest from the portal's last answer."""
    last = DossierSync(dossier_code=CODE, state="synced", status="received", source_code="2")

    told = orders.present(
        record("synced", "accepted", "arrived", "accepted", "reconciling", data=last.model_dump_json().encode())
    )

    assert (told.state, told.status, told.waiting, told.parked) == ("synced", "received", 2, None)
    assert [entry.state for entry in told.history] == ["accepted", "synced", "accepted", "reconciling"]
    assert {entry.operation for entry in told.history} == {"report_progress"}


def test_parked_dossier_says_why_and_since_when() -> None:
    """Whoever reads it need not ask an operator what happened."""
    told = orders.present(record("refused", "accepted", "refused", reason="off_contract", parked_at=AT))

    assert told.parked == Parked(reason="off_contract", since=AT)


STEP = StepBody.model_validate(
    {
        "dossier_code": CODE,
        "officer": {"full_name": "Trần Thị Mai"},
        "processed_at": "2026-01-06T09:15:00+07:00",
        "content": "Tiếp nhận hồ sơ",
        "status": "received",
    }
)


def test_step_waits_until_its_dossier_was_sent() -> None:
    """Portals take progress only of dossiers that they know."""
    assert orders.admit_step(STEP, None, None) == Hold("dossier_not_sent")
    assert orders.admit_step(STEP, CaseView("portal", "accepted", 1), None) is None
    assert orders.held(STEP).state == "held"


@pytest.mark.parametrize(("last", "late"), [(None, False), ("20260106091500", False), ("20260106091501", True)])
def test_step_before_one_that_left_comes_too_late(last: str | None, late: bool) -> None:
    """Nothing overtakes silently; a step of the same second is not before it."""
    found = orders.admit_step(STEP, CaseView("portal", "synced", 0, last_order=last), None)

    assert isinstance(found, Conflict) is late


def test_equal_steps_are_the_same_step() -> None:
    """Status, instant, officer and text decide; the hash shows none of them."""
    again = STEP.model_copy(update={"processed_at": STEP.processed_at})
    other = STEP.model_copy(update={"content": "Xử lý hồ sơ"})

    assert orders.content_hash(STEP) == orders.content_hash(again) != orders.content_hash(other)
    assert len(orders.content_hash(STEP)) <= 64


def test_all_mistakes_are_told_at_once() -> None:
    """A body is mended in one go; without a mistake nothing is raised."""
    orders.refuse([])
    with pytest.raises(InvalidRequest) as refused:
        orders.refuse([("/due_at", NOT_A_DATE), ("/status", NOT_A_DATE)])
    assert [error.pointer for error in refused.value.errors] == ["/due_at", "/status"]
