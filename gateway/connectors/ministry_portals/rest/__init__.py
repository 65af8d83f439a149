"""A ministry's portal that is shaped like the national one: REST, one address, told apart by ``service`` [S]."""

from gateway.connectors.ministry_portals.rest.calls import CALLS, PULL
from gateway.connectors.ministry_portals.rest.durable import DURABLE
from gateway.connectors.ministry_portals.rest.login import LOGIN, RestSettings
from gateway.connectors.ministry_portals.rest.translate import classify
from gateway.core.connector import Dialect

REST = Dialect(
    name="rest",
    adapter="rest",
    settings=RestSettings,
    classify=classify,
    login=LOGIN,
    calls=CALLS,
    inbound_pull=PULL,
    durable=DURABLE,
    defaults={"attempt_timeout_s": 8},
)
