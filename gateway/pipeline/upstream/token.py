"""Keeps one token per credential for all callers; one request renews it, early, and once after a refusal.

The lock belongs to the credential, not to an upstream: two upstreams with the same login request share the token, and
upstreams with different ones never see each other's token.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, ClassVar, Final, Protocol

from msgspec.structs import astuple

from gateway.core.canonical import Wire
from gateway.core.clock import Clock
from gateway.core.events import Observer, TokenRenewed
from gateway.core.login import presentable
from gateway.core.message import Login, Reply, Rest, Token
from gateway.core.problems import Failing, GatewayError, OffContract, TimedOut, Unavailable, Withheld
from gateway.core.settings import UpstreamSettings
from gateway.core.steps import Next
from gateway.core.upstream import UpstreamRequest
from gateway.pipeline.upstream.classify_reply import Send, TokenSpent

EARLY_S: Final = 60.0
"""A token is renewed in the background from this long before its end (or in its last tenth, if that is shorter)."""
LEAST_S: Final = 60.0
"""An end in the past cannot be meant for a token just given (a clock is wrong): it is used for so long all the same."""
RETRY_S: Final = 5.0
"""How long a failed early renewal rests while the old token still holds."""
REST_S: Final = 1.0
LONGEST_REST_S: Final = 8.0
"""After a failed renewal without a token to go on with, all fail fast for this long, doubled each time: an endpoint
that is down is not stormed, and an account is not locked by a wrong password tried a hundred times a second."""
LONGEST_PATIENCE_S: Final = 300.0
"""An endpoint that says when to come back (``Retry-After``) is left alone until then, but no longer than this."""
DOUBT_S: Final = 30.0
"""A source that refused a token just renewed gets no other one for this long: the fault is not the token."""


@dataclass(slots=True)
class HeldToken:
    """A token in use, given at *since*. Monotonic seconds; without *ends_at* it is used until refused."""

    token: Token
    renew_at: float | None
    ends_at: float | None
    since: float


class TokenShelf(Protocol):
    """Where gateways with the same credential find each other's tokens. It raises nothing, and takes little time."""

    async def find(self, credential: bytes) -> Token | None:
        """The newest token that any of them was given, if it is known."""
        ...

    def put(self, credential: bytes, token: Token) -> None:
        """Tells the others of *token*, behind the caller's back."""
        ...


class NoShelf:
    """The shelf of a gateway alone."""

    async def find(self, credential: bytes) -> Token | None:  # noqa: ARG002  # the protocol's signature
        """None: there is no other gateway."""
        return None

    def put(self, credential: bytes, token: Token) -> None:
        """Does nothing: there is no other gateway."""


class TokenSource:
    """One credential's token.

    The renewal is a separate task with its own time limit: a caller that leaves does not cancel it for the others.
    """

    def __init__(
        self,
        ask: Callable[[], Rest],
        read: Callable[[Reply, datetime], Token | GatewayError],
        send: Send,
        *,
        clock: Clock,
        observer: Observer,
        names: tuple[str, str],
        timeout_s: float,
        shelf: TokenShelf | None = None,
        credential: bytes = b"",
    ) -> None:
        self._shelf: TokenShelf = shelf or NoShelf()
        self._credential = credential
        self._refused = ""
        self._ask_with = ask
        self._read = read
        self._send = send
        self._clock = clock
        self._observer = observer
        self._connector, self._upstream = names
        self._timeout_s = timeout_s
        self._held: HeldToken | None = None
        self._renewal: asyncio.Task[HeldToken] | None = None
        self._failure: GatewayError | None = None
        self._failures = 0
        self._rest_until = 0.0
        self._told_until = 0.0

    async def current(self) -> HeldToken:
        """A token that holds; an early renewal runs beside it."""
        held = self._held
        now = self._clock.monotonic()
        if held is not None and (held.ends_at is None or now < held.ends_at):
            if held.renew_at is not None and now >= held.renew_at:
                held.renew_at = now + RETRY_S
                _ = self._start()
            return held
        if self._failure is not None and now < self._rest_until:
            raise _resting(self._failure, max(self._rest_until, self._told_until) - now)
        try:
            return await asyncio.shield(self._start())
        except GatewayError as error:
            # Each waiter meets an error of its own: all of them wait for one renewal.
            raise error.replace() from None

    def send_by(self, ask: Callable[[], Rest], send: Send, *, timeout_s: float) -> None:
        """Renews over *send* from now on; the token in use stays."""
        self._ask_with, self._send, self._timeout_s = ask, send, timeout_s

    def age_s(self) -> float:
        """Seconds since the token in use was given; NaN while there is none."""
        return math.nan if self._held is None else self._clock.monotonic() - self._held.since

    async def instead_of(self, refused: HeldToken) -> HeldToken:
        """Another token than *refused*: one that another call has fetched since, or a new one."""
        if self._held is refused:
            self._held = None
            self._refused = refused.token.value
        return await self.current()

    async def close(self) -> None:
        """Ends a renewal under way."""
        if self._renewal is not None:
            self._renewal.cancel()
            await asyncio.gather(self._renewal, return_exceptions=True)

    def _start(self) -> asyncio.Task[HeldToken]:
        if self._renewal is None or self._renewal.done():
            self._renewal = asyncio.create_task(self._renew(), name=f"token {self._connector}.{self._upstream}")
            self._renewal.add_done_callback(_consume)
        return self._renewal

    async def _renew(self) -> HeldToken:
        if (shared := await self._from_elsewhere()) is not None:
            self._failure, self._failures, self._held = None, 0, shared
            return shared
        outcome, cause = "cancelled", ""
        try:
            token = await self._ask()
            outcome = "ok"
        except GatewayError as error:
            outcome, cause = error.reason or error.code, error.cause
            self._rest(error)
            raise
        finally:
            self._observer(TokenRenewed(self._connector, self._upstream, outcome, cause))
        self._failure, self._failures = None, 0
        self._held = self._hold(token)
        self._shelf.put(self._credential, token)
        return self._held

    async def _from_elsewhere(self) -> HeldToken | None:
        """The token that another gateway was given, unless it is the one that ends or was refused here."""
        token = await self._shelf.find(self._credential)
        if token is None or token.value in {self._refused, "" if self._held is None else self._held.token.value}:
            return None
        held = self._hold(token)
        return held if held.renew_at is None or self._clock.monotonic() < held.renew_at else None

    def _rest(self, failure: GatewayError) -> None:
        """Leaves the endpoint alone: for a while that doubles, or for as long as it asked for."""
        now, told_s = self._clock.monotonic(), failure.retry_after or 0.0
        rest_s = max(min(LONGEST_REST_S, REST_S * 2.0**self._failures), min(told_s, LONGEST_PATIENCE_S))
        self._failure, self._rest_until, self._told_until = failure.replace(), now + rest_s, now + told_s
        self._failures = min(self._failures + 1, 10)
        if self._held is not None and self._held.renew_at is not None:
            self._held.renew_at = max(self._held.renew_at, now + min(told_s, LONGEST_PATIENCE_S))

    async def _ask(self) -> Token:
        now = self._clock.now()
        try:
            async with self._clock.timeout_at(self._clock.monotonic() + self._timeout_s):
                reply = await self._send(self._ask_with())
            found = self._read(reply, now)
            if isinstance(found, Token):
                found = presentable(found)
        except TimeoutError:
            raise TimedOut(
                "The token endpoint did not answer in time.", reason="attempt", may_have_arrived=False
            ) from None
        except GatewayError as error:
            raise _of_endpoint(error) from error.__cause__
        except (LookupError, TypeError, ValueError, AttributeError, OverflowError):
            raise OffContract(
                "The token endpoint's answer could not be read.", reason="malformed", may_have_arrived=False
            ) from None
        if isinstance(found, GatewayError):
            raise _of_endpoint(found)
        return found

    def _hold(self, token: Token) -> HeldToken:
        if token.expires_at is None:
            return HeldToken(token, None, None, self._clock.monotonic())
        left = (token.expires_at - self._clock.now()) / timedelta(seconds=1)
        if left <= 0:
            left = LEAST_S
        now = self._clock.monotonic()
        return HeldToken(token, now + left - min(EARLY_S, left / 10), now + left, now)


def _consume(task: asyncio.Task[HeldToken]) -> None:
    if not task.cancelled():
        task.exception()


def _of_endpoint(error: GatewayError) -> GatewayError:
    """*error* of the token endpoint, as the error of an exchange that waited for the token: no byte of it left."""
    if isinstance(error, Unavailable):
        return Failing(
            "The upstream's token endpoint is down.",
            reason="token_endpoint",
            retry_after=error.retry_after,
            may_have_arrived=False,
        ).replace(cause=error.cause)
    return error.replace(may_have_arrived=False)


def _resting(failure: GatewayError, seconds: float) -> GatewayError:
    """The error while the endpoint is left alone: nothing was asked, so it is neither retried inside nor counted."""
    if isinstance(failure, Unavailable | TimedOut):
        return Withheld("The upstream's token endpoint is down.", reason="token_endpoint", retry_after=seconds)
    return failure.replace()


class Tokens:
    """The token sources of a configuration, one for each credential.

    A configuration that takes the place of another gets its tokens by *before*: the same credential keeps its token.
    """

    def __init__(self, before: Tokens | None = None, shelf: TokenShelf | None = None) -> None:
        self._shelf = shelf
        self.sources: dict[Hashable, TokenSource] = {}
        """By credential."""
        self._known = {} if before is None else before.sources
        self._moves: list[Callable[[], None]] = []

    def of(
        self,
        login: Login[Any],
        settings: UpstreamSettings,
        send: Send,
        *,
        clock: Clock,
        observer: Observer,
        names: tuple[str, str],
        timeout_s: float,
    ) -> TokenSource:
        """The source for the credential in *settings*, made on first sight."""
        credential = fingerprint(login.ask(settings), settings)
        key = (login.read, credential)
        if key not in self.sources and (known := self._known.get(key)) is not None:
            self.sources[key] = known
            self._moves.append(partial(known.send_by, partial(login.ask, settings), send, timeout_s=timeout_s))
        elif key not in self.sources:
            self.sources[key] = TokenSource(
                partial(login.ask, settings),
                login.read,
                send,
                clock=clock,
                observer=observer,
                names=names,
                timeout_s=timeout_s,
                shelf=self._shelf,
                credential=credential,
            )
        return self.sources[key]

    def take_over(self) -> None:
        """From now on the sources of the configuration before are renewed over the connections of this one."""
        for move in self._moves:
            move()
        self._moves, self._known = [], {}

    async def close(self, heirs: Iterable[Tokens] = ()) -> None:
        """Ends all renewals but those of sources that one of *heirs* has."""
        kept = {id(source) for heir in heirs for source in heir.sources.values()}
        for source in self.sources.values():
            if id(source) not in kept:
                await source.close()


def fingerprint(ask: Rest, settings: UpstreamSettings) -> bytes:
    """A hash of a token request, every field of it: equal hashes, for the same address, mean the same credential.

    The ``repr`` of the request cannot be used: it leaves out the secrets, by which credentials differ.
    """
    base = "" if ask.absolute else settings.base
    whole = astuple(ask)
    return hashlib.sha256(repr((base, settings.ca_file, whole)).encode()).digest()


class TokenStep:
    """Puts the login's token on each exchange of one upstream."""

    name: ClassVar[str] = "token"

    def __init__(self, login: Login[Any], settings: UpstreamSettings, source: TokenSource, clock: Clock) -> None:
        self._login = login
        self._settings = settings
        self._source = source
        self._clock = clock
        self._doubt_until = 0.0

    async def __call__(self, proceed: Next[UpstreamRequest, Wire | None], request: UpstreamRequest) -> Wire | None:
        held = await self._source.current()
        try:
            return await proceed(self._with(request, held.token))
        except TokenSpent:
            if self._clock.monotonic() < self._doubt_until:
                raise
            request.call.trace.notes.append("token=renewed")
            held = await self._source.instead_of(held)
        try:
            return await proceed(self._with(request, held.token))
        except TokenSpent:
            self._doubt_until = self._clock.monotonic() + DOUBT_S
            raise

    def _with(self, request: UpstreamRequest, token: Token) -> UpstreamRequest:
        return request.with_exchange(self._login.put(request.exchange, token, self._settings))
