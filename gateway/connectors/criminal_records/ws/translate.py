"""Translates between the uniform API and the SOAP form of the service, without I/O; fields are those of ``ngsp``."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field, SecretStr

from gateway.connectors.criminal_records.model import ApplicationOrder
from gateway.connectors.criminal_records.ngsp import translate as ngsp
from gateway.core.message import Exchange, Outcome, Reply, Soap, SoapFault, UsernameToken
from gateway.core.wss import at_the_door


class WsSettings(ngsp.DepartmentSettings):
    """The province and its account at the SOAP service."""

    username: str = Field(min_length=1, description="wsse:Username")
    password: SecretStr = Field(description="of the account; only its digest is sent")


def username_token(settings: WsSettings) -> UsernameToken:
    """The account whose token each message carries."""
    return UsernameToken(settings.username, settings.password.get_secret_value())


def submission(order: ApplicationOrder, settings: WsSettings) -> Soap:
    """The message that carries *order*.

    Raises:
        InvalidRequest: The order has a field that this generation cannot carry, or a value that has no code.
    """
    return Soap(name=ngsp.SUBMIT, arguments=ngsp.fields_of_order(order, settings))


def status_request(dossier_code: str, *, before_order: bool = False) -> Soap:
    """The question for the state of *dossier_code*; *before_order* as for ``ngsp``."""
    return Soap(name=ngsp.STATUS, arguments=ngsp.fields_of_status(dossier_code), before_order=before_order)


def changes_request() -> Soap:
    """The question for the states that nobody has acknowledged."""
    return Soap(name=ngsp.CHANGES, arguments=ngsp.fields_of_changes())


def mark_request(source_ids: Sequence[str]) -> Soap:
    """The acknowledgement of states, by the source's own numbers."""
    return Soap(name=ngsp.MARK, arguments=ngsp.fields_of_mark(source_ids))


# ---- back


def classify(exchange: Exchange, reply: Reply) -> Outcome:
    """Reads the faults of the security door and of a message off the schema; answers as those of ``ngsp``."""
    if not isinstance(reply.body, SoapFault):
        return ngsp.classify(exchange, reply)
    return at_the_door(reply.body)
