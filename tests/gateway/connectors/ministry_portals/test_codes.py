"""Each code of each table has its meaning, in the shape in which it comes."""

from __future__ import annotations

import pytest

from gateway.connectors.ministry_portals.rest import REST
from gateway.connectors.ministry_portals.rest.translate import CODES, CODES_OF_CALLS
from gateway.connectors.ministry_portals.transport import TRANSPORT
from gateway.connectors.ministry_portals.transport import translate as transport
from gateway.connectors.ministry_portals.ws import WS
from gateway.core.connector import Dialect
from gateway.core.message import Reply, ReplyKind, Rest, Soap, SoapFault
from gateway.core.problems import GatewayError, Refused
from gateway.core.wss import FAULTS

OF_CALLS = sorted({*CODES, *(code for codes in CODES_OF_CALLS.values() for code in codes)})


@pytest.mark.parametrize("dialect", [REST, WS], ids=["rest", "ws"])
@pytest.mark.parametrize("call", ["TraCuuHoSo", "LayHoSoGuiTinh", *CODES_OF_CALLS])
@pytest.mark.parametrize("code", OF_CALLS)
def test_each_code_is_a_fact_or_an_error_of_the_tree(dialect: Dialect, call: str, code: str) -> None:
    """Of an order a code that only other calls know is left to the ministry's sentences, never taken for success."""
    found = dialect.classify(Rest(name=call, path="x"), Reply(200, {}, {"error_code": code.zfill(2), "message": "x"}))

    if code in CODES or code in CODES_OF_CALLS.get(call, {}) or call in {"TraCuuHoSo", "LayHoSoGuiTinh"}:
        assert found is ReplyKind.LOGIN_EXPIRED or isinstance(found, GatewayError)
    else:
        assert found is ReplyKind.ANSWER


@pytest.mark.parametrize("code", sorted(transport.CODES))
def test_each_code_of_the_transport_ministry_is_an_error(code: str) -> None:
    """Also as a text."""
    for written in (code, int(code)):
        reply = Reply(200, {}, {"error_code": written, "data": []})
        assert isinstance(TRANSPORT.classify(Rest(name="danhsachhoso", path="x"), reply), GatewayError)


@pytest.mark.parametrize("code", sorted(FAULTS))
def test_each_fault_of_the_security_door_is_a_refusal(code: str) -> None:
    """The door answers before a message is read, so nothing arrived."""
    found = WS.classify(Soap(name="DongBoHoSoMC"), Reply(500, {}, SoapFault(code, "")))

    assert isinstance(found, Refused)
    assert not found.may_have_arrived


@pytest.mark.parametrize(("message", "may_have_arrived"), [("Replay detected", True), ("No security header", False)])
def test_message_that_came_twice_may_have_been_worked(message: str, *, may_have_arrived: bool) -> None:
    """A nonce that was seen before."""
    found = WS.classify(Soap(name="DongBoHoSoMC"), Reply(500, {}, SoapFault("InvalidSecurity", message)))

    assert isinstance(found, Refused)
    assert found.may_have_arrived is may_have_arrived
