"""CSDLQG về văn bản quy phạm pháp luật: dialects `ws` (SOAP 1.1) [S] and `gateway` (REST) [C]."""

from __future__ import annotations

from functools import partial
from typing import Final
from xml.sax.saxutils import quoteattr

from mocks.engine.service import SOAP_11, Call, Reply, Request, Service, World, json_reply
from mocks.engine.tokens import TokenDesk
from mocks.services.legal_documents.library import Library
from mocks.services.legal_documents.rest import RestApi
from mocks.services.legal_documents.samples import samples
from mocks.services.legal_documents.soap import SoapPort
from mocks.services.legal_documents.tries import tries

_ADDRESS: Final = '"http://127.0.0.1:9100/legal-documents/ws"'


def open_service(world: World) -> Service:
    """Opens both generations with the same documents, which do not change; only tokens are state."""
    library = Library(world)
    desk = TokenDesk(world, "legal_documents")
    port = SoapPort(world, library)

    def unmatched(request: Request) -> Reply:
        if request.path == "/legal-documents/ws":
            return port.unmatched(request)
        return json_reply({"success": False, "message": "Không tìm thấy đường dẫn"}, status=404)

    return Service(
        name="legal_documents",
        title="CSDLQG về văn bản quy phạm pháp luật",
        samples=partial(samples, library),
        tries=tries(world),
        calls=(desk.call(), *port.calls(), *RestApi(world, library, desk).calls(), *_contract(world)),
        unmatched=unmatched,
    )


def _contract(world: World) -> tuple[Call, ...]:
    """Returns the contract calls; the WSDL has the address of the request, so that clients call the same host."""
    wsdl = world.contract("legal_documents/ws.wsdl")
    schema = Reply(200, world.contract("legal_documents/ws.xsd").encode(), SOAP_11)

    def served(request: Request) -> Reply:
        return Reply(200, wsdl.replace(_ADDRESS, quoteattr(request.url)).encode(), SOAP_11)

    def asks_wsdl(request: Request) -> bool:
        return any(name.lower() == "wsdl" for name in request.query)

    return (
        Call(name="wsdl", path="ws", kind="document", match=asks_wsdl, answer=served, shown=frozenset({"wsdl"})),
        Call(name="wsdl", path="ws.xsd", kind="document", answer=lambda _: schema),
    )
