"""The joint service for births and deaths: JSON in a string that holds XML in a string; sentences for answers [C]."""

from gateway.connectors.ministry_portals.birth_death.calls import CALLS, PULL
from gateway.connectors.ministry_portals.birth_death.durable import DURABLE
from gateway.connectors.ministry_portals.birth_death.login import LOGIN, BirthDeathSettings
from gateway.connectors.ministry_portals.birth_death.translate import classify
from gateway.core.connector import Dialect

BIRTH_DEATH = Dialect(
    name="birth_death",
    adapter="rest",
    settings=BirthDeathSettings,
    classify=classify,
    login=LOGIN,
    calls=CALLS,
    inbound_pull=PULL,
    durable=DURABLE,
    defaults={"attempt_timeout_s": 8},
)
