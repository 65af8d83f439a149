"""Social Security as the NGSP renders it: REST, POST, ``apiBHXH/…`` [G]."""

from gateway.connectors.social_insurance.ngsp.calls import CALLS
from gateway.connectors.social_insurance.ngsp.translate import classify
from gateway.core.connector import Dialect
from gateway.core.settings import UpstreamSettings

NGSP = Dialect(
    name="ngsp",
    adapter="rest",
    settings=UpstreamSettings,
    classify=classify,
    calls=CALLS,
    defaults={"attempt_timeout_s": 4},
)
