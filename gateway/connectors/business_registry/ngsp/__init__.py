"""The registry as the NGSP renders it: REST, GET, ``apiCSDLDKDN/…`` [G]."""

from gateway.connectors.business_registry.ngsp.calls import CALLS, probe
from gateway.connectors.business_registry.ngsp.translate import NgspSettings, classify
from gateway.core.connector import Dialect

NGSP = Dialect(
    name="ngsp",
    adapter="rest",
    settings=NgspSettings,
    classify=classify,
    calls=CALLS,
    probe=probe,
    defaults={"attempt_timeout_s": 4},
)
