"""The calls of ``rest`` as SOAP 1.2 with a WS-Security UsernameToken [S]."""

from gateway.connectors.ministry_portals.ws.calls import CALLS, PULL
from gateway.connectors.ministry_portals.ws.durable import DURABLE
from gateway.connectors.ministry_portals.ws.translate import WsSettings, classify, username_token
from gateway.core.connector import Dialect

WS = Dialect(
    name="ws",
    adapter="soap",
    settings=WsSettings,
    classify=classify,
    wsdl="ministry_portals/ws.wsdl",
    username_token=username_token,
    calls=CALLS,
    inbound_pull=PULL,
    durable=DURABLE,
    defaults={"attempt_timeout_s": 8},
)
