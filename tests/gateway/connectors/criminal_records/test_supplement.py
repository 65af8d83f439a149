"""A supplement goes while it is asked for; what was sent is not cancelled."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.connectors.criminal_records.lltp2024 import LLTP2024
from gateway.connectors.criminal_records.lltp2024 import calls as lltp2024
from gateway.connectors.criminal_records.lltp2024.translate import Lltp2024Settings
from gateway.connectors.criminal_records.ngsp import calls as road
from gateway.connectors.criminal_records.operations import CANCEL, SUPPLEMENT
from gateway.core.message import Reply
from gateway.core.problems import Conflict, GatewayError, InvalidRequest
from gateway.testing import FakeUpstream, make_call
from tests.gateway.connectors.criminal_records.support import (
    CODE,
    LLTP,
    QUERY,
    ngsp_that_has,
    order_with,
    processed,
)

TAKEN = {"status": 1, "statusDescription": "Gửi thông tin thành công"}
KNOWN = {"status": 0, "statusDescription": "đã được tiếp nhận, không thể cập nhật thông tin"}


def upstream(
    state: object, said: object = TAKEN, *, sent_before: bool = False, operation: Any = SUPPLEMENT
) -> FakeUpstream[Lltp2024Settings]:
    """The newer generation with an application in *state*, answering *said* to what is sent."""
    status = state if isinstance(state, dict | Reply) else processed(state)
    call = make_call(operation, order_with(), may_have_arrived=sent_before)
    return FakeUpstream(LLTP2024, LLTP, {"nhanTrangThai": status, "guiHoSo": said}, call=call)


async def test_supplement_that_is_asked_for_is_sent() -> None:
    """The state is asked first, then the whole application goes."""
    up = upstream("5")

    found = await lltp2024.supplement(order_with(), up)

    assert found is not None
    assert (found.application_id, found.state) == (CODE, "received")
    assert [exchange.name for exchange in up.sent] == ["nhanTrangThai", "guiHoSo"]


@pytest.mark.parametrize("state", ["2", "4", "9", "99"])
async def test_supplement_that_nobody_asks_for_is_a_conflict(state: str) -> None:
    """Nothing is sent, and the outcome is certain."""
    up = upstream(state)

    with pytest.raises(Conflict) as met:
        await lltp2024.supplement(order_with(), up)

    assert (met.value.reason, met.value.outcome("write")) == ("supplement_not_requested", "not_done")
    assert [exchange.name for exchange in up.sent] == ["nhanTrangThai"]


async def test_supplement_of_unknown_outcome_has_arrived_once_the_state_went_on() -> None:
    """Sent again under its key, it is not sent a second time."""
    up = upstream("4", sent_before=True)

    found = await lltp2024.supplement(order_with(), up)

    assert found is not None
    assert found.state == "in_process"
    assert [exchange.name for exchange in up.sent] == ["nhanTrangThai"]


async def test_supplement_of_unknown_outcome_goes_again_while_it_is_asked_for() -> None:
    """Then "we have it" is success too."""
    up = upstream("5", KNOWN, sent_before=True)

    found = await lltp2024.supplement(order_with(), up)

    assert found is not None
    assert [exchange.name for exchange in up.sent] == ["nhanTrangThai", "guiHoSo"]


async def test_supplement_is_checked_like_an_application() -> None:
    """A refused request costs no call."""
    up = upstream("5")

    with pytest.raises(InvalidRequest) as met:
        await lltp2024.supplement(order_with(due_on="2026-11-01"), up)

    assert [error.pointer for error in met.value.errors] == ["/due_on"]
    assert up.sent == []


async def test_supplement_of_no_application_is_not_found() -> None:
    """None is the fact that they have none."""
    assert await lltp2024.supplement(order_with(), upstream({"status": 1, "value": []})) is None


async def test_supplement_is_not_sent_where_the_state_is_not_told() -> None:
    """No byte of it has left."""
    up = upstream(Reply(500, {}, None))

    with pytest.raises(GatewayError) as met:
        await lltp2024.supplement(order_with(), up)

    assert met.value.outcome("write") == "not_done"
    assert [exchange.name for exchange in up.sent] == ["nhanTrangThai"]


async def test_what_they_ask_for_is_told_in_their_words() -> None:
    """Only while they ask for it."""
    asked, later = processed("5"), processed("4")
    for body in (asked, later):
        body["value"][0] |= {"lyDoTuChoi": "Bổ sung bản chụp hộ chiếu", "tenTrangThaiXuLy": "Yêu cầu bổ sung"}
    found = [await lltp2024.application(QUERY, upstream(body)) for body in (asked, later)]

    assert [one and one.supplement_request for one in found] == ["Bổ sung bản chụp hộ chiếu", None]
    assert found[0] is not None
    assert found[0].source_text == "Yêu cầu bổ sung"


async def test_what_they_ask_for_may_stand_in_a_note() -> None:
    """The contract has ``ghiChu`` beside ``lyDoTuChoi``."""
    body = processed("5")
    body["value"][0]["ghiChu"] = "Bổ sung văn bản ủy quyền"
    found = await lltp2024.application(QUERY, upstream(body))

    assert found is not None
    assert found.supplement_request == "Bổ sung văn bản ủy quyền"


async def test_what_was_sent_is_not_cancelled_in_any_dialect() -> None:
    """The reason says what the citizen can do; of what they never had they say that they have none."""
    with pytest.raises(Conflict) as met:
        await lltp2024.cancel(QUERY, upstream("4", operation=CANCEL))
    with pytest.raises(Conflict) as older:
        await road.cancel(QUERY, ngsp_that_has({"STATUS": "1", "DEC_STATUS_ID": "4"}))

    assert (met.value.reason, older.value.reason) == ("already_sent", "already_sent")
    assert await lltp2024.cancel(QUERY, upstream({"status": 1, "value": []}, operation=CANCEL)) is None
    assert await road.cancel(QUERY, ngsp_that_has(None)) is None
