"""The older generation: SOAP 1.1, document/literal, a pinned WSDL [S]."""

from gateway.connectors.legal_documents.operations import CONTENT, DOCUMENT, SEARCH
from gateway.connectors.legal_documents.ws.calls import content, document, search
from gateway.connectors.legal_documents.ws.translate import WsSettings, classify
from gateway.core.connector import Dialect, answers

WS = Dialect(
    name="ws",
    adapter="soap",
    settings=WsSettings,
    classify=classify,
    wsdl="legal_documents/ws.wsdl",
    calls=(answers(DOCUMENT, document), answers(SEARCH, search), answers(CONTENT, content)),
    defaults={"attempt_timeout_s": 4},
)
