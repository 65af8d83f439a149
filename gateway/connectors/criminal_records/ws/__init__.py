"""The calls of ``ngsp`` as SOAP 1.2 with a WS-Security UsernameToken [S]. Certificates are on paper."""

from gateway.connectors.criminal_records.ws.calls import CALLS, probe
from gateway.connectors.criminal_records.ws.durable import DURABLE
from gateway.connectors.criminal_records.ws.translate import WsSettings, classify, username_token
from gateway.core.connector import Dialect

WS = Dialect(
    name="ws",
    adapter="soap",
    settings=WsSettings,
    classify=classify,
    wsdl="criminal_records/ws.wsdl",
    username_token=username_token,
    calls=CALLS,
    probe=probe,
    durable=DURABLE,
    # As ngsp.
    defaults={"attempt_timeout_s": 8, "breaker": {"slow_s": 6}, "bulkhead": {"limit": 5}},
)
