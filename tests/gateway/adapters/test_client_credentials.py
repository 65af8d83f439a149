"""The road's token: asked for in both spellings, read strictly, shown on each message."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.adapters.client_credentials import LONGEST_S, ask_token, put_token, read_token, road_login
from gateway.core.message import Exchange, Reply, Rest, Soap, Token
from gateway.core.problems import Failing, GatewayError, OffContract, Refused, TimedOut
from gateway.core.settings import UpstreamSettings

NOW: Final = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def settings(**token: Any) -> UpstreamSettings:
    """An upstream behind the province's adapter."""
    block = {"url": "https://adapter.example/token", "access_key": "key", "secret_key": "s3cret", **token}
    return UpstreamSettings.model_validate({"url": "https://api.example", "road": "lgsp", "token": block})


def replied(body: object, status: int = 200, defect: GatewayError | None = None) -> Reply:
    """An answer of the token endpoint."""
    return Reply(status, {}, body, defect)


# ---- asking


def test_direct_road_has_no_login() -> None:
    """An upstream that is reached directly needs no token of the road."""
    assert road_login(UpstreamSettings(url="http://x.example")) is None
    assert road_login(settings()) is not None


def test_basic_spelling() -> None:
    """Key and secret by HTTP Basic, the grant as a form (RFC 6749 section 4.4)."""
    asked = ask_token(settings())

    assert (asked.method, asked.path, asked.absolute) == ("POST", "https://adapter.example/token", True)
    assert asked.form == {"grant_type": "client_credentials"}
    assert asked.headers == {"Authorization": "Basic " + base64.b64encode(b"key:s3cret").decode()}


def test_header_spelling() -> None:
    """Key and secret in the ``lgspaccesstoken`` header, base64 of JSON, with who the province is."""
    asked = ask_token(settings(spelling="lgspaccesstoken", app_name="App", partner_code="P", partner_code_cus="C"))
    header = json.loads(base64.b64decode(asked.headers["lgspaccesstoken"]))

    assert list(asked.headers) == ["lgspaccesstoken"]
    assert header == {
        "AccessKey": "key", "SecretKey": "s3cret", "AppName": "App", "PartnerCode": "P", "PartnerCodeCus": "C"
    }  # fmt: skip


def test_scope_is_asked_for_where_configured() -> None:
    """A scope goes with the grant."""
    assert ask_token(settings(scope="a b")).form == {"grant_type": "client_credentials", "scope": "a b"}


def test_secret_shows_in_no_repr() -> None:
    """Settings and token print without what they hold."""
    assert "s3cret" not in repr(settings())
    assert "t0ken" not in repr(Token("t0ken", None))


# ---- reading


@given(st.floats(0, LONGEST_S, exclude_min=True))
def test_lifetime_is_from_now(seconds: float) -> None:
    """A token holds for as long as its endpoint says."""
    token = read_token(replied({"access_token": "t", "expires_in": seconds}), NOW)

    assert token == Token("t", NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("lifetime", "left"),
    [("3600", 3600.0), (3600.0, 3600.0), (" 60 ", 60.0), (1e300, LONGEST_S), ("inf", LONGEST_S), (10**30, LONGEST_S)],
)
def test_odd_lifetime_is_bounded(lifetime: object, left: float) -> None:
    """A number as text is a number; an endless life is not believed."""
    token = read_token(replied({"access_token": "t", "expires_in": lifetime}), NOW)

    assert token == Token("t", NOW + timedelta(seconds=left))


@pytest.mark.parametrize("said", [{}, *({"expires_in": it} for it in (None, "", " ", -1, "-1", 0, 0.0, "nan", "soon"))])
def test_token_without_a_lifetime_that_can_be_meant_is_used_until_refused(said: dict[str, object]) -> None:
    """Where nothing readable is said of its end, or that it is over already, it has none."""
    assert read_token(replied({"access_token": "t", **said}), NOW) == Token("t", None)


@pytest.mark.parametrize("lifetime", [{}, [], True, "1h", "2026-11-24T04:00:00Z"])
def test_lifetime_that_is_no_number_is_none(lifetime: object) -> None:
    """A token is not thrown away for the form of its lifetime."""
    assert read_token(replied({"access_token": "t", "expires_in": lifetime}), NOW) == Token("t", None)


@pytest.mark.parametrize(
    ("reply", "kind", "reason"),
    [
        (replied({"error": "invalid_client"}, 400), Refused, "credentials"),
        (replied(None, 401), Refused, "credentials"),
        (replied(None, 403), Refused, "credentials"),
        (replied(None, 404), OffContract, "off_contract"),
        (replied({"access_token": "t"}, 302), OffContract, "off_contract"),
        (replied(None, 429), Failing, "token_endpoint"),
        (replied(None, 500), Failing, "token_endpoint"),
        (replied(None, 503), Failing, "token_endpoint"),
        (replied(None, 504), TimedOut, "attempt"),
        (replied({}), OffContract, "off_contract"),
        (replied({"access_token": ""}), OffContract, "off_contract"),
        (replied({"access_token": " \r\n"}), OffContract, "off_contract"),
        (replied({"access_token": None}), OffContract, "off_contract"),
        (replied({"access_token": 5}), OffContract, "off_contract"),
        (replied([]), OffContract, "off_contract"),
        (
            replied(None, defect=OffContract("The upstream's answer is not JSON.", reason="malformed")),
            OffContract,
            "malformed",
        ),
    ],
)
def test_no_token_says_what_went_wrong(reply: Reply, kind: type[GatewayError], reason: str) -> None:
    """A token request fails as any exchange does; nothing of an order can have been done."""
    error = read_token(reply, NOW)

    assert isinstance(error, GatewayError)
    assert (type(error), error.reason) == (kind, reason)


# ---- showing


@pytest.mark.parametrize(
    "exchange", [Rest(name="a", path="a", headers={"X-Own": "1"}), Soap(name="a", headers={"X-Own": "1"})]
)
def test_token_is_shown_beside_what_is_there(exchange: Rest | Soap) -> None:
    """REST and SOAP messages carry it alike, as a bearer, and keep their own headers."""
    shown = put_token(exchange, Token("t", None), settings())

    assert isinstance(shown, Rest | Soap)
    assert shown.headers == {"X-Own": "1", "Authorization": "Bearer t"}
    assert exchange.headers == {"X-Own": "1"}


def test_message_without_headers_is_left_alone() -> None:
    """What can carry no header goes as it is."""
    plain = Exchange(name="a")

    assert put_token(plain, Token("t", None), settings()) is plain
