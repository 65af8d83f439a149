"""Upstreams of both dialects, and the contract's samples as their adapters read them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import zeep
from lxml import etree

from gateway.adapters.soap.answer import SOAP_11, body_element, is_fault, read_fault
from gateway.adapters.soap.reader import compile_body
from gateway.connectors.legal_documents.gateway import GATEWAY
from gateway.connectors.legal_documents.gateway.translate import GatewaySettings
from gateway.connectors.legal_documents.ws import WS
from gateway.connectors.legal_documents.ws.translate import WsSettings
from gateway.core.canonical import Content
from gateway.core.message import SoapFault
from gateway.testing import FakeUpstream, Said
from tests.support.laptop import ROOT

CONTRACT: Final = ROOT / "contracts" / "legal_documents"
SAMPLES: Final[Mapping[str, bytes]] = {
    path.name: path.read_bytes()
    for path in sorted((CONTRACT / "samples").iterdir())
    if path.suffix in {".xml", ".json"}
}
"""Read here: a test that runs on the event loop opens no files."""
OPERATIONS: Final = zeep.Client(str(CONTRACT / "ws.wsdl")).service._binding.all()
READERS: Final = {name: compile_body(operation.output.body) for name, operation in OPERATIONS.items()}


def rest_sample(name: str) -> Any:
    """``data`` and all of a JSON sample."""
    return json.loads(SAMPLES[f"{name}.json"])


def soap_sample(name: str) -> dict[str, Any] | SoapFault:
    """What the adapter makes of an XML sample."""
    element = body_element(etree.fromstring(SAMPLES[f"{name}.xml"]), SOAP_11)
    if is_fault(element):
        return read_fault(element)
    return READERS[name.partition(".")[0]](element)


def ws(**replies: Said) -> FakeUpstream[WsSettings]:
    """The SOAP service answering by operation."""
    return FakeUpstream(WS, WsSettings(url="http://ws.test"), replies)


def gateway(**replies: Said) -> FakeUpstream[GatewaySettings]:
    """The public system answering by call."""
    return FakeUpstream(GATEWAY, GatewaySettings(url="http://gateway.test"), replies)


async def whole(content: Content) -> bytes:
    """All of a file."""
    return b"".join([chunk async for chunk in content.chunks])
