"""Translates between the uniform API and the SOAP form of a ministry's portal, without I/O; fields are ``rest``'s."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field, SecretStr

from gateway.connectors.ministry_portals.rest import translate as rest
from gateway.connectors.ministry_portals.settings import PortalSettings
from gateway.core.lenient import is_nothing
from gateway.core.message import Exchange, Outcome, Reply, Soap, SoapFault, UsernameToken
from gateway.core.wss import at_the_door


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


def classify(exchange: Exchange, reply: Reply) -> Outcome:
    """Reads the faults of the security door and of a message off the schema; answers as those of ``rest``."""
    if not isinstance(reply.body, SoapFault):
        return rest.judged(exchange, reply, is_nothing)  # an empty list has no element in XML
    return at_the_door(reply.body)
