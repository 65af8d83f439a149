"""One token for all callers of an upstream: renewed by one request, early, and once after a refusal."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from gateway.core.canonical import Wire
from gateway.core.clock import Clock
from gateway.core.events import Observer, TokenRenewed
from gateway.core.problems import Failing, GatewayError, OffContract, TimedOut, Unavailable
from gateway.core.steps import Next
from gateway.core.upstream import Login, Rest, Sent, Token, UpstreamSettings
from gateway.pipeline.judge import Send, TokenSpent

EARLY_S: Final = 60.0
"""A token is renewed in the background from this long before its end (or in its last tenth, if that is shorter)."""
RETRY_S: Final = 5.0
"""How long a failed early renewal rests while the old token still holds."""


@dataclass(slots=True)
class _Held:
    token: Token
    renew_at: float | None
    """Monotonic seconds."""
    ends_at: float | None


class TokenStep:
    """Puts the login's token on each exchange.

    The renewal is a task of its own with its own time limit: a caller that leaves does not cancel it for the others.
    """

    def __init__(
        self,
        login: Login[Any],
        settings: UpstreamSettings,
        send: Send,
        *,
        clock: Clock,
        observer: Observer,
        names: tuple[str, str],
        timeout_s: float,
    ) -> None:
        self._login = login
        self._settings = settings
        self._send = send
        self._clock = clock
        self._observer = observer
        self._connector, self._upstream = names
        self._timeout_s = timeout_s
        self._held: _Held | None = None
        self._renewal: asyncio.Task[_Held] | None = None

    async def __call__(self, proceed: Next[Sent, Wire | None], sent: Sent) -> Wire | None:
        held = await self._current()
        try:
            return await proceed(self._with(sent, held.token))
        except TokenSpent:
            if self._held is held:
                self._held = None
            held = await self._current()
            return await proceed(self._with(sent, held.token))

    async def close(self) -> None:
        """Ends a renewal under way."""
        if self._renewal is not None:
            self._renewal.cancel()
            await asyncio.gather(self._renewal, return_exceptions=True)

    def _with(self, sent: Sent, token: Token) -> Sent:
        exchange = self._login.put(sent.exchange, token, self._settings)
        return replace(sent, exchange=exchange)

    async def _current(self) -> _Held:
        held = self._held
        now = self._clock.monotonic()
        if held is not None and (held.ends_at is None or now < held.ends_at):
            if held.renew_at is not None and now >= held.renew_at:
                held.renew_at = now + RETRY_S
                _ = self._start()
            return held
        return await asyncio.shield(self._start())

    def _start(self) -> asyncio.Task[_Held]:
        if self._renewal is None or self._renewal.done():
            self._renewal = asyncio.create_task(self._renew(), name=f"token {self._connector}.{self._upstream}")
            self._renewal.add_done_callback(_consume)
        return self._renewal

    async def _renew(self) -> _Held:
        outcome = "ok"
        try:
            token = await self._ask()
        except GatewayError as error:
            outcome = error.reason or error.code
            raise
        finally:
            self._observer(TokenRenewed(self._connector, self._upstream, outcome))
        self._held = self._hold(token)
        return self._held

    async def _ask(self) -> Token:
        exchange: Rest = self._login.ask(self._settings)
        now = self._clock.now()
        try:
            async with self._clock.timeout_at(self._clock.monotonic() + self._timeout_s):
                reply = await self._send(exchange)
            return self._login.read(reply, now)
        except TimeoutError:
            raise TimedOut("The token endpoint did not answer in time.", reason="attempt", sent=False) from None
        except Unavailable as error:
            raise Failing(
                "The upstream's token endpoint is down.",
                reason="token_endpoint",
                retry_after=error.retry_after,
                sent=False,
            ) from None
        except GatewayError as error:
            error.sent = False
            raise
        except (KeyError, TypeError, ValueError):
            raise OffContract("The token endpoint's answer can't be read.", reason="malformed", sent=False) from None

    def _hold(self, token: Token) -> _Held:
        if token.expires_at is None:
            return _Held(token, None, None)
        left = (token.expires_at - self._clock.now()) / timedelta(seconds=1)
        now = self._clock.monotonic()
        return _Held(token, now + left - min(EARLY_S, left / 10), now + left)


def _consume(task: asyncio.Task[_Held]) -> None:
    if not task.cancelled():
        task.exception()
