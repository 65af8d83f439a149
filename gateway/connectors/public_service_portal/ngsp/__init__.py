"""The first generation: REST, POST JSON, one address told apart by ``service``; everything is HTTP 200 [C]."""

from gateway.connectors.public_service_portal.ngsp.calls import CALLS, INBOUND_FILE, probe
from gateway.connectors.public_service_portal.ngsp.durable import DURABLE
from gateway.connectors.public_service_portal.ngsp.login import LOGIN, NgspSettings
from gateway.connectors.public_service_portal.ngsp.translate import classify
from gateway.core.connector import Dialect

NGSP = Dialect(
    name="ngsp",
    adapter="rest",
    settings=NgspSettings,
    classify=classify,
    login=LOGIN,
    calls=CALLS,
    probe=probe,
    durable=DURABLE,
    inbound_file=INBOUND_FILE,
    defaults={"attempt_timeout_s": 8},
)
