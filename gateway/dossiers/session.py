"""The session (phiên làm việc) that a portal of the national one's shape gives to an account, without I/O."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from gateway.core.lenient import table_code, text
from gateway.core.login import credentials_refused, login_failure
from gateway.core.message import Reply, Token
from gateway.core.problems import GatewayError, OffContract

WELL: Final = "0"
"""``error_code`` of success: "00", "0" and 0 are one [C]."""
WRONG_PASSWORD: Final = "1"  # noqa: S105  # a code of their table


def code_of(body: Mapping[str, object]) -> str | None:
    """``error_code`` as a number; None where there is none."""
    return table_code(body.get("error_code"))


def read(reply: Reply, now: datetime) -> Token | GatewayError:
    """The session, or what went wrong; how long it lives is not said."""
    if (failure := login_failure(reply, now)) is not None:
        return failure
    body = reply.body if isinstance(reply.body, dict) else {}
    code, session = code_of(body), body.get("session")
    if code == WELL and isinstance(session, str) and text(session):
        return Token(session, None)
    if code == WRONG_PASSWORD:
        return credentials_refused()
    return OffContract(
        "The login's answer has a shape or a code that its contract does not foresee.",
        reason="malformed" if code in {None, WELL} else "off_contract",
        may_have_arrived=False,
    )
