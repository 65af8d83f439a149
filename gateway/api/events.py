"""Tells a client what happens to a record, by Server-Sent Events (the HTML standard, section 9.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import orjson
import structlog
from aiohttp import hdrs, web
from multidict import istr

from gateway.api.event_stream import BEGINS, HEARTBEAT, HEARTBEAT_S, EventStream
from gateway.api.operations import OperationHandler
from gateway.api.request import fields_of_query
from gateway.api.response import instant, rate_headers
from gateway.api.routes import Request
from gateway.core.clock import Clock
from gateway.core.feeds import Feed, Notice
from gateway.core.problems import InvalidRequest, NotFound

LAST_EVENT_ID: Final = istr("Last-Event-ID")
IN_QUERY: Final = "last_event_id"
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
        stream = await EventStream.begin(request, self.clock, rate_headers(request.trace))
        if stream.only_head:
            return stream.response
        try:
            await stream.write(BEGINS)
            while (notices := await self._next(feed)) and self._is_admitted(request):
                await stream.write(b"".join(notices))
        except TimeoutError as error:
            log.info("a client did not take its events", request_id=request.request_id, caller=request.caller)
            stream.cut_off()
            raise ConnectionResetError("the client did not take its events") from error
        return stream.response

    def _is_admitted(self, request: Request) -> bool:
        """Whether the caller still has the right to hear: a key may be revoked while its streams are open."""
        caller = self.asked.keys.find(request.http.headers.get(hdrs.AUTHORIZATION))
        return caller is not None and self.asked.name in caller.operations

    async def _next(self, feed: Feed) -> Sequence[bytes]:
        """The next events, or a sign of life; none where the gateway leaves."""
        try:
            async with self.clock.timeout_at(self.clock.monotonic() + HEARTBEAT_S):
                return [encoded(notice) for notice in await feed.next()]
        except TimeoutError:
            return [HEARTBEAT]


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
