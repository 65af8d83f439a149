"""An upstream as a connector sees it, and the request that goes through its ring."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import msgspec

from gateway.core.call import Call
from gateway.core.canonical import Wire
from gateway.core.clock import Clock
from gateway.core.message import Exchange, Rest
from gateway.core.problems import Effect
from gateway.core.settings import S_co
from gateway.core.transfer import SourceFile, Transfer

W = TypeVar("W", bound=Wire)


@dataclass(frozen=True, slots=True)
class Officer:
    """The officer who asks, for sources whose contract requires a registered name and citizen number."""

    full_name: str
    citizen_id: str = field(repr=False)


class Upstream(Protocol[S_co]):
    """One upstream as one call sees it: the only way in which a connector reaches a source."""

    @property
    def settings(self) -> S_co: ...

    @property
    def call(self) -> Call: ...

    @property
    def clock(self) -> Clock:
        """Tells the day, and what is left of ``call.expires_at``."""
        ...

    @property
    def officer(self) -> Officer | None:
        """The officer of the call, if the configuration has one."""
        ...

    async def ask(
        self,
        exchange: Exchange,
        into: type[W],
        *,
        same: Callable[[W], bool] | None = None,
        effect: Effect | None = None,
    ) -> W | None:
        """Sends *exchange* through the upstream's ring.

        Args:
            exchange: The message.
            into: The wire model of the answer.
            same: Whether the answer belongs to the question (compared wherever both carry it).
            effect: The operation's, unless said.

        Returns:
            The decoded answer, or None where the register has no such record.

        Raises:
            GatewayError: The answer could not be had.
        """
        ...

    async def fetch(self, exchange: Rest) -> SourceFile | None:
        """Sends *exchange*, whose answer is a file (``raw``), through the upstream's ring.

        A large file is returned when its first bytes are there; the rest comes as the caller takes it, and counts as
        the same exchange.

        Returns:
            The file, or None where there is no such file.

        Raises:
            GatewayError: The file could not be had.
        """
        ...


class Progress(msgspec.Struct):
    """The progress of an exchange: written by the inner steps, read by the outer ones.

    A retry starts the same exchange again, so these are of its latest attempt; *attempts* counts all. Seconds.
    """

    attempts: int = 0
    """Attempts begun at the source."""
    seconds: float = 0.0
    """Duration of the latest attempt, without queueing."""
    may_have_arrived: bool = False
    """Whether anything of it may have left: it may still have waited for a token."""
    handed_over: bool = False
    """Whether bytes of its answer, which is a file, went on already."""


class UpstreamRequest(msgspec.Struct, frozen=True):
    """The request that goes through the upstream ring."""

    exchange: Exchange
    call: Call
    effect: Effect
    into: type[Wire]
    same: Callable[[Any], bool] | None
    progress: Progress = msgspec.field(default_factory=Progress)
    transfer: Transfer | None = None
    """Of an exchange whose answer is a file."""

    def with_exchange(self, exchange: Exchange) -> UpstreamRequest:
        """The same, with another *exchange* (a general ``replace`` costs three times as much, for every exchange)."""
        return UpstreamRequest(exchange, self.call, self.effect, self.into, self.same, self.progress, self.transfer)
