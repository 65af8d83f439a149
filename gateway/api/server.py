"""The HTTP server below the dispatcher: answers unparsable requests with a problem document, and closes slow
connections.

aiohttp by itself answers unparsable bytes in plain text and repeats them in the answer and in the log, where they may
hold a key or a person's number.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import structlog
from aiohttp import http_exceptions, web

from gateway.api import problems
from gateway.core.problems import GatewayError, Internal, InvalidRequest

HEAD_S: Final = 20.0
"""Seconds within which a new connection must send the head of its first request."""
IDLE_S: Final = 75.0
"""Seconds that a connection may rest between two requests, or take for the head of the next."""
LINGER_S: Final = 3.0
"""Seconds for which the rest of a refused body is read and dropped, so that its sender can read the refusal."""
_REASONS: Final[dict[type[BaseException], str]] = {
    http_exceptions.LineTooLong: "head_too_long",
    http_exceptions.BadHttpMethod: "http_method",
    http_exceptions.ContentEncodingError: "content_encoding",
    http_exceptions.TransferEncodingError: "broken_body",
}
log = structlog.get_logger("gateway.protocol")

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class HttpServer(web.Server):
    """aiohttp's low-level server with our answers in place of its own.

    Args:
        door: Answers requests.
        next_id: Gives ids for requests that could not be parsed.
        head_s: See :data:`HEAD_S`.
        linger_s: See :data:`LINGER_S`.
    """

    def __init__(
        self, door: Handler, next_id: Callable[[], str], *, head_s: float = HEAD_S, linger_s: float = LINGER_S
    ) -> None:
        super().__init__(
            door,
            access_log=None,
            keepalive_timeout=IDLE_S,
            lingering_time=linger_s,
            # Who hangs up frees its place at the source; orders go on to their end all the same (Idempotency).
            handler_cancellation=True,
        )
        self.next_id = next_id
        self.head_s = head_s

    def __call__(self) -> web.RequestHandler:
        return _Protocol(self, loop=self._loop, **self._kwargs)


class _Protocol(web.RequestHandler):
    __slots__ = ("_first", "_server")

    def __init__(self, server: HttpServer, **options: Any) -> None:
        super().__init__(server, **options)
        self._server = server
        self._first: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._first = self._loop.call_later(self._server.head_s, self._let_go)

    def connection_lost(self, exc: BaseException | None) -> None:
        if self._first is not None:
            self._first.cancel()
        super().connection_lost(exc)

    def _let_go(self) -> None:
        if self._request_count == 0:
            self.force_close()

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
        asked = problems.Asked(self._server.next_id())
        response = web.Response(
            status=error.status,
            body=problems.dumps(problems.problem(error, asked)),
            headers={
                "Content-Type": problems.MEDIA_TYPE,
                "Content-Language": asked.language,
                "X-Request-Id": asked.request_id,
            },
        )
        response.force_close()
        return response
