"""Dispatches HTTP requests to handlers: one table of routes, and every error becomes a problem document.

It uses aiohttp's low-level server instead of its application; the reason is in
``docs/decisions/0001-low-level-server-at-the-door.md``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import structlog
from aiohttp import hdrs, web
from aiohttp.http_exceptions import BadHttpMessage, PayloadEncodingError
from multidict import istr

from gateway.api import problems
from gateway.api.auth import key_prefix
from gateway.api.preferences import language_of
from gateway.api.raw_response import RawResponse, head_of
from gateway.api.replay import HitReplay
from gateway.api.request import DOSSIER, IDEMPOTENCY_KEY, USER, check_sent_once, own_request_id
from gateway.api.request_ids import RequestStamps
from gateway.api.response import decision_headers, rate_headers
from gateway.api.routes import Request, Routes
from gateway.core.call import Allowance
from gateway.core.clock import Clock
from gateway.core.events import Observer, RequestFinished, silence
from gateway.core.problems import GatewayError, Internal, InvalidRequest, RateLimited
from gateway.core.tracing import CURRENT, log_ids, traceparent_now

REQUEST_ID: Final = istr("X-Request-Id")
_CALLER: Final = (hdrs.AUTHORIZATION,)
_PURPOSE: Final = (DOSSIER, USER, IDEMPOTENCY_KEY)
"""Headers that no replay has, so they are looked at after it."""
TOLD: Final = frozenset({401, 403, 404, 405, 421})
"""Statuses of refusals whose log line says the route."""
Charge = Callable[[str], Awaitable[Allowance | None]]
log = structlog.get_logger("gateway.door")


@dataclass(slots=True)
class Dispatcher:
    """Called by :class:`aiohttp.web.Server` for each request; answers all of them."""

    routes: Routes
    clock: Clock
    stamps: RequestStamps
    replay: HitReplay
    observer: Observer = silence
    charge: Charge | None = None
    """Counts the refused request of a known caller against its rate."""
    guard: Callable[[web.BaseRequest], None] | None = None
    """Raises for a request that may not pass, whatever its route."""
    render: Callable[[GatewayError, Request], RawResponse] | None = None
    """Makes the answer of an error; None: a problem document."""

    async def __call__(self, http: web.BaseRequest) -> web.StreamResponse:
        started = self.clock.monotonic()
        request_id = own_request_id(http.headers.get(REQUEST_ID)) or self.stamps.next_id(started)
        date = self.stamps.date(started)
        request: Request | None = None
        try:
            check_sent_once(http.headers, _CALLER)
            replayed = self.replay.lookup(http, request_id, started, date)
            if replayed is not None:
                return replayed
            check_sent_once(http.headers, _PURPOSE)
            if self.guard is not None:
                self.guard(http)
            request = Request(http, request_id, started, date)
            found = self.routes.find(http.method, http.raw_path)
            request.query_string, request.path_values = found.query_string, found.path_values
            request.route = found.route
            if (span := CURRENT.get()) is not None:
                span.note("http.route", found.route)
                span.note("lgsp.request_id", request_id)
            return await found.handler(request)
        except GatewayError as error:
            return await self._refuse(error, request or Request(http, request_id, started, date))
        except (asyncio.CancelledError, ConnectionResetError):
            raise
        except (BadHttpMessage, PayloadEncodingError, web.RequestPayloadError):
            broken = InvalidRequest(reason="broken_body")
            return await self._refuse(broken, request or Request(http, request_id, started, date))
        except Exception:
            request = request or Request(http, request_id, started, date)
            names = {"system": request.system, "operation": request.operation}
            log.exception("internal error", request_id=request_id, **names, **log_ids(traceparent_now()))
            return await self._refuse(Internal(), request)

    async def _refuse(self, error: GatewayError, request: Request) -> RawResponse:
        """The problem document; a request that reached no ring is counted and told here (rings do it themselves)."""
        if request.trace is None:
            if request.caller and self.charge is not None:
                allowance = await self.charge(request.caller)
                if allowance is not None and allowance.refused_s is not None:
                    error = RateLimited(retry_after=max(1.0, allowance.refused_s))
            system, operation = request.system or "", request.operation or ""
            seconds = self.clock.monotonic() - request.started
            detail = self._refused(error, request)
            told = RequestFinished(
                system,
                operation,
                request.caller,
                error.code,
                seconds,
                0.0,
                request_id=request.request_id,
                detail=detail,
                trace=traceparent_now(),
            )
            self.observer(told)
        return (self.render or refuse)(error, request)

    def become(self, other: Dispatcher) -> None:
        """Answers the next requests as *other* would; those that have begun end as they began."""
        self.routes, self.replay, self.observer = other.routes, other.replay, other.observer
        self.charge, self.guard, self.render = other.charge, other.guard, other.render

    def _refused(self, error: GatewayError, request: Request) -> str:
        """Where a request was refused that no ring has seen, and by which key: enough to find who is set up wrongly."""
        if error.status not in TOLD:
            return ""
        where = f"{request.http.method} {request.route or self.routes.shape(request.http.raw_path)}"
        if error.status != 401:
            return where
        return f"{where}, {key_prefix(request.http.headers.get(hdrs.AUTHORIZATION))}"

    def new_id(self) -> str:
        """An id for a request that could not be parsed."""
        return self.stamps.next_id(self.clock.monotonic())


def refuse(error: GatewayError, request: Request) -> RawResponse:
    """*error* as a response."""
    language = language_of(request.http.headers.get(hdrs.ACCEPT_LANGUAGE))
    asked = problems.Asked(
        request.request_id,
        language,
        request.system,
        request.operation,
        "write" if request.write else "read",
    )
    body = problems.dumps(problems.problem(error, asked))
    headers = {
        "Content-Type": problems.MEDIA_TYPE,
        "Content-Language": language,
        "Vary": hdrs.ACCEPT_LANGUAGE,
        "X-Request-Id": request.request_id,
        **problems.headers_of(error),
        **rate_headers(request.trace),
        **decision_headers(request.trace),
        "Date": request.date,
        "Content-Length": str(len(body)),
    }
    return RawResponse(error.status, head_of(error.status, headers), body)
