"""An upstream that gives scripted replies to a dialect's functions, and remembers what it was asked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, Generic, TypeAlias

from gateway.core.call import Call, Trace
from gateway.core.canonical import Canonical
from gateway.core.clock import Clock
from gateway.core.connector import Dialect
from gateway.core.events import Event
from gateway.core.message import Exchange, Reply, Rest, Soap
from gateway.core.operation import Operation
from gateway.core.problems import Effect, GatewayError
from gateway.core.settings import S
from gateway.core.transfer import FileStart, SourceFile
from gateway.core.upstream import Officer, UpstreamRequest, W
from gateway.pipeline.upstream.classify_reply import ClassifyReply
from gateway.testing.clock import FakeClock

Said: TypeAlias = object
"""One scripted reply.

A :class:`~gateway.core.message.Reply` is given as it is, a :class:`~gateway.core.problems.GatewayError` is raised as
an adapter would raise it, and anything else is the body of a reply with status 200: parsed JSON, a mapping of the SOAP
body element, or a :class:`~gateway.core.message.SoapFault`.
"""
Script: TypeAlias = Sequence[Said] | Mapping[str, Said] | Callable[[Exchange], Awaitable[Said]]
"""In order (a list or tuple), by the exchange's name (a mapping), or an async function of the exchange."""

_FAR_AWAY: Final = 1e9


class NotScripted(AssertionError):
    """The upstream was asked something for which its script has no reply."""


class InTurn:
    """Replies to exchanges of one name, one after the other: ``{"take": InTurn(first, second)}``."""

    def __init__(self, *replies: Said) -> None:
        self.replies: list[Said] = [*replies]


def make_call(
    operation: Operation[Any, Any], query: Canonical | None = None, *, connector: str = "connector", **more: Any
) -> Call:
    """A request inside the gateway, as a connector sees it; its deadline is far away.

    Args:
        operation: The operation that was asked.
        query: The question; unless given, one without any field.
        connector: The connector's name, for events.
        more: Other fields of :class:`~gateway.core.call.Call`, such as ``may_have_arrived=True``.
    """
    fields: dict[str, Any] = {"caller": "test", "request_id": "1", "expires_at": _FAR_AWAY, "trace": Trace(started=0.0)}
    return Call(
        connector=connector,
        operation=operation,
        query=operation.query.model_construct() if query is None else query,
        **{**fields, **more},
    )


class FakeUpstream(Generic[S]):
    """An :class:`~gateway.core.upstream.Upstream` over scripted replies.

    Each reply goes through the step that the gateway itself uses
    (:class:`~gateway.pipeline.upstream.classify_reply.ClassifyReply`): the dialect's table classifies it, the wire
    model reads it, unknown fields are noted, and ``same`` compares it with the question. Nothing is sent, and no other
    policy acts: there is no retry and no deadline. ::

        up = FakeUpstream(NGSP, settings, [first, second])                     # in order
        up = FakeUpstream(NGSP, settings, {"thongTinThuaDat": sample})         # by the exchange's name, every time
        up = FakeUpstream(NGSP, settings, {"take": InTurn(Reply(401, {}, None), token)})

        found = await parcel(query, up)
        assert [exchange.name for exchange in up.sent] == ["thongTinThuaDat"]

    Args:
        dialect: The dialect under test.
        settings: The upstream's settings.
        replies: What it answers; see :data:`Script` and :data:`Said`.
        call: The request on whose behalf is asked; by default one for the dialect's first operation, see
            :func:`make_call`. Its operation says whether an exchange is a read or a write.
        officer: The officer for whom is asked.
        clock: The clock by which a lifetime or ``Retry-After`` is read; stands still by default.

    Attributes:
        sent: The exchanges that it was asked, oldest first.
        events: The events of the step, such as :class:`~gateway.core.events.DriftSeen`.
    """

    def __init__(
        self,
        dialect: Dialect,
        settings: S,
        replies: Script = (),
        *,
        call: Call | None = None,
        officer: Officer | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.dialect = dialect
        self.settings = settings
        self.call = call or make_call(dialect.calls[0].operation)
        self.officer = officer
        self.clock = clock or FakeClock()
        self.sent: list[Exchange] = []
        self.events: list[Event] = []
        self._replies = InTurn(*replies) if isinstance(replies, Sequence) else replies

    @property
    def rest(self) -> list[Rest]:
        """The exchanges, all of which are REST messages."""
        found = [exchange for exchange in self.sent if isinstance(exchange, Rest)]
        assert len(found) == len(self.sent), "an exchange is not a REST message"
        return found

    @property
    def soap(self) -> list[Soap]:
        """The exchanges, all of which are SOAP messages."""
        found = [exchange for exchange in self.sent if isinstance(exchange, Soap)]
        assert len(found) == len(self.sent), "an exchange is not a SOAP message"
        return found

    async def ask(
        self,
        exchange: Exchange,
        into: type[W],
        *,
        same: Callable[[W], bool] | None = None,
        effect: Effect | None = None,
    ) -> W | None:
        """See :meth:`gateway.core.upstream.Upstream.ask`.

        Raises:
            NotScripted: The script has no reply to *exchange*.
            GatewayError: The error that the reply stands for.
        """
        step = ClassifyReply(
            self._send, self.dialect.classify, self.clock, self.events.append, self.call.connector, self.dialect.name
        )
        found = await step(UpstreamRequest(exchange, self.call, effect or self.call.operation.effect, into, same))
        assert found is None or isinstance(found, into)
        return found

    async def fetch(self, exchange: Rest) -> SourceFile | None:
        """See :meth:`gateway.core.upstream.Upstream.fetch`; scripted as ``{"content": b"…", "media_type": "…"}``.

        The file is given whole.
        """
        found = await self.ask(exchange, FileStart, effect="read")
        return None if found is None else SourceFile(found.content, found.media_type, len(found.content))

    async def _send(self, exchange: Exchange) -> Reply:
        self.sent.append(exchange)
        said = await self._said(exchange)
        if isinstance(said, GatewayError):
            raise said
        return said if isinstance(said, Reply) else Reply(200, {}, said)

    async def _said(self, exchange: Exchange) -> Said:
        if isinstance(self._replies, InTurn):
            return self._next(self._replies, f"exchange {len(self.sent)}, {exchange.name!r}")
        if not isinstance(self._replies, Mapping):
            return await self._replies(exchange)
        if exchange.name not in self._replies:
            scripted = ", ".join(map(repr, self._replies)) or "nothing"
            raise NotScripted(f"The upstream was asked {exchange.name!r}; replies are scripted for {scripted}.")
        said = self._replies[exchange.name]
        return self._next(said, f"{exchange.name!r} once more") if isinstance(said, InTurn) else said

    @staticmethod
    def _next(turn: InTurn, asked: str) -> Said:
        if not turn.replies:
            raise NotScripted(f"The upstream was asked {asked}; the script has no reply left.")
        return turn.replies.pop(0)
