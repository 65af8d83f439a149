"""The outer door: aiohttp's low-level server, one table of routes, every error a problem document.

Why not aiohttp's application: see ``docs/decisions/0001-low-level-server-at-the-door.md``.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from typing import Final

import structlog
from aiohttp import web
from aiohttp.http_exceptions import BadHttpMessage, PayloadEncodingError

from gateway.api import problems
from gateway.api.reading import own_request_id
from gateway.api.routes import Request, Routes
from gateway.core.clock import Clock
from gateway.core.problems import GatewayError, Internal, InvalidRequest

PROBLEM: Final = "application/problem+json; charset=utf-8"
log = structlog.get_logger("gateway.door")


class RequestIds:
    """Unique ids that sort by time: milliseconds, a random part of this process, a counter."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._process = os.urandom(5).hex()
        self._count = 0

    def next(self) -> str:
        self._count += 1
        return f"{int(self._clock.now().timestamp() * 1000):012x}{self._process}{self._count:06x}"


@dataclass(slots=True)
class Door:
    """Called by :class:`aiohttp.web.Server` for each request; answers all of them."""

    routes: Routes
    clock: Clock
    ids: RequestIds

    async def __call__(self, http: web.BaseRequest) -> web.StreamResponse:
        request_id = own_request_id(http.headers.get("X-Request-Id")) or self.ids.next()
        path, _, query = http.raw_path.partition("?")
        request = Request(http, request_id, self.clock.monotonic(), query, {})
        try:
            handler, request.path_values = self.routes.find(http.method, path.partition("#")[0])
            return await handler(request)
        except GatewayError as error:
            return self.refuse(error, request)
        except (asyncio.CancelledError, ConnectionResetError):
            raise
        except (BadHttpMessage, PayloadEncodingError, web.RequestPayloadError):
            return self.refuse(InvalidRequest("The body's transfer or compression is broken."), request)
        except Exception:
            log.exception("internal error", request_id=request_id, system=request.system, operation=request.operation)
            return self.refuse(Internal(), request)

    @staticmethod
    def refuse(error: GatewayError, request: Request) -> web.Response:
        """*error* as a response."""
        asked = problems.Asked(
            request.request_id,
            problems.language_of(request.http.headers.get("Accept-Language")),
            request.system,
            request.operation,
            "write" if request.write else "read",
        )
        headers = {"Content-Type": PROBLEM, "X-Request-Id": request.request_id, **problems.headers_of(error)}
        return web.Response(status=error.status, body=problems.dumps(problems.problem(error, asked)), headers=headers)
