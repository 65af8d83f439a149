"""Translates between the uniform API and the SOAP form of a ministry's portal, without I/O; fields are ``rest``'s."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from pydantic import Field, SecretStr

from gateway.connectors.ministry_portals.rest import translate as rest
from gateway.connectors.ministry_portals.settings import PortalSettings
from gateway.core.lenient import is_nothing
from gateway.core.message import Exchange, Outcome, Reply, Soap, SoapFault, UsernameToken
from gateway.core.problems import GatewayError, OffContract, Refused
from gateway.core.vietnamese import folded


class WsSettings(PortalSettings):
    """A ministry that is asked by SOAP."""

    username: str = Field(min_length=1, description="wsse:Username")
    password: SecretStr = Field(description="of the account; only its digest is sent")


def username_token(settings: WsSettings) -> UsernameToken:
    """The account whose token each message carries."""
    return UsernameToken(settings.username, settings.password.get_secret_value())


def exchange_of(name: str, fields: Mapping[str, object], settings: WsSettings, *, before_order: bool = False) -> Soap:
    """A call of this dialect."""
    return Soap(name=name, arguments={"madonvi": settings.agency, **fields}, before_order=before_order)


def _refused(detail: str) -> Callable[[], GatewayError]:
    return lambda: Refused(detail, reason="credentials", may_have_arrived=False)


FAULTS: Final[Mapping[str, Callable[[], GatewayError]]] = {
    "FailedAuthentication": _refused("The ministry does not accept name and password of the account."),
    "FailedCheck": _refused("The ministry does not accept the message's security header."),
    "InvalidSecurityToken": _refused("The ministry does not accept the message's token."),
    "UnsupportedSecurityToken": _refused("The ministry does not accept this kind of token."),
    "MessageExpired": _refused("The ministry finds the message too old or too new; compare the clocks."),
}
"""Codes of WSS SOAP Message Security 1.1.1, section 12. The door answers before the message is read."""
_REPLAYED: Final = "replay"
_UNREADABLE: Final = (folded("Unmarshalling Error"), folded("Message part was not recognized"))
"""Of a message off the schema, as JAXB and Apache CXF say it [S]."""


def classify(exchange: Exchange, reply: Reply) -> Outcome:
    """Reads the faults of the security door and of a message off the schema; answers as those of ``rest``."""
    if not isinstance(reply.body, SoapFault):
        return rest.judged(exchange, reply, is_nothing)  # an empty list has no element in XML
    fault = reply.body
    if fault.code in FAULTS:
        return FAULTS[fault.code]()
    if fault.code == "InvalidSecurity":
        # A nonce that was seen before: this message came twice, and the first of them may have been worked.
        twice = _REPLAYED in fault.message.lower()
        return Refused(
            "The ministry does not accept the message's security header.", reason="credentials", may_have_arrived=twice
        )
    if any(words in folded(fault.message) for words in _UNREADABLE):
        return OffContract(
            "The ministry says that the gateway's message is off its schema.",
            reason="off_contract",
            may_have_arrived=False,
        )
    return None
