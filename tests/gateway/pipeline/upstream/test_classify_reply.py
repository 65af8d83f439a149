"""The status comes before the body, and a dialect's table says only what the status allows."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import pytest

from gateway.core.canonical import Wire
from gateway.core.message import Exchange, Outcome, Reply, ReplyKind, Rest, SoapFault
from gateway.core.operation import Operation
from gateway.core.problems import Effect, Failing, GatewayError, InvalidRequest, OffContract, Refused
from gateway.core.upstream import UpstreamRequest
from gateway.pipeline.upstream.classify_reply import ClassifyReply, TokenSpent, by_status
from gateway.testing import make_call
from gateway.testing.clock import FakeClock
from tests.support.every_operation import OPERATIONS

CLOCK: Final = FakeClock()
OPERATION: Final[Operation[Any, Any]] = OPERATIONS["business_registry.enterprise"]
ALLOW_LIST: Final = Refused("our address", reason="allow_list")


class Found(Wire):
    """An answer of the source."""

    name: str = ""


def met(reply: Reply, said: Outcome, effect: Effect = "read", *, before_order: bool = False) -> object:
    """The answer, None for no such record, or the error, where the dialect's table says *said*."""

    async def send(_: Exchange) -> Reply:
        return reply

    step = ClassifyReply(send, lambda *_: said, CLOCK, lambda _: None, "a", "b")
    exchange = Rest(name="a", path="a", before_order=before_order)
    request = UpstreamRequest(exchange, make_call(OPERATION), effect, Found, None)
    try:
        return asyncio.run(step(request))
    except GatewayError as error:
        return error


def reason(found: object) -> str | None:
    """The reason of an error."""
    return found.reason if isinstance(found, GatewayError) else None


@pytest.mark.parametrize("status", [429, 503, 504])
@pytest.mark.parametrize("said", [ReplyKind.ANSWER, ReplyKind.NO_RECORD, ReplyKind.LOGIN_EXPIRED, ALLOW_LIST])
def test_a_table_is_not_asked_under_a_status_that_says_all(status: int, said: Outcome) -> None:
    """Whatever it would find in the body."""
    found = met(Reply(status, {"retry-after": "70"}, {}), said)

    assert isinstance(found, GatewayError)
    assert (found.retry_after, found.upstream_status) == (70.0, status)
    assert found.reason == {429: "quota_spent", 503: "upstream_error", 504: "attempt"}[status]


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("said", [ReplyKind.ANSWER, ReplyKind.NO_RECORD, None, InvalidRequest(), Failing(reason="x")])
def test_a_refusal_stays_one(status: int, said: Outcome) -> None:
    """No fact and no failure is found in it; the token is renewed."""
    found = met(Reply(status, {}, {}), said)

    assert isinstance(found, TokenSpent)
    assert (found.reason, found.upstream_status) == ("credentials", status)


@pytest.mark.parametrize("status", [401, 403])
def test_a_table_can_tell_the_kind_of_refusal(status: int) -> None:
    """An address that is not on a list is mended elsewhere than a key."""
    assert reason(met(Reply(status, {}, {}), ALLOW_LIST)) == "allow_list"


@pytest.mark.parametrize("status", [301, 400, 404, 409, 418, 500, 502, 599])
def test_an_answer_comes_with_success(status: int) -> None:
    """Facts under another status are not believed."""
    assert isinstance(met(Reply(status, {}, {"name": "x"}), ReplyKind.ANSWER), Failing | OffContract)
    assert isinstance(met(Reply(200, {}, {"name": "x"}), ReplyKind.ANSWER), Found)


@pytest.mark.parametrize(
    ("status", "fact"), [(200, True), (400, True), (404, True), (410, True), (500, True), (302, False), (502, False)]
)
def test_no_such_record_is_said_by_the_source_itself(status: int, fact: bool) -> None:
    """A SOAP fault says it with 500; a redirect and a proxy never do."""
    assert (met(Reply(status, {}, {}), ReplyKind.NO_RECORD) is None) is fact


@pytest.mark.parametrize("status", [404, 410])
def test_an_empty_404_reaches_the_table(status: int) -> None:
    """It says what its contract says; where it says nothing, it is off contract."""
    empty = Reply(status, {}, None, OffContract(reason="malformed"), empty=True)

    assert met(empty, ReplyKind.NO_RECORD) is None
    assert reason(met(empty, None)) == "off_contract"


@pytest.mark.parametrize("status", [404, 410])
def test_an_order_does_not_go_out_on_an_empty_404(status: int) -> None:
    """A proxy may have said it; a source that says "none" in words, under whatever status, is believed."""
    empty = Reply(status, {}, None, OffContract(reason="malformed"), empty=True)

    assert reason(met(empty, ReplyKind.NO_RECORD, before_order=True)) == "off_contract"
    assert met(Reply(status, {}, {"code": "201"}), ReplyKind.NO_RECORD, before_order=True) is None
    assert met(Reply(200, {}, {"code": "201"}), ReplyKind.NO_RECORD, before_order=True) is None


def test_any_other_body_that_cannot_be_read_does_not() -> None:
    """A page under 404 is no empty 404, and an empty 200 no fact."""
    for reply in (Reply(404, {}, None, Failing(reason="maintenance")), Reply(200, {}, None, OffContract(), empty=True)):
        assert isinstance(met(reply, ReplyKind.NO_RECORD), OffContract)


@pytest.mark.parametrize("body", [None, {}, {"message": "too large"}, SoapFault("Client", "x")])
def test_an_order_that_is_too_large_was_not_done(body: object) -> None:
    """413 is said before anything is taken in; a question of that size is nobody's."""
    order, question = (met(Reply(413, {}, body), ReplyKind.ANSWER, effect) for effect in ("write", "read"))

    assert isinstance(order, Refused)
    assert (order.reason, order.outcome("write"), order.may_retry("write")) == ("too_large", "not_done", False)
    assert reason(question) == "off_contract"


@pytest.mark.parametrize("status", [200, 400, 500])
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (SoapFault("Server", ""), Failing),
        (SoapFault("MOI", "", wider=("Server",)), Failing),
        (SoapFault("Client", ""), OffContract),
        (SoapFault("MOI", "", wider=("LOI", "Client")), OffContract),
        (SoapFault("InvalidSecurity", "", wider=("Sender",)), OffContract),
        (SoapFault("DataEncodingUnknown", ""), OffContract),
    ],
)
def test_a_fault_is_classed_by_its_widest_code(status: int, fault: SoapFault, kind: type[GatewayError]) -> None:
    """A subcode refines whose fault it is and does not change it."""
    assert isinstance(by_status(Reply(status, {}, fault), CLOCK.now()), kind)


@pytest.mark.parametrize(
    ("status", "defect", "expected"),
    [
        (500, "response_too_large", "response_too_large"),
        (404, "forbidden_xml", "forbidden_xml"),
        (503, "response_too_large", "upstream_error"),
        (500, "malformed", "upstream_error"),
        (503, "maintenance", "maintenance"),
        (500, "cut_off", "upstream_error"),
    ],
)
def test_a_breach_is_told_unless_the_status_says_more(status: int, defect: str, expected: str) -> None:
    """A bomb is not fetched again for its 500; a 503 is one, whatever it carries."""
    kind = Failing if defect in {"maintenance", "cut_off"} else OffContract

    assert reason(by_status(Reply(status, {}, None, kind(reason=defect)), CLOCK.now())) == expected
