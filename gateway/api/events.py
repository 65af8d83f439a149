"""Tells a client what happens to a record, by Server-Sent Events (the HTML standard, section 9.2)."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import orjson
import structlog
from aiohttp import hdrs, web
from multidict import istr

from gateway.api.operations import OperationHandler
from gateway.api.request import fields_of_query
from gateway.api.response import instant, rate_headers
from gateway.api.routes import Request
from gateway.core.clock import Clock
from gateway.core.feeds import Feed, Notice
from gateway.core.problems import InvalidRequest, NotFound

MEDIA_TYPE: Final = "text/event-stream"
LAST_EVENT_ID: Final = istr("Last-Event-ID")
IN_QUERY: Final = "last_event_id"
HEARTBEAT_S: Final = 15.0
WRITE_S: Final = 10.0
"""Seconds in which a client takes what it is sent; one that does not is cut off."""
SEND_BUFFER: Final = 32 * 1024
"""Bytes that the system keeps for a client that does not read."""
_BEGINS: Final = b"retry: 3000\n\n"
"""Milliseconds after which a browser comes back."""
_HEARTBEAT: Final = b": still here\n\n"
log = structlog.get_logger("gateway.api.events")


@dataclass(frozen=True, slots=True)
class EventsHandler:
    """Answers ``<path of the operation>/events``: who may ask the operation may hear the events."""

    asked: OperationHandler
    clock: Clock

    async def __call__(self, request: Request) -> web.StreamResponse:
        caller = self.asked.admit(request)
        fields = dict(fields_of_query(request.query_string))
        in_query = fields.pop(IN_QUERY, None)
        after = number_of(request.http.headers.get(LAST_EVENT_ID) or in_query)
        call = self.asked.call_of_url(request, caller, fields)
        if (source := self.asked.offer.feed) is None:
            raise NotFound("No events are kept.", reason="not_followed")
        feed = await source(call, after)
        try:
            request.trace = call.trace
            await self.asked.offer.run(call)  # counts, limits and records the caller as any question for the record
            return await self._stream(request, feed)
        finally:
            feed.close()

    async def _stream(self, request: Request, feed: Feed) -> web.StreamResponse:
        response = web.StreamResponse(headers={
            "Content-Type": MEDIA_TYPE,
            "X-Request-Id": request.request_id,
            "X-Content-Type-Options": "nosniff",
            "X-Accel-Buffering": "no",
            "Cache-Control": "private, no-store",
            **rate_headers(request.trace),
        })  # fmt: skip
        if (transport := request.http.transport) is not None:
            own = transport.get_extra_info("socket")
            if own is not None:
                own.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
            transport.set_write_buffer_limits(high=SEND_BUFFER)
        response.force_close()
        await response.prepare(request.http)
        if request.http.method == hdrs.METH_HEAD:
            return response
        try:
            await self._write(response, _BEGINS)
            while notices := await self._next(feed):
                await self._write(response, b"".join(notices))
        except TimeoutError as error:
            log.info("a client did not take its events", request_id=request.request_id, caller=request.caller)
            if transport is not None:
                transport.abort()
            raise ConnectionResetError("the client did not take its events") from error
        return response

    async def _next(self, feed: Feed) -> Sequence[bytes]:
        """The next events, or a sign of life; none where the gateway leaves."""
        try:
            async with self.clock.timeout_at(self.clock.monotonic() + HEARTBEAT_S):
                return [encoded(notice) for notice in await feed.next()]
        except TimeoutError:
            return [_HEARTBEAT]

    async def _write(self, response: web.StreamResponse, data: bytes) -> None:
        async with self.clock.timeout_at(self.clock.monotonic() + WRITE_S):
            await response.write(data)


def encoded(notice: Notice) -> bytes:
    """*notice* as an event: its number, its kind, and JSON on one line."""
    data = orjson.dumps({"at": instant(notice.at), "state": notice.state, "detail": notice.detail})
    return b"id: %d\nevent: %b\ndata: %b\n\n" % (notice.id, notice.kind.encode(), data)


def number_of(given: str | None) -> int:
    """The number of the last event that the client has; 0 where it has none.

    Raises:
        InvalidRequest: It is not a number that an event can have.
    """
    if not given:
        return 0
    if not (given.isascii() and given.isdigit() and len(given) <= 18):
        raise InvalidRequest("Last-Event-ID is not the id of an event.", reason="last_event_id")
    return int(given)
