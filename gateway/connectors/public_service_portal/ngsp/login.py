"""The account and its session (phiên làm việc) in the body of every call [C], without I/O."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace
from pydantic import Field, SecretStr

from gateway.core.message import Exchange, Login, Rest, Token
from gateway.core.settings import UpstreamSettings
from gateway.dossiers import session
from gateway.dossiers.codes import LocalCodes

_PATH: Final = r"^[A-Za-z0-9._~-]+(/[A-Za-z0-9._~-]+)*$"


class NgspSettings(UpstreamSettings):
    """The account that the portal gave to the province, and where its adapter listens."""

    username: str = Field(min_length=1, description="tài khoản, as given")
    password: SecretStr = Field(description="mật khẩu, as given")
    agency: str = Field(
        pattern=r"^[0-9]{3}\.[0-9]{2}\.[0-9]{2}\.[GH][0-9]{2}$",
        description="madonvi: the agency in whose name is asked, such as 000.00.01.H58",
    )
    dstcode: str | None = Field(
        default=None, pattern="^[!-~]+$", description="sent as the header dstcode with the login and every call"
    )
    auth_path: str = Field(default="auth", pattern=_PATH, description="auth_endpoint: path of the login")
    integration_path: str = Field(
        default="integration", pattern=_PATH, description="integration_endpoint: path of dossiers and steps"
    )
    share_path: str = Field(default="share", pattern=_PATH, description="share_endpoint: path of the catalogues")
    codes: LocalCodes = Field(
        default=LocalCodes(), description="the province's own codes, accepted beside the portal's"
    )
    others_send: bool = Field(
        default=False,
        description="another program sends dossiers of this province too, or did: the portal is asked before each",
    )
    newer_replaces: bool = Field(
        default=False, description="a newer state of a dossier takes the place of one that waits and never left"
    )
    most_in_list: int = Field(default=50, ge=1, le=500, description="dossiers or steps in one message")


def ask(settings: NgspSettings) -> Rest:
    """``POST <auth_endpoint> {username, password}``."""
    return Rest(
        name="login",
        path=settings.auth_path,
        json={"username": settings.username, "password": settings.password.get_secret_value()},
        headers=_of_road(settings),
    )


def put(exchange: Exchange, token: Token, settings: NgspSettings) -> Exchange:
    """Session and agency in the body, the destination in the header."""
    assert isinstance(exchange, Rest)
    assert isinstance(exchange.json, dict), "every call has a body"
    body = {"session": token.value, "madonvi": settings.agency, **exchange.json}
    return replace(exchange, json=body, headers={**exchange.headers, **_of_road(settings)})


def _of_road(settings: NgspSettings) -> dict[str, str]:
    return {} if settings.dstcode is None else {"dstcode": settings.dstcode}


LOGIN: Final = Login(ask=ask, read=session.read, put=put)
