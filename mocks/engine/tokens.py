"""Tokens of the road: the province's adapter, NGSP and LGSP issue them by OAuth client credentials.

Clients identify themselves by HTTP Basic or by the header `lgspaccesstoken`; both are seen in public code [C].
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from functools import partial
from typing import Final

import orjson

from mocks.engine.service import Call, Reply, Request, World, json_reply

#: Maximum number of tokens; the oldest are removed, so that memory stays bounded.
MAX_TOKENS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Key:
    access: str
    secret: str


class TokenDesk:
    """Issues and checks the tokens of one system, on real time.

    Tokens are random, not sequential: a token from before a reset is unknown after it.
    """

    __slots__ = ("_key", "_monotonic", "_tokens", "lifetime_s")

    def __init__(self, world: World, system: str, *, lifetime_s: float = 3600.0) -> None:
        self._key = Key(world.credential(system, "access_key"), world.credential(system, "secret_key"))
        self._monotonic = world.monotonic
        self._tokens: OrderedDict[str, float] = OrderedDict()
        self.lifetime_s = lifetime_s

    def call(self, path: str = "token") -> Call:
        """Returns the token endpoint, a call named `token`."""
        return Call(
            name="token", path=path, method="POST", kind="token", answer=self._issue, shown=frozenset({"grant_type"})
        )

    @property
    def guarded(self) -> partial[Call]:
        """Returns `Call` with this desk's token check filled in: `desk.guarded(name=…, path=…, answer=…)`."""
        return partial(Call, authenticate=self.refusal, spent=spent_token)

    def refusal(self, request: Request) -> Reply | None:
        """Returns None for a valid token, otherwise the road's refusal."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        ends = self._tokens.get(token.strip()) if scheme.lower() == "bearer" else None
        if ends is None:
            request.breach("header Authorization: not a token of this system")
            return _refused(900902, "Missing Credentials" if not token else "Invalid Credentials")
        if ends <= self._monotonic() + request.skew_s:
            return spent_token(request)
        return None

    def mint(self) -> str:
        """Issues a token without a key, for the page."""
        token = secrets.token_urlsafe(24)
        self._tokens[token] = self._monotonic() + self.lifetime_s
        while len(self._tokens) > MAX_TOKENS:
            self._tokens.popitem(last=False)
        return token

    def bearer(self) -> dict[str, str]:
        """Returns the header with a new token."""
        return {"Authorization": f"Bearer {self.mint()}"}

    def _issue(self, request: Request) -> Reply:
        if request.fields.get("grant_type") != "client_credentials":
            request.breach("form grant_type: not client_credentials")
            return json_reply({"error": "unsupported_grant_type"}, status=400)
        key = _key_of(request)
        if key is None or not _same(key, self._key):
            request.breach("credentials: no known key in HTTP Basic or lgspaccesstoken")
            return json_reply(
                {"error": "invalid_client", "error_description": "Client authentication failed"}, status=401
            )
        token = self.mint()
        return json_reply(
            {"access_token": token, "scope": "default", "token_type": "Bearer", "expires_in": int(self.lifetime_s)}
        )


def spent_token(_: Request) -> Reply:
    """Returns the road's answer to an expired token."""
    return _refused(900901, "Access Token Expired")


def _refused(code: int, message: str) -> Reply:
    body = {"fault": {"code": code, "message": message, "description": "Request a new token from the token endpoint"}}
    return json_reply(body, status=401, headers=(("WWW-Authenticate", 'Bearer error="invalid_token"'),))


def _key_of(request: Request) -> Key | None:
    try:
        if packed := request.headers.get("lgspaccesstoken"):
            value = orjson.loads(base64.b64decode(packed, validate=True))
            if isinstance(value, dict):
                return Key(str(value.get("AccessKey", "")), str(value.get("SecretKey", "")))
            return None
        scheme, _, packed = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return None
        access, _, secret = base64.b64decode(packed.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, orjson.JSONDecodeError):
        return None
    return Key(access, secret)


def _same(given: Key, known: Key) -> bool:
    return hmac.compare_digest(given.access.encode(), known.access.encode()) and hmac.compare_digest(
        given.secret.encode(), known.secret.encode()
    )
