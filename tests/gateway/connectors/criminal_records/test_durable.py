"""The declarations about orders from a store: what a case takes, what asking concludes, what the store shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.connectors.criminal_records import orders
from gateway.connectors.criminal_records.lltp2024 import LLTP2024
from gateway.connectors.criminal_records.lltp2024.durable import DURABLE, ask_application, ask_supplement
from gateway.connectors.criminal_records.lltp2024.translate import Lltp2024Settings
from gateway.connectors.criminal_records.model import Application
from gateway.connectors.criminal_records.ngsp import NGSP
from gateway.connectors.criminal_records.ngsp import durable as ngsp
from gateway.connectors.criminal_records.ngsp.calls import acknowledge, changes
from gateway.connectors.criminal_records.ngsp.calls import submit as submit_ngsp
from gateway.connectors.criminal_records.operations import APPLY, SUPPLEMENT
from gateway.connectors.criminal_records.ws.durable import DURABLE as WS
from gateway.core.durable import CannotTell, CaseRecord, CaseView, Changed, Moment, NotThere, There
from gateway.core.message import Reply
from gateway.core.papers import Expected
from gateway.core.problems import OffContract
from gateway.testing import FakeUpstream, InTurn
from tests.gateway.connectors.criminal_records.support import (
    CODE,
    LLTP,
    ROAD,
    lltp,
    ngsp_that_has,
    order_with,
    processed,
)

NONE = {"status": 1, "value": []}
AT = datetime(2026, 11, 24, 3, tzinfo=UTC)


def verdict(admit: Any, state: str | None, waiting: int = 0) -> str | None:
    """Why a case in *state* does not take the order."""
    refused = admit(order_with(), None if state is None else CaseView("portal", state, waiting))
    return refused and refused.reason


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (None, None), ("refused", None), ("cancelled", None), ("accepted", "already_received"),
        ("issued", "already_received"), ("supplement_requested", "supplement_requested"),
    ],
)  # fmt: skip
def test_dossier_has_one_application(state: str | None, reason: str | None) -> None:
    """Unless the source never took it in; where a supplement is asked for, the portal is told where it goes."""
    assert verdict(orders.admit_application, state) == reason


@pytest.mark.parametrize(
    ("state", "waiting", "reason"),
    [
        (None, 0, None), ("supplement_requested", 0, None), ("supplement_requested", 1, "order_waiting"),
        ("in_process", 0, "supplement_not_requested"), ("reconciling", 1, "order_waiting"),
    ],
)  # fmt: skip
def test_supplement_is_taken_while_it_is_asked_for(state: str | None, waiting: int, reason: str | None) -> None:
    """One at a time; of an application from before the store the source is asked."""
    assert verdict(orders.admit_supplement, state, waiting) == reason


@pytest.mark.parametrize(("body", "look"), [(NONE, NotThere), (processed("2"), There), (processed("5"), There)])
async def test_application_of_unknown_outcome_is_there_or_not_yet(body: object, look: type) -> None:
    """Any state is the proof that it arrived."""
    assert isinstance(await ask_application(order_with(), lltp(body)), look)


@pytest.mark.parametrize(
    ("body", "look"),
    [(processed("5"), NotThere), (processed("4"), There), (processed("99"), CannotTell), (NONE, CannotTell)],
)
async def test_supplement_of_unknown_outcome_is_there_once_nobody_asks_for_it(body: object, look: type) -> None:
    """A state that nobody knows proves nothing."""
    assert isinstance(await ask_supplement(order_with(), lltp(body)), look)


async def test_ngsp_has_none_only_where_it_says_so_itself() -> None:
    """An empty 404 may be a proxy's; nothing is concluded from it."""
    assert isinstance(await ngsp.ask_application(order_with(), ngsp_that_has(None)), NotThere)
    assert isinstance(await ngsp.ask_application(order_with(), ngsp_that_has({"STATUS": 1, "DEC_STATUS_ID": 3})), There)
    with pytest.raises(OffContract):
        await ngsp.ask_application(order_with(), ngsp_that_has(Reply(404, {}, None, empty=True)))


async def test_ngsp_order_of_unknown_outcome_that_they_have_arrived() -> None:
    """It is not sent a second time."""
    up = ngsp_that_has({"STATUS": 1, "DEC_STATUS_ID": 3}, sent_before=True)

    assert (await submit_ngsp(order_with(), up)).state == "received"
    assert [exchange.name for exchange in up.sent] == ["traTrangThaiHs"]


async def test_changes_of_ngsp_are_told_and_acknowledged() -> None:
    """By the system's own number; a row without one is left out, and one that is unknown does not keep the others."""
    rows = [{"DECLARATION_ID": "A", "RECEIVE_NO": CODE}, {"DECLARATION_ID": "B"}, {"RECEIVE_NO": "x"}]
    unknown, well = {"STATUS": "201", "DESCRIPTION": ""}, {"STATUS": "1"}
    script = {
        "traDsTrangThaiHs": {"STATUS": "1", "LISTCONTENT": rows},
        "danhDauHsThanhCong": InTurn(unknown, well, well),
    }
    up = FakeUpstream(NGSP, ROAD, script)

    found = await changes(up)
    await acknowledge([one.token for one in found], up)
    await acknowledge([], up)

    assert list(found) == [Changed(CODE, "A", "A"), Changed(None, "B", "B")]
    asked = [exchange.json for exchange in up.rest[1:]]
    assert [one["declarationId"] for one in asked if isinstance(one, dict)] == ["A;B", "A", "B"]
    assert all(isinstance(one, dict) and one["infoType"] == "2" for one in asked)


def test_dialects_say_what_a_repetition_does() -> None:
    """Only where the source is known to refuse one is it sent again unasked."""
    assert {order.operation: order.repeat for order in DURABLE.orders} == {APPLY: "refused", SUPPLEMENT: "refused"}
    assert [(order.repeat, order.resend_after_not_there) for order in ngsp.DURABLE.orders] == [("adds", "never")]
    assert [(order.repeat, order.fresh_s) for order in WS.orders] == [("adds", 300.0)]
    assert LLTP2024.durable is DURABLE


def test_time_limit_follows_the_form_and_the_configuration() -> None:
    """Five working days, unless the province says otherwise of a form."""
    slower = Lltp2024Settings.model_validate({**LLTP.model_dump(), "time_limit_days": {"form_2": 10}})
    form_2 = order_with(certificate_form=2)

    assert orders.time_limit_days(order_with(), LLTP) == 5
    assert (orders.time_limit_days(order_with(), slower), orders.time_limit_days(form_2, slower)) == (5, 10)


def test_certificate_is_held_to_number_name_and_card() -> None:
    """Without the order, to its number alone."""
    found = Application(application_id=CODE, state="issued", certificate_number="1/2026")

    assert orders.expected(None, found) == Expected(number="1/2026")
    assert orders.expected(order_with(), found) == Expected(
        number="1/2026", full_name="Nguyễn Thị Ưu", identity_number="082187900001"
    )


# ---- what the store shows

RECORD = CaseRecord(
    key=CODE,
    state="accepted",
    data=None,
    source_id=None,
    opened_at=AT,
    changed_at=AT,
    looked_at=None,
    due_at=datetime(2026, 12, 1, 10, tzinfo=UTC),
    ended_at=None,
    overdue=False,
    waiting=1,
    reason=None,
    file_state="none",
    history=(),
)


def moments(*told: tuple[str, Mapping[str, object]]) -> tuple[Moment, ...]:
    """A history."""
    return tuple(Moment(AT, kind, detail) for kind, detail in told)


def test_application_that_nobody_has_sent_is_shown() -> None:
    """With the day by which the law wants the result."""
    found = orders.present(RECORD)

    assert (found.application_id, found.state, found.overdue) == (CODE, "accepted", False)
    assert str(found.due_on_by_law) == "2026-12-01"


def test_last_answer_is_shown_under_the_state_of_the_way() -> None:
    """What the source asked for is shown while it asks for it."""
    last = Application(
        application_id=CODE, state="supplement_requested", supplement_request="Hộ chiếu", source_code="5"
    )
    data = last.model_dump_json().encode()

    asked = orders.present(replace(RECORD, state="supplement_requested", data=data, source_id="A"))
    unsure = orders.present(replace(RECORD, state="reconciling", data=data))

    assert (asked.supplement_request, asked.source_code, asked.source_id) == ("Hộ chiếu", "5", "A")
    assert (unsure.state, unsure.supplement_request) == ("reconciling", None)
    assert orders.present(replace(RECORD, state="of a later version")).state == "unknown"


@pytest.mark.parametrize(("issued_on", "overdue"), [("2026-12-01", False), ("2026-12-02", True), (None, True)])
def test_certificate_is_as_late_as_its_own_day_says(issued_on: str | None, overdue: bool) -> None:
    """A look that comes after the law's limit does not make a certificate late that was issued before."""
    last = Application.model_validate({"application_id": CODE, "state": "issued", "issued_on": issued_on})
    record = replace(RECORD, state="issued", data=last.model_dump_json().encode(), overdue=True)

    assert orders.present(record).overdue is overdue


@pytest.mark.parametrize(
    ("said", "file_state", "available"),
    [
        (True, "wanted", False),
        (True, "kept", True),
        (True, "bad", False),
        (True, "expired", False),
        (None, "none", None),
    ],
)
def test_certificate_is_available_while_it_can_be_fetched_here(
    said: bool | None, file_state: Any, available: bool | None
) -> None:
    """A portal shows the link to a certificate that was checked, and no other."""
    last = Application(application_id=CODE, state="issued", certificate_available=said)
    record = replace(RECORD, state="issued", data=last.model_dump_json().encode(), file_state=file_state)

    assert orders.present(record).certificate_available is available


def test_history_has_a_state_and_a_word_for_each_event() -> None:
    """What does not change the state is told beside it."""
    history = moments(
        ("accepted", {}),
        ("reconciling", {"reason": "attempt"}),
        ("arrived", {"after_unknown": True}),
        ("state", {"state": "in_process"}),
        ("overdue", {}),
        ("state", {"state": "issued"}),
        ("certificate", {"sha256": "…"}),
        ("state", {"state": "withdrawn", "what": "certificate"}),
    )
    found = orders.present(replace(RECORD, history=history)).history

    assert [(one.state, one.note) for one in found] == [
        ("accepted", None),
        ("reconciling", "attempt"),
        ("received", "arrived"),
        ("in_process", None),
        ("in_process", "overdue"),
        ("issued", None),
        ("issued", "certificate"),
        ("issued", "certificate_withdrawn"),
    ]
