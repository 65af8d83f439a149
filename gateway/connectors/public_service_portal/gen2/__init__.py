"""The second generation (2023-25): REST, a bare list to each of three addresses; its sentences decide [C]."""

from gateway.connectors.public_service_portal.gen2.calls import CALLS
from gateway.connectors.public_service_portal.gen2.durable import DURABLE
from gateway.connectors.public_service_portal.gen2.translate import Gen2Settings, classify
from gateway.core.connector import Dialect

GEN2 = Dialect(
    name="gen2",
    adapter="rest",
    settings=Gen2Settings,
    classify=classify,
    calls=CALLS,
    durable=DURABLE,
    defaults={"attempt_timeout_s": 8},
)
