"""An upstream that does what its script says, and remembers what arrived."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from gateway.core.message import Exchange, Reply, Rest
from gateway.core.problems import Failing, GatewayError
from gateway.testing.clock import FakeClock


@dataclass(frozen=True, slots=True)
class Hang:
    """Never answers."""


@dataclass(frozen=True, slots=True)
class After:
    """Answers *then*, *seconds* later."""

    seconds: float
    then: Deed


Deed: TypeAlias = "Reply | GatewayError | Hang | After | Callable[[Exchange], Reply]"
HANG: Final = Hang()


def answers(name: str = "Sổ đăng ký") -> Callable[[Exchange], Reply]:
    """The record that was asked for."""

    def reply(exchange: Exchange) -> Reply:
        assert isinstance(exchange, Rest)
        return Reply(200, {}, {"code": exchange.query.get("code", "?"), "name": name})

    return reply


def status(code: int, body: object = None, **headers: str) -> Reply:
    """A reply with a status; header names take ``_`` for ``-``."""
    return Reply(code, {name.replace("_", "-"): value for name, value in headers.items()}, body)


def fails(reason: str = "unreachable", *, may_have_arrived: bool = True) -> Failing:
    """The connection breaks."""
    return Failing("The upstream is scripted to fail.", reason=reason, may_have_arrived=may_have_arrived)


@dataclass(slots=True)
class Arrival:
    """One exchange as the upstream saw it; *ended* is ``answered``, ``raised``, ``cancelled`` or None while it runs."""

    ordinal: int
    at: float
    exchange: Exchange
    ended: str | None = None


@dataclass(slots=True)
class ScriptedUpstream:
    """An adapter that does what its script says: the deeds in order of arrival, then *always*.

    Requests for tokens (exchanges named ``token``) have a script and journal of their own.
    """

    deeds: list[Deed]
    always: Deed
    clock: FakeClock
    token_deeds: list[Deed]
    token_always: Deed
    journal: list[Arrival] = field(default_factory=list)
    token_journal: list[Arrival] = field(default_factory=list)
    in_flight: int = 0
    most_at_once: int = 0

    def __init__(
        self,
        *deeds: Deed,
        always: Deed | None = None,
        clock: FakeClock | None = None,
        token_deeds: Sequence[Deed] = (),
        token_always: Deed | None = None,
    ) -> None:
        """Does *deeds* in order of arrival, then *always*; *token_deeds*, then *token_always*, for token requests."""
        self.deeds = list(deeds)
        self.always = always or answers()
        self.clock = clock or FakeClock()
        self.token_deeds = list(token_deeds)
        self.token_always = token_always or status(200, {"access_token": "t"})
        self.journal = []
        self.token_journal = []
        self.in_flight = self.most_at_once = 0

    @property
    def count(self) -> int:
        """How many exchanges arrived, requests for tokens left out."""
        return len(self.journal)

    @property
    def token_count(self) -> int:
        """How many requests for a token arrived."""
        return len(self.token_journal)

    async def send(self, exchange: Exchange) -> Reply:
        """See :class:`gateway.app.Adapter`."""
        for_token = exchange.name == "token"
        journal = self.token_journal if for_token else self.journal
        arrival = Arrival(len(journal) + 1, self.clock.monotonic(), exchange)
        journal.append(arrival)
        deeds, always = (self.token_deeds, self.token_always) if for_token else (self.deeds, self.always)
        deed = deeds.pop(0) if deeds else always
        self.in_flight += 1
        self.most_at_once = max(self.most_at_once, self.in_flight)
        arrival.ended = "cancelled"
        try:
            reply = await self._do(deed, exchange)
            arrival.ended = "answered"
        except GatewayError:
            arrival.ended = "raised"
            raise
        else:
            return reply
        finally:
            self.in_flight -= 1

    async def _do(self, deed: Deed, exchange: Exchange) -> Reply:
        """One deed."""
        match deed:
            case After(seconds, then):
                await self.clock.sleep(seconds)
                return await self._do(then, exchange)
            case Hang():
                await asyncio.get_running_loop().create_future()
                raise AssertionError
            case GatewayError():
                raise deed.replace()
            case Reply():
                return deed
            case _:
                return deed(exchange)
