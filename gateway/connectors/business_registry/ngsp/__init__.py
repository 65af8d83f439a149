"""The registry as the NGSP renders it: REST, GET, ``apiCSDLDKDN/…`` [G]."""

from gateway.connectors.business_registry.ngsp.calls import enterprise, registration, registrations
from gateway.connectors.business_registry.ngsp.translate import NgspSettings, classify
from gateway.connectors.business_registry.operations import ENTERPRISE, REGISTRATION, REGISTRATIONS
from gateway.core.connector import Dialect, answers

NGSP = Dialect(
    name="ngsp",
    adapter="rest",
    settings=NgspSettings,
    classify=classify,
    calls=(
        answers(ENTERPRISE, enterprise),
        answers(REGISTRATION, registration),
        answers(REGISTRATIONS, registrations),
    ),
    defaults={"attempt_timeout_s": 4},
)
