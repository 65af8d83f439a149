"""Each operation in both dialects, against an upstream that answers what the test says."""

from __future__ import annotations

import pytest

from gateway.connectors.criminal_records.lltp2024 import calls as lltp2024
from gateway.connectors.criminal_records.ngsp import calls as road
from gateway.core.message import Reply
from gateway.core.problems import AlreadyReceived, GatewayError, NotFound, OffContract
from tests.gateway.connectors.criminal_records.support import (
    CODE,
    PDF,
    PDF_BASE64,
    QUERY,
    lltp,
    ngsp,
    ngsp_that_has,
    order_with,
    processed,
)

KNOWN = "đã được tiếp nhận, không thể cập nhật thông tin"
OTHER = "000.00.04.H58-261124-0002"


async def test_apply_in_lltp2024_is_received() -> None:
    """An accepted application is under way, under its dossier code."""
    up = lltp({"status": 1, "statusDescription": "Gửi thông tin thành công"}, "write")

    found = await lltp2024.apply(order_with(), up)

    assert (found.application_id, found.state) == (CODE, "received")
    assert [exchange.name for exchange in up.sent] == ["guiHoSo"]


async def test_apply_in_ngsp_gives_the_systems_own_number() -> None:
    """The NGSP's own ID is kept: changes are told and acknowledged by it."""
    up = ngsp_that_has(None)

    found = await road.apply(order_with(), up)

    assert (found.application_id, found.state, found.source_id) == (CODE, "received", "ABC")
    assert [exchange.name for exchange in up.sent] == ["traTrangThaiHs", "nhanHoSoDangKy"]


@pytest.mark.parametrize("state", ["3", "4", "5", "99"])
async def test_apply_in_ngsp_sends_nothing_that_they_have(state: str) -> None:
    """Another process may have sent it, and whether they refuse a second one is not known: they are asked first."""
    up = ngsp_that_has({"STATUS": "1", "DEC_STATUS_ID": state})

    with pytest.raises(AlreadyReceived) as caught:
        await road.apply(order_with(), up)

    assert caught.value.outcome("write") == "unknown"
    assert [exchange.name for exchange in up.sent] == ["traTrangThaiHs"]


@pytest.mark.parametrize("status", [500, 401, 404])
async def test_apply_in_ngsp_sends_nothing_where_the_state_is_not_told(status: int) -> None:
    """No byte of the order has left, so that nothing was done is known."""
    up = ngsp_that_has(Reply(status, {}, None))

    with pytest.raises(GatewayError) as caught:
        await road.apply(order_with(), up)

    assert caught.value.outcome("write") == "not_done"
    assert [exchange.name for exchange in up.sent] == ["traTrangThaiHs"]


@pytest.mark.parametrize("status", [404, 410])
@pytest.mark.parametrize("sent_before", [False, True])
async def test_an_empty_404_does_not_let_an_order_out(status: int, sent_before: bool) -> None:
    """A proxy may have said it: only their STATUS 201 proves that they don't have an order which another sent."""
    up = ngsp_that_has(Reply(status, {}, None, empty=True), sent_before=sent_before)

    with pytest.raises(OffContract) as caught:
        await road.apply(order_with(), up)

    assert caught.value.outcome("write") == ("unknown" if sent_before else "not_done")
    assert [exchange.name for exchange in up.sent] == ["traTrangThaiHs"]


@pytest.mark.parametrize("status", [404, 410])
async def test_an_empty_404_to_a_question_is_no_application(status: int) -> None:
    """Where nothing is sent on that word, an empty 404 is the contract's "no such dossier"."""
    assert await road.application(QUERY, ngsp_that_has(Reply(status, {}, None, empty=True))) is None


async def test_apply_again_is_a_conflict() -> None:
    """A dossier that they have already may be this order's or another's: the outcome is unknown."""
    with pytest.raises(AlreadyReceived) as caught:
        await lltp2024.apply(order_with(), lltp({"status": 0, "statusDescription": KNOWN}, "write"))

    assert caught.value.outcome("write") == "unknown"


async def test_application_of_each_dialect() -> None:
    """The state is found by the dossier code."""
    newer = await lltp2024.application(QUERY, lltp(processed("5")))
    older = await road.application(QUERY, ngsp({"STATUS": 1, "DEC_STATUS_ID": 4, "APPROVE_DATE": "01/01/0001"}))

    assert newer is not None
    assert older is not None
    assert (newer.state, older.state) == ("supplement_requested", "in_process")
    assert older.approved_on is None


async def test_unknown_application_is_none() -> None:
    """No such application is a fact in both dialects."""
    assert await lltp2024.application(QUERY, lltp({"status": 1, "value": []})) is None
    assert await lltp2024.certificate(QUERY, lltp({"status": 1, "value": []})) is None
    assert await road.application(QUERY, ngsp({"STATUS": "201", "DESCRIPTION": ""})) is None


async def test_another_record_is_refused() -> None:
    """An answer about another dossier is never passed on."""
    for call in (lltp2024.application, lltp2024.certificate):
        with pytest.raises(OffContract) as caught:
            await call(QUERY, lltp(processed("9", {"phieuLLTP": PDF_BASE64}, code=OTHER)))

        assert caught.value.reason == "inconsistent_response"


async def test_record_is_found_among_several() -> None:
    """A list may hold more than was asked; the newest entry of the dossier counts."""
    body = processed("4")
    entries = [*body["value"], *processed("9", code=OTHER)["value"], *processed("5")["value"]]

    found = await lltp2024.application(QUERY, lltp({**body, "value": entries}))

    assert found is not None
    assert found.source_code == "5"


async def test_certificate_is_streamed_as_pdf() -> None:
    """The file comes with its media type and a name that holds the dossier code."""
    found = await lltp2024.certificate(QUERY, lltp(processed("10", {"phieuLLTP": PDF_BASE64})))

    assert found is not None
    assert (found.media_type, found.filename) == ("application/pdf", f"phieu-lltp-{CODE}.pdf")
    assert b"".join([chunk async for chunk in found.chunks]) == PDF


async def test_certificate_that_is_not_issued_is_not_found() -> None:
    """While there is none, the answer is that there is none."""
    with pytest.raises(NotFound):
        await lltp2024.certificate(QUERY, lltp(processed("4")))


@pytest.mark.parametrize("missing", ["maHoSoMCDT", "trangThaiXuLy", "value", "status"])
async def test_answer_without_what_it_needs_is_off_contract(missing: str) -> None:
    """A contract that changed without notice is noticed."""
    body = processed("4")
    del (body["value"][0] if missing.startswith(("ma", "trang")) else body)[missing]

    with pytest.raises(OffContract):
        await lltp2024.application(QUERY, lltp(body))


@pytest.mark.parametrize("day", ["hôm qua", "31/02/2026", "20/11/3026"])
async def test_date_that_cannot_be_read_is_null(day: str) -> None:
    """A date in a format that nobody knows voids itself, and the answer says where."""
    found = await lltp2024.application(QUERY, lltp(processed("9", {"ngayCapPhieu": day})))

    assert found is not None
    assert (found.state, found.issued_on, found.gaps.incomplete) == ("issued", None, ("/issued_on",))


async def test_entry_that_cannot_be_read_is_no_other_application() -> None:
    """An entry without its dossier is malformed: neither another's, nor none."""
    with pytest.raises(OffContract) as caught:
        await lltp2024.application(QUERY, lltp({"status": "1", "value": [{"trangThaiXuLy": "4"}, None]}))

    assert caught.value.reason == "malformed"


@pytest.mark.parametrize("status", [500, 404, 504])
async def test_http_errors_are_judged_by_status(status: int) -> None:
    """Other statuses than 200 follow the general table, in both dialects."""
    with pytest.raises(GatewayError):
        await lltp2024.application(QUERY, lltp({}, status=status))
    with pytest.raises(GatewayError):
        await road.application(QUERY, ngsp({}, status=status))
