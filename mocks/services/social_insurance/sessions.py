"""The account of the health card gateway and its sessions: always HTTP 200, the result is in `maKetQua` [G]."""

from __future__ import annotations

import hmac
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, timedelta
from hashlib import md5
from typing import Final

from mocks.engine.service import Reply, Request, World, json_reply
from mocks.engine.tokens import MAX_TOKENS

LIFETIME_S: Final = 3600.0
_SYSTEM: Final = "social_insurance"


@dataclass(frozen=True, slots=True)
class Session:
    identity: str
    """`id_token`"""
    ends: float
    """End of the session, in real monotonic seconds."""


class SessionDesk:
    """Issues and checks sessions, on real time."""

    def __init__(self, world: World) -> None:
        self._clock = world.clock
        self._monotonic = world.monotonic
        self._username = world.credential(_SYSTEM, "username")
        self._hash = md5(world.credential(_SYSTEM, "password").encode(), usedforsecurity=False).hexdigest().upper()
        self._sessions: OrderedDict[str, Session] = OrderedDict()

    def take(self, request: Request) -> Reply:
        """`api/token/take`: opens a session; its end is in UTC."""
        form = request.fields
        if not form.get("username") or not form.get("password"):
            request.breach("form: username and password")
            return json_reply({"maKetQua": "205", "APIKey": None})
        if not self._knows(request, form):
            return json_reply({"maKetQua": "401", "APIKey": None})
        access, identity = self._open()
        real_now = self._clock.now() - self._clock.ahead
        ends = (real_now + timedelta(seconds=LIFETIME_S)).astimezone(UTC)
        key = {
            "access_token": access,
            "id_token": identity,
            "token_type": "Bearer",
            "username": self._username,
            "expires_in": f"{ends:%Y-%m-%dT%H:%M:%S.%f}0Z",
        }
        return json_reply({"maKetQua": "200", "APIKey": key})

    def _open(self) -> tuple[str, str]:
        access, identity = secrets.token_urlsafe(32), secrets.token_urlsafe(16)
        self._sessions[access] = Session(identity, self._monotonic() + LIFETIME_S)
        while len(self._sessions) > MAX_TOKENS:
            self._sessions.popitem(last=False)
        return access, identity

    def query(self) -> dict[str, str]:
        """Returns the query of a card request with a new session, for the page."""
        access, identity = self._open()
        return {"token": access, "id_token": identity, "username": self._username, "password": self._hash}

    def refusal(self, request: Request) -> Reply | None:
        """Returns None for a valid session of this account, otherwise code 401 in HTTP 200."""
        query = request.query
        missing = [name for name in ("token", "id_token", "username", "password") if not query.get(name)]
        if missing:
            request.breach(f"query {', '.join(missing)}: missing")
            return self.spent(request)
        session = self._sessions.get(query["token"])
        if session is None or not hmac.compare_digest(session.identity.encode(), query["id_token"].encode()):
            request.breach("query token, id_token: not a session of this account")
            return self.spent(request)
        if not self._knows(request, query) or session.ends <= self._monotonic() + request.skew_s:
            return self.spent(request)
        return None

    @staticmethod
    def spent(_: Request) -> Reply:
        """Returns the answer to an expired session or an unknown account."""
        return json_reply({"maKetQua": "401", "ghiChu": "Lỗi xác thực tài khoản"})

    def _knows(self, request: Request, given: Mapping[str, object]) -> bool:
        name, password = str(given["username"]), str(given["password"])
        if hmac.compare_digest(password.upper().encode(), self._hash.encode()) and password != self._hash:
            request.breach("password: MD5 in upper case")
            return False
        known = hmac.compare_digest(name.encode(), self._username.encode())
        if not (hmac.compare_digest(password.encode(), self._hash.encode()) and known):
            request.breach("username, password: unknown account")
            return False
        return True
