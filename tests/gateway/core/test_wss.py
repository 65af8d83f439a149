"""The faults of a SOAP service's security door, and whether the message before them may have been worked."""

from __future__ import annotations

import pytest

from gateway.core.message import SoapFault
from gateway.core.problems import OffContract, Refused
from gateway.core.wss import FAULTS, at_the_door


def test_table_is_that_of_the_standard() -> None:
    """WSS SOAP Message Security 1.1.1, section 12, but for the code that says nothing finer."""
    assert set(FAULTS) == {
        "FailedAuthentication", "FailedCheck", "InvalidSecurityToken", "MessageExpired", "UnsupportedSecurityToken",
    }  # fmt: skip


@pytest.mark.parametrize("code", FAULTS)
def test_door_refuses_before_the_message_is_read(code: str) -> None:
    """Its operator must act; nothing arrived."""
    found = at_the_door(SoapFault(code, "no"))

    assert isinstance(found, Refused)
    assert (found.reason, found.may_have_arrived) == ("credentials", False)


@pytest.mark.parametrize(("text", "twice"), [("Replay detected", True), ("no header", False)])
def test_message_that_came_twice_may_have_been_worked(text: str, *, twice: bool) -> None:
    """The first copy, whose nonce was seen."""
    found = at_the_door(SoapFault("InvalidSecurity", text))

    assert isinstance(found, Refused)
    assert found.may_have_arrived is twice


def test_message_off_the_schema_is_our_mistake() -> None:
    """As two kinds of servers say it; a fault of the service itself is read by others."""
    for text in (
        "Unmarshalling Error: unexpected element",
        "Message part was not recognized. (Does it exist in service WSDL?)",
    ):
        found = at_the_door(SoapFault("Client", text))
        assert isinstance(found, OffContract)
        assert not found.may_have_arrived
    assert at_the_door(SoapFault("Server", "down")) is None
