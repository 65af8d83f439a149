"""The older generation: SOAP 1.1, document/literal, a pinned WSDL [S]."""

from gateway.connectors.legal_documents.ws.calls import CALLS, probe
from gateway.connectors.legal_documents.ws.translate import WsSettings, classify
from gateway.core.connector import Dialect

WS = Dialect(
    name="ws",
    adapter="soap",
    settings=WsSettings,
    classify=classify,
    wsdl="legal_documents/ws.wsdl",
    calls=CALLS,
    probe=probe,
    defaults={"attempt_timeout_s": 4},
)
