"""The faults of a SOAP service's security door (WS-Security), and of messages off its schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from gateway.core.message import SoapFault
from gateway.core.problems import GatewayError, OffContract, Refused
from gateway.core.vietnamese import folded


def _refused(detail: str) -> Callable[[], GatewayError]:
    return lambda: Refused(detail, reason="credentials", may_have_arrived=False)


FAULTS: Final[Mapping[str, Callable[[], GatewayError]]] = {
    "FailedAuthentication": _refused("The source does not accept name and password of the account."),
    "FailedCheck": _refused("The source does not accept the message's security header."),
    "InvalidSecurityToken": _refused("The source does not accept the message's token."),
    "UnsupportedSecurityToken": _refused("The source does not accept this kind of token."),
    "MessageExpired": _refused("The source finds the message too old or too new; compare the clocks."),
}
"""Codes of WSS SOAP Message Security 1.1.1, section 12. The door answers before the message is read."""
_REPLAYED: Final = "replay"
_UNREADABLE: Final = (folded("Unmarshalling Error"), folded("Message part was not recognized"))
"""Of a message off the schema, as JAXB and Apache CXF say it [S]."""


def at_the_door(fault: SoapFault) -> GatewayError | None:
    """The error that *fault* stands for; None for one of the service itself."""
    if fault.code in FAULTS:
        return FAULTS[fault.code]()
    if fault.code == "InvalidSecurity":
        # A nonce that was seen before: this message came twice, and the first of them may have been worked.
        twice = _REPLAYED in fault.message.lower()
        return Refused(
            "The source does not accept the message's security header.", reason="credentials", may_have_arrived=twice
        )
    if any(words in folded(fault.message) for words in _UNREADABLE):
        return OffContract(
            "The source says that the gateway's message is off its schema.",
            reason="off_contract",
            may_have_arrived=False,
        )
    return None
