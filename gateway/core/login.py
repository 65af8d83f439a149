"""How a login fails, whatever the way in: one table of statuses for all endpoints that give a token, and one rule for
the tokens that can be shown.
"""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime
from typing import Final

from gateway.core.message import Reply, Token
from gateway.core.problems import Failing, GatewayError, OffContract, Refused, TimedOut
from gateway.core.retry_after import read_retry_after

REFUSALS: Final = frozenset({401, 403})
"""Statuses that say no to our credentials."""
LONGEST_TOKEN: Final = 16_384
"""Characters of the longest token that is shown; servers refuse headers far below."""
_VISIBLE: Final = re.compile(r"[!-~]+")


def login_failure(reply: Reply, now: datetime, *, refusals: AbstractSet[int] = REFUSALS) -> GatewayError | None:
    """The error that the status of a login's answer stands for; None where its body is to be read."""
    status = reply.status
    if status in refusals:
        return credentials_refused()
    wait = read_retry_after(reply.headers, now)
    if status == 504:
        return TimedOut("The token endpoint timed out.", reason="attempt", retry_after=wait, may_have_arrived=False)
    if status == 429 or status >= 500:
        return endpoint_down(wait)
    if status != 200:
        return OffContract(
            "The token endpoint answered with an unforeseen status.", reason="off_contract", may_have_arrived=False
        )
    return reply.defect


def credentials_refused() -> Refused:
    """The error of credentials that the token endpoint does not accept."""
    return Refused(
        "The token endpoint does not accept the gateway's credentials.", reason="credentials", may_have_arrived=False
    )


def endpoint_down(retry_after: float | None = None) -> Failing:
    """The error of a token endpoint that fails on its own side."""
    return Failing(
        "The token endpoint is down.", reason="token_endpoint", retry_after=retry_after, may_have_arrived=False
    )


def presentable(token: Token) -> Token | OffContract:
    """*token* without blanks around its values; the error of one that no message can carry (a line end, 10 MB)."""
    values = [token.value.strip(), *(value.strip() for value in token.more.values())]
    if any(len(value) > LONGEST_TOKEN for value in values):
        return OffContract(
            "The token endpoint gave a token that is too long to be shown.",
            reason="response_too_large",
            may_have_arrived=False,
        )
    if not all(map(_VISIBLE.fullmatch, values)):
        return OffContract(
            "The token endpoint gave a token with characters that cannot be shown.",
            reason="malformed",
            may_have_arrived=False,
        )
    return replace(token, value=values[0], more=dict(zip(token.more, values[1:], strict=True)))
