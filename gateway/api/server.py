"""The HTTP server below the dispatcher: answers unparsable requests with a problem document, closes slow connections,
and refuses more connections than it has room for.

aiohttp by itself answers unparsable bytes in plain text and repeats them in the answer and in the log, where they may
hold a key or a person's number.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, Self, cast

import structlog
from aiohttp import hdrs, http_exceptions, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http_parser import RawRequestMessage
from aiohttp.streams import StreamReader

from gateway.api import problems
from gateway.api.raw_response import head_of
from gateway.core.problems import GatewayError, Internal, InvalidRequest, Overloaded

HEAD_S: Final = 20.0
"""Seconds within which a new connection must send the head of its first request."""
IDLE_S: Final = 75.0
"""Seconds that a connection may rest between two requests, or take for the head of the next."""
LINGER_S: Final = 3.0
"""Seconds for which the rest of a refused body is read and dropped, so that its sender can read the refusal."""
NEW_S: Final = 1.0
"""Seconds that a new connection has to send the head of its request, once no other one is taken."""
TURN_S: Final = 0.02
REFUSED_S: Final = 1.0
"""Seconds for which a refused connection is kept open, so that its sender can read the refusal."""
MOST_REFUSED: Final = 64
"""Refused connections that are kept open; more are closed without a word."""
HEAD_BYTES: Final = 16 * 1024
"""Bytes of a whole head; those of a line or a field are aiohttp's 8190."""
HEAD_FIELDS: Final = 64
_REASONS: Final[dict[type[BaseException], str]] = {
    http_exceptions.LineTooLong: "head_too_long",
    http_exceptions.BadHttpMethod: "http_method",
    http_exceptions.TransferEncodingError: "broken_body",
}
log = structlog.get_logger("gateway.protocol")

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds that the server waits for its callers; see the constants of the same names."""

    head_s: float = HEAD_S
    linger_s: float = LINGER_S
    refused_s: float = REFUSED_S


@dataclass(frozen=True, slots=True)
class Room:
    """Connections that the server takes: *most* at all, and *silent* of them before the head of their first request.

    At *most*, a new connection is refused. At *silent*, the one that has been silent for longest is, so that callers
    who send nothing do not keep out those who ask.
    """

    most: int = 1_000
    silent: int = 250


class HttpServer(web.Server):
    """aiohttp's low-level server with our answers in place of its own.

    Bodies are not decompressed here, because it happens before a key is looked at.

    Args:
        door: Answers requests.
        next_id: Gives ids for requests that could not be parsed.
        patience: How long it waits.
        room: How many connections it takes.
        leaving: Whether it is about to stop: then each answer is the last one of its connection, and says so.
    """

    def __init__(
        self,
        door: Handler,
        next_id: Callable[[], str],
        *,
        patience: Patience = Patience(),
        room: Room = Room(),
        leaving: Callable[[], bool] = lambda: False,
    ) -> None:
        super().__init__(
            door,
            request_factory=_Request.of,
            access_log=None,
            keepalive_timeout=IDLE_S,
            lingering_time=patience.linger_s,
            auto_decompress=False,
            max_headers=HEAD_FIELDS,
            # Who hangs up frees its place at the source; orders go on to their end all the same (Idempotency).
            handler_cancellation=True,
        )
        self.next_id = next_id
        self.patience = patience
        self.leaving = leaving
        self._room = room
        self._open: set[_Protocol] = set()
        self._silent: dict[_Protocol, None] = {}
        self._refused: set[_Protocol] = set()
        self._full = False

    def __call__(self) -> web.RequestHandler:
        return _Protocol(self, loop=self._loop, **self._kwargs)

    @property
    def open(self) -> int:
        """Connections that are open, refused ones among them."""
        return len(self._open) + len(self._refused)

    def admits(self, connection: _Protocol) -> bool:
        """Takes a new *connection*, or says that there is no room for it."""
        if len(self._open) >= self._room.most:
            self._tell_full("connections")
            return False
        if len(self._silent) >= self._room.silent:
            self._tell_full("connections without a request")
            next(iter(self._silent)).refuse(Overloaded(reason="connections"))
        self._open.add(connection)
        self._silent[connection] = None
        return True

    def heard(self, connection: _Protocol) -> None:
        """The first head of *connection* is there."""
        self._silent.pop(connection, None)

    def refuses(self, connection: _Protocol) -> bool:
        """Counts *connection* among the refused ones; False where so many are that it gets no words."""
        self.lost(connection)
        if len(self._refused) >= MOST_REFUSED:
            return False
        self._refused.add(connection)
        return True

    def lost(self, connection: _Protocol) -> None:
        """*connection* is gone."""
        self._silent.pop(connection, None)
        self._open.discard(connection)
        self._refused.discard(connection)
        if self._full and len(self._open) <= self._room.most // 2 and len(self._silent) <= self._room.silent // 2:
            self._full = False

    def _tell_full(self, what: str) -> None:
        """One line in the log for each time that it is full, and not for each refusal."""
        if not self._full:
            self._full = True
            log.warning("connections are refused: there are too many", what=what, open=self.open)

    async def drained(self, seconds: float) -> None:
        """Returns when no request is under way, after *seconds* at most. Connections that are new have a moment to say
        what they want; those that rest are left.
        """
        turns, new = round(seconds / TURN_S), round(NEW_S / TURN_S)
        while turns and (any(one.busy for one in self._open) or (new > 0 and self._silent)):
            turn = self._loop.create_future()
            handle = self._loop.call_later(TURN_S, turn.set_result, None)
            try:
                await turn
            finally:
                handle.cancel()
            turns, new = turns - 1, new - 1

    def refusal(self, error: GatewayError) -> tuple[dict[str, str], bytes]:
        """Headers and body of the problem for a request that was not read."""
        asked = problems.Asked(self.next_id())
        headers = {
            "Content-Type": problems.MEDIA_TYPE,
            "Content-Language": asked.language,
            "X-Request-Id": asked.request_id,
            **problems.headers_of(error),
        }
        return headers, problems.dumps(problems.problem(error, asked))


class _Request(web.BaseRequest):
    """aiohttp's request, without the name and version of aiohttp and Python in the answer."""

    @classmethod
    def of(
        cls,
        message: RawRequestMessage,
        payload: StreamReader,
        protocol: web.RequestHandler,
        writer: AbstractStreamWriter,
        task: asyncio.Task[None],
    ) -> Self:
        return cls(message, payload, protocol, writer, task, asyncio.get_running_loop())

    @property
    def keep_alive(self) -> bool:
        """Whether the connection is kept after the answer; asked when its head is made."""
        assert isinstance(self._protocol, _Protocol), "it was made by one"
        return not (self._message.should_close or self._protocol.server.leaving())

    async def _prepare_hook(self, response: web.StreamResponse) -> None:
        response.headers.pop(hdrs.SERVER, None)


class _Protocol(web.RequestHandler):
    __slots__ = ("_first", "_head_bytes", "_server", "_turned_away")

    def __init__(self, server: HttpServer, **options: Any) -> None:
        super().__init__(server, **options)
        self._server = server
        self._first: asyncio.TimerHandle | None = None
        self._head_bytes = 0
        self._turned_away = False

    @property
    def busy(self) -> bool:
        """Whether a request of it is under way."""
        return self._request_in_progress or bool(self._messages)

    @property
    def server(self) -> HttpServer:
        """The server that it belongs to."""
        return self._server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not self._server.admits(self):
            self.transport = cast("asyncio.Transport", transport)
            self.refuse(Overloaded(reason="connections"))
            return
        super().connection_made(transport)
        self._first = self._loop.call_later(self._server.patience.head_s, self.force_close)

    def connection_lost(self, exc: BaseException | None) -> None:
        self._server.lost(self)
        if self._first is not None:
            self._first.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._turned_away:
            return
        before = self._request_count
        super().data_received(data)
        if self._request_count != before:
            self._head_bytes = 0
            if self._first is not None:
                self._first.cancel()
                self._first = None
                self._server.heard(self)
        elif self._waiter is not None and not self._waiter.done():
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES:
                self.refuse(InvalidRequest(reason="head_too_long"))

    def refuse(self, error: GatewayError) -> None:
        """Answers with *error* whatever the connection sends, and closes it."""
        transport = self.transport
        self._turned_away = True
        if self._first is not None:
            self._first.cancel()
        if transport is None:
            return
        if not self._server.refuses(self):
            transport.abort()
            return
        headers, body = self._server.refusal(error)
        head = head_of(error.status, {**headers, "Content-Length": str(len(body)), "Connection": "close"})
        transport.write(b"%b\r\n%b" % (head, body))
        if transport.can_write_eof():
            transport.write_eof()
        self._first = self._loop.call_later(self._server.patience.refused_s, transport.abort)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002  # aiohttp's own words quote the bytes
    ) -> web.StreamResponse:
        """Called by aiohttp where the dispatcher gave no answer."""
        log.warning("request was not dispatched", status=status, error=type(exc).__name__)
        if request.writer.output_size > 0:
            raise ConnectionError("the answer was already being sent")
        error: GatewayError = Internal()
        if status < 500:
            error = InvalidRequest(
                reason=next((reason for kind, reason in _REASONS.items() if isinstance(exc, kind)), "not_http")
            )
        headers, body = self._server.refusal(error)
        response = web.Response(status=error.status, body=body, headers=headers)
        response.force_close()
        return response
