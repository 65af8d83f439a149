"""The token of the province's adapter (NGSP / LGSP): the login of a road, which no connector knows."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from gateway.core.login import REFUSALS, login_failure
from gateway.core.message import Exchange, Login, Reply, Rest, Token
from gateway.core.problems import GatewayError, OffContract
from gateway.core.settings import ClientCredentials, UpstreamSettings

LONGEST_S: Final = 365 * 86_400.0
"""No token is believed to live longer than a year, whatever its endpoint says."""
_REFUSALS: Final = REFUSALS | {400}
"""RFC 6749 section 5.2 answers ``invalid_client`` with 400."""


def road_login(settings: UpstreamSettings) -> Login[Any] | None:
    """The road's own login, if it has one; over a security server, the bearer token of the source."""
    return CLIENT_CREDENTIALS if settings.road != "direct" and settings.token is not None else None


def _credentials(settings: UpstreamSettings) -> ClientCredentials:
    assert settings.token is not None, "checked at start"
    return settings.token


def ask_token(settings: UpstreamSettings) -> Rest:
    """``POST …/token`` with ``grant_type=client_credentials`` [C], saying who we are in the configured spelling."""
    credentials = _credentials(settings)
    key, secret = credentials.access_key.get_secret_value(), credentials.secret_key.get_secret_value()
    if credentials.spelling == "basic":
        pair = base64.b64encode(f"{key}:{secret}".encode()).decode()
        headers = {"Authorization": f"Basic {pair}"}
    else:
        who = {
            "AccessKey": key,
            "SecretKey": secret,
            "AppName": credentials.app_name,
            "PartnerCode": credentials.partner_code,
            "PartnerCodeCus": credentials.partner_code_cus,
        }
        headers = {"lgspaccesstoken": base64.b64encode(orjson.dumps(who)).decode()}
    form = {"grant_type": "client_credentials"}
    if credentials.scope:
        form["scope"] = credentials.scope
    return Rest(name="token", path=credentials.url, absolute=True, headers=headers, form=form)


def read_token(reply: Reply, now: datetime) -> Token | GatewayError:
    """The token of ``{access_token, token_type, expires_in}``, or what went wrong."""
    if (failure := login_failure(reply, now, refusals=_REFUSALS)) is not None:
        return failure
    match reply.body:
        case {"access_token": str(value), **more} if value.strip():
            return Token(value, _end(more.get("expires_in"), now))
        case _:
            return OffContract("The token endpoint gave no token.", reason="off_contract", may_have_arrived=False)


def _end(lifetime: object, now: datetime) -> datetime | None:
    """The end of a token that lives for *lifetime* seconds; None where that is not said, or cannot be meant."""
    try:
        seconds = float(str(lifetime))
    except ValueError:
        return None
    return now + timedelta(seconds=min(seconds, LONGEST_S)) if seconds > 0 else None


def put_token(exchange: Exchange, token: Token, _: UpstreamSettings) -> Exchange:
    """``Authorization: Bearer``."""
    return exchange.with_headers({"Authorization": f"Bearer {token.value}"})


CLIENT_CREDENTIALS: Login[Any] = Login(ask=ask_token, read=read_token, put=put_token)
