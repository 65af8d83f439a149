"""The pinned contract of a SOAP service, prepared: how its messages are written, and how its answers are read.

A process prepares each contract once: further upstreams with the same files, and the generations after a reload, have
the same one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import zeep
import zeep.exceptions
from lxml import etree
from zeep.wsdl.bindings.soap import Soap12Binding, SoapBinding

from gateway.adapters.errors import BundleError
from gateway.adapters.soap.answer import SOAP_11, SOAP_12
from gateway.adapters.soap.bundle import client_of, read_bundle
from gateway.adapters.soap.errors import of_zeep_error, unbuildable
from gateway.adapters.soap.reader import UnsupportedContract, Value, compile_body
from gateway.adapters.soap.writer import SoapWriter
from gateway.adapters.soap.xml import Element
from gateway.core.mistakes import NO_XML_CHARACTER
from gateway.core.problems import FieldError, InvalidRequest

MOST: Final = 16
"""Contracts that are kept; the one that was asked for longest ago goes first."""


@dataclass(frozen=True, slots=True)
class ContractOperation:
    """One operation: the headers of its message, the tag of the body element of its answer, and how that is read."""

    headers: Mapping[str, str]
    answer: str
    values_of: Callable[[Element], dict[str, Value]]


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract that is ready for use. *envelope* is the namespace of the SOAP version."""

    envelope: str
    operations: Mapping[str, ContractOperation]
    writer: SoapWriter


def load_contract(wsdl: Path) -> Contract:
    """The contract of the pinned *wsdl*. Blocks for some 30 ms the first time: call it in a thread.

    Raises:
        BundleError: When the pinned contract is not the approved one or can't be used.
    """
    return _prepared(wsdl, tuple(read_bundle(wsdl).items()))


@lru_cache(maxsize=MOST)
def _prepared(wsdl: Path, files: tuple[tuple[str, bytes], ...]) -> Contract:
    client = client_of(wsdl, dict(files))
    try:
        return _contract_of(client, client.service._binding)  # noqa: SLF001  # zeep has no public name for it
    except UnsupportedContract as error:
        raise BundleError(f"{wsdl} has what is not read yet: {error}") from error


def _contract_of(client: zeep.Client, binding: SoapBinding) -> Contract:
    envelope = SOAP_12 if isinstance(binding, Soap12Binding) else SOAP_11
    operations, inputs = {}, {}
    for name, operation in binding.all().items():  # type: ignore[no-untyped-call]  # zeep is half typed
        action = f'"{operation.soapaction or ""}"'
        if envelope == SOAP_12:
            headers = {"Content-Type": f"application/soap+xml; charset=utf-8; action={action}"}
        else:
            headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": action}
        body = operation.output.body
        operations[name] = ContractOperation(headers, body.qname.text, compile_body(body))
        inputs[name] = operation.input.body

    def build(name: str, arguments: Mapping[str, object]) -> bytes:
        return _built(client, name, arguments)

    return Contract(envelope, operations, SoapWriter(build, envelope, inputs))


def _built(client: zeep.Client, name: str, arguments: Mapping[str, object]) -> bytes:
    try:
        envelope = client.create_message(client.service, name, **arguments)  # type: ignore[no-untyped-call]
    except zeep.exceptions.Error as error:
        raise of_zeep_error(error) from None
    except ValueError:
        if _fits_xml(arguments):
            raise unbuildable() from None
        raise InvalidRequest(errors=[FieldError("", NO_XML_CHARACTER)], may_have_arrived=False) from None
    except TypeError:
        raise unbuildable() from None
    return etree.tostring(envelope, encoding="utf-8", xml_declaration=True)


def _fits_xml(value: object) -> bool:
    """Whether lxml takes every text in *value*: characters of XML 1.0 section 2.2 only."""
    if isinstance(value, Mapping):
        return all(map(_fits_xml, value.values()))
    if isinstance(value, list | tuple):
        return all(map(_fits_xml, value))
    if not isinstance(value, str):
        return True
    try:
        etree.Element("probe").text = value
    except ValueError:
        return False
    return True
