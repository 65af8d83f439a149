"""The shared criminal records software since 2024: REST, POST JSON, an authentication key in the body [C]."""

from gateway.connectors.criminal_records.lltp2024.calls import CALLS, probe
from gateway.connectors.criminal_records.lltp2024.durable import DURABLE
from gateway.connectors.criminal_records.lltp2024.translate import Lltp2024Settings, classify
from gateway.core.connector import Dialect

LLTP2024 = Dialect(
    name="lltp2024",
    adapter="rest",
    settings=Lltp2024Settings,
    known_again=True,
    classify=classify,
    calls=CALLS,
    probe=probe,
    durable=DURABLE,
    # An application carries scans of some megabytes: what is slow elsewhere is usual here, and few fit at once [S].
    defaults={"attempt_timeout_s": 8, "breaker": {"slow_s": 6}, "bulkhead": {"limit": 5}},
)
