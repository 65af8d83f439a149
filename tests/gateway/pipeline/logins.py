"""A login as dialects declare it: a token by its own endpoint, shown in a header."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from msgspec.structs import replace

from gateway.core.login import login_failure
from gateway.core.message import Exchange, Login, Reply, Rest, Token
from gateway.core.problems import GatewayError, OffContract
from gateway.core.settings import UpstreamSettings
from tests.gateway.pipeline.scripted import answers, status

ENDPOINT: Final = "https://id.example/token"


def ask_as(account: str) -> Callable[[UpstreamSettings], Rest]:
    """The token request of *account*."""

    def ask(_: UpstreamSettings) -> Rest:
        return Rest(name="token", path=ENDPOINT, absolute=True, form={"account": account})

    return ask


def read(reply: Reply, now: datetime) -> Token | GatewayError:
    """``{access_token, expires_in?}``."""
    if (failure := login_failure(reply, now, refusals={400, 401, 403})) is not None:
        return failure
    match reply.body:
        case {"access_token": str(value), **more}:
            seconds = more.get("expires_in")
            return Token(value, None if seconds is None else now + timedelta(seconds=float(seconds)))
        case _:
            return OffContract("The token endpoint gave no token.", reason="off_contract", may_have_arrived=False)


def put(exchange: Exchange, token: Token, _: UpstreamSettings) -> Exchange:
    """``Authorization: Bearer``."""
    assert isinstance(exchange, Rest)
    return replace(exchange, headers={**exchange.headers, "Authorization": f"Bearer {token.value}"})


def login_as(account: str) -> Login[Any]:
    """A login of its own *account*."""
    return Login(ask=ask_as(account), read=read, put=put)


LOGIN: Final = login_as("gateway")


def token(value: str, seconds: float | None = None) -> Reply:
    """An answer of the token endpoint."""
    return status(200, {"access_token": value} if seconds is None else {"access_token": value, "expires_in": seconds})


def shown(exchange: Exchange) -> str:
    """The token on *exchange*."""
    assert isinstance(exchange, Rest)
    return exchange.headers["Authorization"].removeprefix("Bearer ")


def accepts(*values: str) -> Callable[[Exchange], Reply]:
    """An answer for who shows one of *values*, else 401."""
    well = answers()

    def reply(exchange: Exchange) -> Reply:
        return well(exchange) if shown(exchange) in values else status(401, {})

    return reply
