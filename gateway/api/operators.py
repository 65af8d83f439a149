"""The rights on the operator's port: keys, sessions of the console, hosts and origins."""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple
from urllib.parse import urlsplit

import orjson
from aiohttp import hdrs, web

from gateway.api.auth import bearer_digest
from gateway.api.request import query_from_json, read_object
from gateway.api.routes import Request
from gateway.core.canonical import Canonical
from gateway.core.clock import Clock, SystemClock
from gateway.core.problems import Forbidden, Misdirected, Unauthenticated

OpsScope = Literal["read", "act"]
OPEN: Final = frozenset({"/livez", "/readyz"})
"""Routes that ask neither host nor key."""
SESSION: Final = "/api/session"
PARTS: Final = "/console/"
"""Scripts and styles of the console, which tell nothing of a deployment: they ask for no key."""
COOKIE: Final = "lgsp_session"
SESSION_S: Final = 8 * 3600
MOST_SESSIONS: Final = 1_000
_READS: Final = frozenset({hdrs.METH_GET, hdrs.METH_HEAD})
_LOOPBACK_NAMES: Final = ("localhost", "ip6-localhost", "ip6-loopback")
_BODY_LIMIT: Final = 4096


class Operator(NamedTuple):
    """An operator and its scopes."""

    name: str
    scopes: frozenset[OpsScope]


class Sessions:
    """The sessions of this process: a random token in a cookie, in place of the key by which it began. It ends with
    that key. The oldest is forgotten first.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._open: OrderedDict[bytes, tuple[bytes, float]] = OrderedDict()

    def begin(self, digest: bytes) -> str:
        """The token of a new session, begun by the key with the SHA-256 *digest*."""
        token = secrets.token_urlsafe(32)
        self._open[_hash(token)] = digest, self._clock.monotonic() + SESSION_S
        while len(self._open) > MOST_SESSIONS:
            self._open.popitem(last=False)
        return token

    def key_of(self, token: str) -> bytes | None:
        """The SHA-256 of the key by which a session that has not ended began."""
        found = self._open.get(_hash(token))
        if found is None or self._clock.monotonic() >= found[1]:
            return None
        return found[0]

    def end(self, token: str) -> None:
        """Ends a session."""
        self._open.pop(_hash(token), None)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()


@dataclass(slots=True)
class OperatorAccess:
    """The rights on the operator's port: *operators* by the SHA-256 of their key.

    Without *keys_asked* (on loopback) everybody may read. *hosts* are names that a request may be sent to besides
    addresses and loopback names: a page whose name leads to this machine must not read it by the visitor's browser.
    """

    operators: Mapping[bytes, Operator]
    hosts: frozenset[str] = frozenset()
    keys_asked: bool = True
    sessions: Sessions = field(default_factory=lambda: Sessions(SystemClock()))

    def become(self, other: OperatorAccess) -> None:
        """Gives the rights that *other* gives, from the next look at a request on; sessions stay with their keys."""
        self.operators, self.hosts, self.keys_asked = other.operators, other.hosts, other.keys_asked

    def check(self, http: web.BaseRequest) -> None:
        """Lets a request pass: probes without more, GET with the scope ``read``, others with ``act``.

        Raises:
            Misdirected: It is for another host.
            Unauthenticated: It needs a key and has none that is accepted.
            Forbidden: Its key has another scope, or it comes from a page of another origin.
        """
        if http.path in OPEN:
            return
        scope: OpsScope = "read" if http.method in _READS else "act"
        if not self.is_for_us(http.headers.getall(hdrs.HOST, ())):
            raise Misdirected
        if scope == "act" and not self.is_own_origin(http):
            raise Forbidden(reason="foreign_origin")
        if http.path == SESSION or (scope == "read" and (not self.keys_asked or http.path.startswith(PARTS))):
            return
        operator = self.operator(http)
        if operator is None:
            raise Unauthenticated(reason="" if http.headers.get(hdrs.AUTHORIZATION) is None else "unknown_key")
        if scope not in operator.scopes:
            raise Forbidden

    def operator(self, http: web.BaseRequest) -> Operator | None:
        """The operator of a request, by its key or its session."""
        digest = bearer_digest(http.headers.get(hdrs.AUTHORIZATION))
        if digest is None and (token := http.cookies.get(COOKIE)) is not None:
            digest = self.sessions.key_of(token)
        return None if digest is None else self.operators.get(digest)

    def who(self, http: web.BaseRequest) -> str:
        """The name of the operator who acts; raises :class:`Unauthenticated` where there is none."""
        operator = self.operator(http)
        if operator is None:
            raise Unauthenticated
        return operator.name

    def is_for_us(self, hosts: Sequence[str]) -> bool:
        """Whether the one ``Host`` is an address, a loopback name or one of *hosts*, whatever the port."""
        if len(hosts) != 1:
            return False
        name = host_name(hosts[0])
        return name in self.hosts or is_address(name) or name in _LOOPBACK_NAMES or name.endswith(".localhost")

    @staticmethod
    def is_own_origin(http: web.BaseRequest) -> bool:
        """Whether the request does not come from a page of another origin."""
        if http.headers.get("Sec-Fetch-Site", "none") not in {"none", "same-origin"}:
            return False
        origin = http.headers.get(hdrs.ORIGIN)
        return origin is None or urlsplit(origin).netloc.lower() == http.headers.get(hdrs.HOST, "").lower()


def host_name(host: str) -> str:
    """The name in a ``Host`` header without port, brackets and final dot, in small letters."""
    name = host.strip().lower()
    if name.startswith("["):
        address, closed, _ = name[1:].partition("]")
        return address if closed else ""
    return name.partition(":")[0].removesuffix(".")


def is_address(name: str) -> bool:
    """Whether *name* is an IP address."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


class _SignIn(Canonical):
    key: str


@dataclass(frozen=True, slots=True)
class SignIn:
    """``POST /api/session {"key"}``: a cookie for the console; ``GET`` tells who acts, ``DELETE`` ends the session."""

    access: OperatorAccess

    async def show(self, request: Request) -> web.Response:
        """Answers 200 with the operator's name and scopes, null and none where nobody is signed in."""
        operator = self.access.operator(request.http)
        name, scopes = (None, []) if operator is None else (operator.name, sorted(operator.scopes))
        told = {"data": {"operator": name, "scopes": scopes, "keys_asked": self.access.keys_asked}}
        return web.Response(body=orjson.dumps(told), content_type="application/json")

    async def begin(self, request: Request) -> web.Response:
        """Answers 200 with the operator's name and scopes, and the cookie."""
        wanted = query_from_json(_SignIn, await read_object(request.http, _BODY_LIMIT))
        assert isinstance(wanted, _SignIn)
        digest = hashlib.sha256(wanted.key.strip(" \t").encode()).digest()
        operator = self.access.operators.get(digest)
        if operator is None:
            raise Unauthenticated(reason="unknown_key")
        told = {"data": {"operator": operator.name, "scopes": sorted(operator.scopes)}}
        response = web.Response(body=orjson.dumps(told), content_type="application/json")
        token = self.access.sessions.begin(digest)
        response.set_cookie(COOKIE, token, max_age=SESSION_S, httponly=True, samesite="Strict", path="/")
        return response

    async def end(self, request: Request) -> web.Response:
        """Answers 204."""
        if (token := request.http.cookies.get(COOKIE)) is not None:
            self.access.sessions.end(token)
        response = web.Response(status=204)
        response.del_cookie(COOKIE, path="/")
        return response
