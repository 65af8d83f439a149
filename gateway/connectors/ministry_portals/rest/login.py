"""The account and its session (phiên làm việc), without I/O: in the body, or as a bearer token."""

from __future__ import annotations

from typing import Final, Literal

from msgspec.structs import replace
from pydantic import Field, SecretStr

from gateway.connectors.ministry_portals.settings import PATH, PortalSettings
from gateway.core.message import Exchange, Login, Rest, Token
from gateway.dossiers import session


class RestSettings(PortalSettings):
    """A ministry that is asked by JSON."""

    username: str = Field(min_length=1, description="tài khoản, as given")
    password: SecretStr = Field(description="mật khẩu, as given")
    token_kind: Literal["session", "bearer"] = Field(
        default="session", description="session: the token goes in the body; bearer: in the header Authorization"
    )
    auth_path: str = Field(default="auth", pattern=PATH, description="path of the login")
    integration_path: str = Field(default="integration", pattern=PATH, description="path of all calls")


def ask(settings: RestSettings) -> Rest:
    """``POST auth {username, password}``."""
    account = {"username": settings.username, "password": settings.password.get_secret_value()}
    return Rest(name="login", path=settings.auth_path, json=account)


def put(exchange: Exchange, token: Token, settings: RestSettings) -> Exchange:
    """Token and agency with every call."""
    assert isinstance(exchange, Rest)
    assert isinstance(exchange.json, dict), "every call has a body"
    body = {"madonvi": settings.agency, **exchange.json}
    if settings.token_kind == "session":  # noqa: S105  # where the token goes
        return replace(exchange, json={"session": token.value, **body})
    return replace(exchange, json=body).with_headers({"Authorization": f"Bearer {token.value}"})


LOGIN: Final = Login(ask=ask, read=session.read, put=put)
