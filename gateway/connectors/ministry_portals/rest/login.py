"""The account and its session (phiên làm việc), without I/O: in the body, or as a bearer token."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal

from msgspec.structs import replace
from pydantic import Field, SecretStr

from gateway.connectors.ministry_portals.settings import PATH, PortalSettings
from gateway.core.lenient import table_code, text
from gateway.core.login import credentials_refused, login_failure
from gateway.core.message import Exchange, Login, Reply, Rest, Token
from gateway.core.problems import GatewayError, OffContract

WELL: Final = "0"
"""``error_code`` of success: "00", "0" and 0 are one."""
WRONG_PASSWORD: Final = "1"  # noqa: S105  # a code of their table


class RestSettings(PortalSettings):
    """A ministry that is asked by JSON."""

    username: str = Field(min_length=1, description="tài khoản, as given")
    password: SecretStr = Field(description="mật khẩu, as given")
    token_kind: Literal["session", "bearer"] = Field(
        default="session", description="session: the token goes in the body; bearer: in the header Authorization"
    )
    auth_path: str = Field(default="auth", pattern=PATH, description="path of the login")
    integration_path: str = Field(default="integration", pattern=PATH, description="path of all calls")


def code_of(body: Mapping[str, object]) -> str | None:
    """``error_code`` as a number; None where there is none."""
    return table_code(body.get("error_code"))


def ask(settings: RestSettings) -> Rest:
    """``POST auth {username, password}``."""
    account = {"username": settings.username, "password": settings.password.get_secret_value()}
    return Rest(name="login", path=settings.auth_path, json=account)


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


def put(exchange: Exchange, token: Token, settings: RestSettings) -> Exchange:
    """Token and agency with every call."""
    assert isinstance(exchange, Rest)
    assert isinstance(exchange.json, dict), "every call has a body"
    body = {"madonvi": settings.agency, **exchange.json}
    if settings.token_kind == "session":  # noqa: S105  # where the token goes
        return replace(exchange, json={"session": token.value, **body})
    return replace(exchange, json=body).with_headers({"Authorization": f"Bearer {token.value}"})


LOGIN: Final = Login(ask=ask, read=read, put=put)
