"""Tokens of the road."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import orjson
import pytest

from mocks.engine.clock import VirtualClock
from mocks.engine.service import Call, Reply, Request, World
from mocks.engine.tokens import MAX_TOKENS, TokenDesk
from mocks.population import Population

FORM = "application/x-www-form-urlencoded"


@dataclass
class Office:
    """A token desk on a clock that stands still until told."""

    desk: TokenDesk
    now: list[float]

    @property
    def call(self) -> Call:
        return self.desk.call()

    def ask(self, body: bytes = b"grant_type=client_credentials", **headers: str) -> Reply:
        return self.call.answer(Request("POST", "/toy/token", {}, {"Content-Type": FORM, **headers}, body))

    def token(self) -> str:
        return str(
            orjson.loads(self.ask(Authorization=aiohttp.encode_basic_auth("key", "secret")).body)["access_token"]
        )

    def refusal(self, authorization: str) -> Reply | None:
        return self.desk.refusal(Request("GET", "/toy/fact", {}, {"Authorization": authorization}, b""))


@pytest.fixture
def office(contracts: Path) -> Office:
    now = [1_000.0]
    world = World(population=Population(1), clock=VirtualClock(), contracts=contracts, monotonic=lambda: now[0])
    return Office(TokenDesk(world, "toy"), now)


def packed(**fields: str) -> str:
    return base64.b64encode(orjson.dumps(fields)).decode()


def test_http_basic_of_key_and_secret_gives_a_token_for_an_hour(office: Office) -> None:
    """The answer has what RFC 6749 names, and the token opens the door."""
    reply = office.ask(Authorization=aiohttp.encode_basic_auth("key", "secret"))
    answer = orjson.loads(reply.body)

    assert (reply.status, answer["token_type"], answer["expires_in"]) == (200, "Bearer", 3600)
    assert office.refusal(f"Bearer {answer['access_token']}") is None


def test_lgspaccesstoken_gives_a_token_too(office: Office) -> None:
    """The header's JSON names key and secret, and more that nobody reads."""
    header = packed(AccessKey="key", SecretKey="secret", AppName="cong", PartnerCode="000.00.01.H58", PartnerCodeCus="")

    reply = office.ask(lgspaccesstoken=header)

    assert reply.status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": aiohttp.encode_basic_auth("key", "wrong")},
        {"Authorization": aiohttp.encode_basic_auth("nobody", "secret")},
        {"Authorization": "Basic %%%"},
        {"Authorization": "Basic /w=="},
        {"Authorization": "Bearer key"},
        {"lgspaccesstoken": packed(AccessKey="key", SecretKey="wrong")},
        {"lgspaccesstoken": "no base64!"},
        {"lgspaccesstoken": base64.b64encode(b"[]").decode()},
        {"lgspaccesstoken": base64.b64encode(b"{").decode()},
    ],
)
def test_wrong_credentials_are_401(office: Office, headers: dict[str, str]) -> None:
    """Whatever is wrong about them, the answer is JSON and 401."""
    reply = office.ask(**headers)

    assert reply.status == 401
    assert orjson.loads(reply.body)["error"] == "invalid_client"


def test_another_grant_is_400(office: Office) -> None:
    """Only client credentials are given tokens."""
    reply = office.ask(b"grant_type=password", Authorization=aiohttp.encode_basic_auth("key", "secret"))

    assert (reply.status, orjson.loads(reply.body)["error"]) == (400, "unsupported_grant_type")


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer nobody", "Basic a2V5OnNlY3JldA=="])
def test_a_call_without_a_known_token_is_401(office: Office, authorization: str) -> None:
    """Missing, unknown and other kinds of authorization are refused."""
    refusal = office.refusal(authorization)

    assert refusal is not None
    assert refusal.status == 401


def test_a_token_ends_in_real_time(office: Office) -> None:
    """One second before its end it is good, at its end it is spent, with the code that says so."""
    token = office.token()
    office.now[0] += 3_599
    assert office.refusal(f"Bearer {token}") is None

    office.now[0] += 1
    refusal = office.refusal(f"bearer {token}")

    assert refusal is not None
    assert orjson.loads(refusal.body)["fault"]["code"] == 900901


def test_tokens_are_forgotten_rather_than_piled_up(office: Office) -> None:
    """The desk holds so many and no more; the newest stay."""
    first = office.token()
    for _ in range(MAX_TOKENS):
        last = office.token()

    assert office.refusal(f"Bearer {first}") is not None
    assert office.refusal(f"Bearer {last}") is None
