"""The text of each ``reason`` of a problem, in English and in Vietnamese, and the rule for ``detail``.

The ``detail`` of a problem is the text of its ``reason``; a problem without a reason, or with a reason that is not in
the table, has the text of its ``code``. So both languages say the same, and one word always has one text. What differs
from request to request (the field, a number) is in ``errors[]``, and the detail points there only where there is one.
The sentence that an exception is raised with is for developers (tracebacks, tests); callers do not see it.
"""

from __future__ import annotations

from typing import Final

from gateway.api.reasons_of_callers import CALLER
from gateway.api.reasons_of_dossiers import DOSSIERS
from gateway.api.reasons_of_operating import OPERATING
from gateway.api.reasons_of_requests import CONFIGURATION, REQUEST
from gateway.api.reasons_of_systems import SYSTEMS
from gateway.api.reasons_of_the_gateway import GATEWAY
from gateway.api.reasons_of_the_inbox import INBOX
from gateway.api.texts import CODES, ReasonText, Text

REASONS: Final[dict[str, ReasonText]] = {
    **CONFIGURATION,
    **REQUEST,
    **CALLER,
    **GATEWAY,
    **SYSTEMS,
    **INBOX,
    **DOSSIERS,
    **OPERATING,
}
"""Every ``reason`` of the API."""


def reasons_of(code: str) -> dict[str, Text]:
    """The reasons that can come with *code*."""
    return {reason: known.text for reason, known in REASONS.items() if code in known.codes}


def detail_of(code: str, reason: str) -> Text:
    """The text of *reason*, else that of *code*."""
    known = REASONS.get(reason)
    return known.text if known is not None else CODES[code].detail
