"""Social Security as the NGSP renders it: REST, POST, ``apiBHXH/…`` [G]."""

from gateway.connectors.social_insurance.ngsp.calls import contributions, household, participant
from gateway.connectors.social_insurance.ngsp.translate import classify
from gateway.connectors.social_insurance.operations import CONTRIBUTIONS, HOUSEHOLD, PARTICIPANT
from gateway.core.connector import Dialect, answers
from gateway.core.settings import UpstreamSettings

NGSP = Dialect(
    name="ngsp",
    adapter="rest",
    settings=UpstreamSettings,
    classify=classify,
    calls=(
        answers(PARTICIPANT, participant),
        answers(HOUSEHOLD, household),
        answers(CONTRIBUTIONS, contributions),
    ),
    defaults={"attempt_timeout_s": 4},
)
