"""A ministry that is only pulled: by days, three at a time, with its key in the query and in two headers [C]."""

from gateway.connectors.ministry_portals.transport.calls import CALLS, PULL
from gateway.connectors.ministry_portals.transport.translate import TransportSettings, classify
from gateway.core.connector import Dialect

TRANSPORT = Dialect(
    name="transport",
    adapter="rest",
    settings=TransportSettings,
    classify=classify,
    calls=CALLS,
    inbound_pull=PULL,
    defaults={"attempt_timeout_s": 12},
)
