"""The public system of 2026: REST, ``api/qtdc/public/doc/…`` [C]."""

from gateway.connectors.legal_documents.gateway.calls import content, document, provisions, search
from gateway.connectors.legal_documents.gateway.translate import GatewaySettings, classify
from gateway.connectors.legal_documents.operations import CONTENT, DOCUMENT, PROVISIONS, SEARCH
from gateway.core.connector import Dialect, answers

GATEWAY = Dialect(
    name="gateway",
    adapter="rest",
    settings=GatewaySettings,
    classify=classify,
    calls=(
        answers(DOCUMENT, document),
        answers(SEARCH, search),
        answers(PROVISIONS, provisions),
        answers(CONTENT, content),
    ),
    defaults={"attempt_timeout_s": 4},
)
