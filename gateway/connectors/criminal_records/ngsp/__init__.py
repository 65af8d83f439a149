"""The service as the NGSP renders it: REST, POST JSON, ``apiLyLichTuPhap/…`` [G]. Certificates are on paper."""

from gateway.connectors.criminal_records.ngsp.calls import CALLS, probe
from gateway.connectors.criminal_records.ngsp.durable import DURABLE
from gateway.connectors.criminal_records.ngsp.translate import NgspSettings, classify
from gateway.core.connector import Dialect

NGSP = Dialect(
    name="ngsp",
    adapter="rest",
    settings=NgspSettings,
    classify=classify,
    calls=CALLS,
    probe=probe,
    durable=DURABLE,
    # An application carries scans of some megabytes: what is slow elsewhere is usual here, and few fit at once [S].
    defaults={"attempt_timeout_s": 8, "breaker": {"slow_s": 6}, "bulkhead": {"limit": 5}},
)
