"""Health cards, asked directly of Vietnam Social Security: REST, POST, ``api/egw/…`` [G]."""

from gateway.connectors.social_insurance.vss.calls import CALLS
from gateway.connectors.social_insurance.vss.login import LOGIN, VssSettings
from gateway.connectors.social_insurance.vss.translate import classify
from gateway.core.connector import Dialect

VSS = Dialect(
    name="vss",
    adapter="rest",
    settings=VssSettings,
    classify=classify,
    login=LOGIN,
    calls=CALLS,
    # One account asks for the whole province, and its session is what would be lost [S].
    defaults={"attempt_timeout_s": 4, "bulkhead": {"limit": 5}},
)
