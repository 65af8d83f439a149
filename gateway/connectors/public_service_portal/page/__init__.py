"""The portal's public page of procedures: REST, a form with JSON in a text, open to everyone [C]."""

from gateway.connectors.public_service_portal.page.calls import CALLS, probe
from gateway.connectors.public_service_portal.page.translate import PageSettings, classify
from gateway.core.connector import Dialect

PAGE = Dialect(
    name="page",
    adapter="rest",
    settings=PageSettings,
    classify=classify,
    calls=CALLS,
    probe=probe,
    defaults={"attempt_timeout_s": 8},
)
