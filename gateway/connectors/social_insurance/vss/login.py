"""The account and its session (phiên làm việc), without I/O: the token step sends the request.

Account and token are in the URL of every call, so an outgoing URL of this system is never logged.
"""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import md5
from typing import Final

from msgspec.structs import replace
from pydantic import Field, SecretStr

from gateway.core.days import read_instant
from gateway.core.lenient import text
from gateway.core.login import credentials_refused, endpoint_down, login_failure
from gateway.core.message import Exchange, Login, Reply, Rest, Token
from gateway.core.problems import GatewayError, OffContract
from gateway.core.settings import UpstreamSettings

ANSWER: Final = "200"
THEIR_FAILURES: Final = frozenset({"100", "101", "500"})


class VssSettings(UpstreamSettings):
    """The account that Social Security gave to this gateway."""

    username: str = Field(min_length=1, description="tài khoản, as given")
    password: SecretStr = Field(description="mật khẩu, in clear; sent as MD5 in upper case, as the guide demands")


def password_hash(settings: VssSettings) -> str:
    """MD5 in upper case, as the guide demands [G]; it does not protect the password, so the road must use TLS."""
    return md5(settings.password.get_secret_value().encode(), usedforsecurity=False).hexdigest().upper()


def ask(settings: VssSettings) -> Rest:
    """``POST api/token/take``, a form."""
    return Rest(
        name="take",
        path="api/token/take",
        form={"username": settings.username, "password": password_hash(settings)},
    )


def read(reply: Reply, now: datetime) -> Token | GatewayError:
    """The token of ``APIKey``, or what went wrong; ``expires_in`` is an instant, UTC."""
    if (failure := login_failure(reply, now)) is not None:
        return failure
    match reply.body:
        case {"maKetQua": code, "APIKey": {"access_token": str(access), "id_token": str(identity), **rest}} if (
            text(code) == ANSWER and access.strip() and identity.strip()
        ):
            return Token(access, _end(rest.get("expires_in")), {"id_token": identity})
        case {"maKetQua": code} if text(code) in THEIR_FAILURES:
            return endpoint_down()
        case {"maKetQua": code} if text(code) not in {ANSWER, None}:
            return credentials_refused()
    return OffContract(
        "The login's answer has a shape that its contract does not foresee.", reason="malformed", may_have_arrived=False
    )


def _end(instant: object) -> datetime | None:
    """The end of a session; None where it is not said or cannot be read: then the session is used until refused."""
    try:
        return read_instant(instant, zone=UTC)
    except ValueError:
        return None


def put(exchange: Exchange, token: Token, settings: VssSettings) -> Exchange:
    """Token and account in the query string, as the guide demands."""
    assert isinstance(exchange, Rest)
    shown = {
        "token": token.value,
        "id_token": token.more["id_token"],
        "username": settings.username,
        "password": password_hash(settings),
    }
    return replace(exchange, query={**exchange.query, **shown})


LOGIN: Final = Login(ask=ask, read=read, put=put)
