"""Orders about dossiers: their lanes, their first answer, and what the store tells of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gateway.core.durable import CaseRecord, Moment
from gateway.core.mistakes import NOT_A_DATE
from gateway.core.problems import InvalidRequest
from gateway.dossiers import orders
from gateway.dossiers.model import DossierSync

CODE = "000.00.04.H58-260106-0001"
AT = datetime(2026, 1, 6, 2, 15, tzinfo=UTC)


def record(state: str, *kinds: str, data: bytes | None = None, reason: str | None = None) -> CaseRecord:
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
    told = orders.present(record("refused", "accepted", "refused", reason="off_contract"))

    assert told.parked is not None
    assert (told.parked.reason, told.parked.since) == ("off_contract", AT + timedelta(minutes=1))


def test_all_mistakes_are_told_at_once() -> None:
    """A body is mended in one go; without a mistake nothing is raised."""
    orders.refuse([])
    with pytest.raises(InvalidRequest) as refused:
        orders.refuse([("/due_at", NOT_A_DATE), ("/status", NOT_A_DATE)])
    assert [error.pointer for error in refused.value.errors] == ["/due_at", "/status"]
