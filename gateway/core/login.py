"""How a login fails, whatever the way in: one table of statuses for all endpoints that give a token."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Final

from gateway.core.message import Reply
from gateway.core.problems import Failing, GatewayError, OffContract, Refused, TimedOut

REFUSALS: Final = frozenset({401, 403})
"""Statuses that say no to our credentials."""


def login_failure(reply: Reply, *, refusals: AbstractSet[int] = REFUSALS) -> GatewayError | None:
    """The error that the status of a login's answer stands for; None where its body is to be read."""
    status = reply.status
    if status in refusals:
        return credentials_refused()
    if status == 504:
        return TimedOut("The token endpoint timed out.", reason="attempt", may_have_arrived=False)
    if status == 429 or status >= 500:
        return endpoint_down()
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


def endpoint_down() -> Failing:
    """The error of a token endpoint that fails on its own side."""
    return Failing("The token endpoint is down.", reason="token_endpoint", may_have_arrived=False)
