"""The road to an upstream: what a connector never knows. Here the province's adapter (NGSP / LGSP) and its token."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from gateway.core.message import Exchange, Login, Reply, Rest, Soap, Token
from gateway.core.problems import Failing, OffContract, Refused, TimedOut
from gateway.core.settings import ClientCredentials, UpstreamSettings

LONGEST_S: Final = 365 * 86_400.0
"""No token is believed to live longer than a year, whatever its endpoint says."""


def road_login(settings: UpstreamSettings) -> Login[Any] | None:
    """The road's own login, if it has one."""
    return CLIENT_CREDENTIALS if settings.road == "lgsp" else None


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


def read_token(reply: Reply, now: datetime) -> Token:
    """``{access_token, token_type, expires_in}``; anything else says what went wrong.

    Raises:
        GatewayError: As any exchange of that kind.
        ValueError: For a lifetime that is no number.
    """
    if reply.status in {400, 401, 403}:
        raise Refused(
            "The token endpoint does not accept the gateway's key.", reason="credentials", may_have_arrived=False
        )
    if reply.status == 504:
        raise TimedOut("The token endpoint timed out.", reason="attempt", may_have_arrived=False)
    if reply.status == 429 or reply.status >= 500:
        raise Failing("The token endpoint is down.", reason="token_endpoint", may_have_arrived=False)
    if reply.status != 200:
        raise OffContract(
            "The token endpoint answered with an unforeseen status.", reason="off_contract", may_have_arrived=False
        )
    if reply.defect is not None:
        raise reply.defect
    match reply.body:
        case {"access_token": str(value), **more} if value:
            lifetime = more.get("expires_in")
            if lifetime is None:
                return Token(value, None)
            return Token(value, now + timedelta(seconds=min(max(0.0, float(str(lifetime))), LONGEST_S)))
        case _:
            raise OffContract("The token endpoint gave no token.", reason="off_contract", may_have_arrived=False)


def put_token(exchange: Exchange, token: Token, _: UpstreamSettings) -> Exchange:
    """``Authorization: Bearer``."""
    header = {"Authorization": f"Bearer {token.value}"}
    if isinstance(exchange, Rest | Soap):
        return replace(exchange, headers={**exchange.headers, **header})
    return exchange


CLIENT_CREDENTIALS: Login[Any] = Login(ask=ask_token, read=read_token, put=put_token)
