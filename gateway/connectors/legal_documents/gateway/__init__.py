"""The public system of 2026: REST, ``api/qtdc/public/doc/…`` [C]."""

from gateway.connectors.legal_documents.gateway.calls import CALLS, probe
from gateway.connectors.legal_documents.gateway.translate import GatewaySettings, classify
from gateway.core.connector import Dialect

GATEWAY = Dialect(
    name="gateway",
    adapter="rest",
    settings=GatewaySettings,
    classify=classify,
    calls=CALLS,
    probe=probe,
    defaults={"attempt_timeout_s": 4},
)
