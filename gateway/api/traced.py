"""A dispatcher each of whose requests has a span, where a deployment is traced."""

from __future__ import annotations

from typing import Protocol

from aiohttp import web

from gateway.api.dispatch import Dispatcher
from gateway.core.tracing import CURRENT, Span


class Tracer(Protocol):
    """Begins the span of a request, below that of its caller where the request names one (``traceparent``)."""

    def begin(self, http: web.BaseRequest) -> Span: ...


class TracedDispatcher(Dispatcher):
    """*door* with a span for each request."""

    __slots__ = ("_door", "_tracer")

    def __init__(self, door: Dispatcher, tracer: Tracer) -> None:
        super().__init__(
            door.routes, door.clock, door.stamps, door.replay, door.observer, door.charge, door.guard, door.render
        )
        self._door = door
        self._tracer = tracer

    async def __call__(self, http: web.BaseRequest) -> web.StreamResponse:
        span = self._tracer.begin(http)
        token = CURRENT.set(span)
        error = "cancelled"
        try:
            response = await self._door(http)  # which a reload may have given other routes
            span.note("http.response.status_code", response.status)
            error = str(response.status) if response.status >= 500 else ""
            return response
        finally:
            CURRENT.reset(token)
            span.end(error)
