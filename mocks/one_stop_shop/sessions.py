"""Login by name and password, and the session in the body of every call after it [C]."""

from __future__ import annotations

import hmac
import re
import secrets
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from mocks.engine.service import Call, Reply, Request, World, json_reply
from mocks.one_stop_shop.answers import DONE, NO_SESSION, WELL, WRONG_AGENCY, WRONG_PASSWORD, Refusal, refused, told

LIFETIME_S: Final = 1800.0
"""Lifetime of a session in seconds, our assumption [S]."""
MAX_SESSIONS: Final = 10_000
AGENCY: Final = re.compile(r"000\.\d{2}\.\d{2}\.H58")
"""`madonvi`: agencies of the province that the published account belongs to."""
_EXPIRED: Final = "Phiên làm việc không hợp lệ hoặc đã hết hạn"


class Sessions:
    """The sessions of one portal, on real time; a session from before a reset is unknown after it."""

    def __init__(self, world: World, system: str, *, account: str = "") -> None:
        self._username = world.credential(system, f"{account}username")
        self._password = world.credential(system, f"{account}password")
        self._monotonic = world.monotonic
        self._ends: OrderedDict[str, float] = OrderedDict()

    def call(self, name: str, path: str) -> Call:
        """Returns the login call: `POST {username, password}` → `{session, error_code: 0}`."""
        return Call(name=name, path=path, method="POST", kind="token", answer=self._login)

    def guard(self, *, as_text: bool) -> Callable[[Request], Reply | None]:
        """Returns an `authenticate`: None for a valid session of the province's agency, else `error_code`, HTTP 200."""

        def refusal(request: Request) -> Reply | None:
            ends = self._ends.get(str(request.fields.get("session")))
            if ends is None:
                return refused(request, Refusal(NO_SESSION, _EXPIRED, "/session: unknown"), as_text=as_text)
            if ends <= self._monotonic() + request.skew_s:
                return refused(request, Refusal(NO_SESSION, _EXPIRED, "/session: spent"), as_text=as_text)
            if not AGENCY.fullmatch(str(request.fields.get("madonvi"))):
                wrong = Refusal(WRONG_AGENCY, "Mã đơn vị không hợp lệ", "/madonvi: not an agency of this account")
                return refused(request, wrong, as_text=as_text)
            return None

        return refusal

    def open(self) -> str:
        """Opens a session, as a login does."""
        session = secrets.token_hex(16)
        self._ends[session] = self._monotonic() + LIFETIME_S
        while len(self._ends) > MAX_SESSIONS:
            self._ends.popitem(last=False)
        return session

    def _login(self, request: Request) -> Reply:
        name, password = (str(request.fields.get(field, "")) for field in ("username", "password"))
        right_name = hmac.compare_digest(name.encode(), self._username.encode())
        if not (hmac.compare_digest(password.encode(), self._password.encode()) and right_name):
            request.breach("/username, /password: not an account of this portal")
            message = "Tài khoản hoặc mật khẩu không đúng"
            return json_reply({"session": "", "error_code": WRONG_PASSWORD, "message": message})
        return json_reply({"session": self.open(), "error_code": WELL, "message": DONE})


def spent_session(*, as_text: bool) -> Callable[[Request], Reply]:
    """Returns the portal's answer to an expired session, for `token_expired`."""

    def spent(_: Request) -> Reply:
        return told(NO_SESSION, _EXPIRED, as_text=as_text)

    return spent
