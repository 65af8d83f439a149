"""A REST or SOAP service with its contract and the mask of its answers."""

from __future__ import annotations

from pathlib import Path

from conformance.masking import Mask
from conformance.openapi import read_openapi
from conformance.rest import Rest
from conformance.schema import ContractError
from conformance.soap import Soap
from conformance.suite import ServiceSuite
from conformance.values import Credentials, Values
from conformance.wsdl import read_wsdl

Service = Rest | Soap
#: A Fault's codes may be shown, its sentences not: they may quote the request.
_FAULT = frozenset({"faultcode", "Code", "Subcode", "Value"})


def open_service(folder: Path, suite: ServiceSuite, base: str, credentials: Credentials) -> Service:
    """Reads the contract of one service.

    Raises:
        ContractError: the contract can't be read, its suite names an unknown call, or a credential is missing.
    """
    secrets = list(credentials.by_name.values())
    if suite.openapi is not None:
        api = read_openapi(folder / suite.openapi)
        mask = Mask(api.personal | frozenset(suite.personal), api.known).with_secrets(secrets)
        _known_calls(suite, set(api.operations), folder / suite.openapi)
        return Rest(suite, base, api, mask)
    assert suite.wsdl is not None, "a service names either openapi or wsdl"
    wsdl = read_wsdl(folder / suite.wsdl)
    _known_calls(suite, set(wsdl.operations), folder / suite.wsdl)
    token = None
    if suite.security is not None:
        values = Values({}, credentials)
        token = (values.filled(suite.security.username), values.filled(suite.security.password))
    mask = Mask(frozenset(suite.personal), wsdl.known | _FAULT).with_secrets(secrets)
    return Soap(suite, base, wsdl, mask, token)


def _known_calls(suite: ServiceSuite, known: set[str], contract: Path) -> None:
    named = set(suite.calls) | ({suite.login.call} if suite.login else set())
    if unknown := sorted(named - known):
        raise ContractError(
            f"{contract} has no operation {', '.join(unknown)}; the operations are {', '.join(sorted(known))}"
        )
