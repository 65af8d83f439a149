"""An upstream that answers what a test says, read and judged as in the gateway."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Generic

import zeep
from lxml import etree

from gateway.adapters.soap.answer import SOAP_11, body_element, read_fault
from gateway.adapters.soap.reader import compile_body
from gateway.connectors.legal_documents.gateway import GATEWAY
from gateway.connectors.legal_documents.gateway.translate import GatewaySettings
from gateway.connectors.legal_documents.model import DocumentQuery
from gateway.connectors.legal_documents.operations import DOCUMENT
from gateway.connectors.legal_documents.ws import WS
from gateway.connectors.legal_documents.ws.translate import WsSettings
from gateway.core.call import Call, Trace
from gateway.core.canonical import Content
from gateway.core.clock import FakeClock
from gateway.core.connector import Dialect
from gateway.core.events import Event
from gateway.core.message import Exchange, Reply, Rest, Soap, SoapFault
from gateway.core.problems import Effect
from gateway.core.settings import S
from gateway.core.upstream import Officer, UpstreamRequest, W
from gateway.pipeline.upstream.classify_reply import ClassifyReply
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
    if element.tag == f"{{{SOAP_11}}}Fault":
        return read_fault(element, SOAP_11)
    return READERS[name.partition(".")[0]](element)


@dataclass
class FakeUpstream(Generic[S]):
    """Answers by the call's name; a body, or a status with a body."""

    settings: S
    dialect: Dialect
    answers: Mapping[str, object]
    sent: list[Exchange] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    officer: Officer | None = None

    @property
    def call(self) -> Call:
        """The request on whose behalf is asked."""
        return Call(
            connector="legal_documents",
            operation=DOCUMENT,
            query=DocumentQuery(document_id="1"),
            caller="test",
            request_id="1",
            expires_at=1e9,
            trace=Trace(started=0.0),
        )

    async def ask(
        self,
        exchange: Exchange,
        into: type[W],
        *,
        same: Callable[[W], bool] | None = None,
        effect: Effect | None = None,
    ) -> W | None:
        """Judges the answer as the gateway would."""
        judge = ClassifyReply(
            self._reply, self.dialect.classify, FakeClock(), self.events.append, "legal_documents", self.dialect.name
        )
        found = await judge(UpstreamRequest(exchange, self.call, effect or "read", into, same))
        assert found is None or isinstance(found, into)
        return found

    async def _reply(self, exchange: Exchange) -> Reply:
        """The answer to the call of this name."""
        self.sent.append(exchange)
        answer = self.answers[exchange.name]
        status, body = answer if isinstance(answer, tuple) else (200, answer)
        return Reply(status, {}, body)

    @property
    def bodies(self) -> list[object]:
        """What was asked, as the exchange carries it."""
        return [e.json if isinstance(e, Rest) else e.arguments for e in self.sent if isinstance(e, Rest | Soap)]


def ws(**answers: object) -> FakeUpstream[WsSettings]:
    """The SOAP service answering by operation."""
    return FakeUpstream(WsSettings(url="http://ws.test"), WS, answers)


def gateway(**answers: object) -> FakeUpstream[GatewaySettings]:
    """The public system answering by call."""
    return FakeUpstream(GatewaySettings(url="http://gateway.test"), GATEWAY, answers)


async def whole(content: Content) -> bytes:
    """All of a file."""
    return b"".join([chunk async for chunk in content.chunks])
