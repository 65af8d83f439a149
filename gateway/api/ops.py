"""The operator's port: liveness, readiness, metrics, connectors. None of these routes is on the public port."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import orjson
from aiohttp import web

from gateway.api.operators import SESSION, OperatorAccess, SignIn
from gateway.api.routes import Request, Routes

Ping = Callable[[], str | None]
"""None when well, else why not."""


def ops_routes(
    pings: Mapping[str, Ping],
    exposition: Callable[[str], tuple[bytes, str]],
    connectors: Callable[[], Sequence[object]],
    access: OperatorAccess,
    told: Mapping[str, Ping] | None = None,
) -> Routes:
    """The routes of the operator's port.

    Args:
        pings: The checks that ``/readyz`` runs, by name.
        exposition: Metrics for an ``Accept`` header: body and content type.
        connectors: The catalogue's entries.
        access: Signs operators in.
        told: Checks that ``/readyz`` shows and that do not make the gateway unready: it answers questions without them.
    """

    async def livez(_: Request) -> web.Response:
        return web.Response(text="ok\n")

    async def readyz(_: Request) -> web.Response:
        wrong = {name: why for name, ping in pings.items() if (why := ping()) is not None}
        status = 503 if wrong else 200
        checks = {name: ping() or "ok" for name, ping in (told or {}).items()}
        body = orjson.dumps(
            {"ready": not wrong, "checks": {**{name: wrong.get(name, "ok") for name in pings}, **checks}}
        )
        return web.Response(status=status, body=body, content_type="application/json")

    async def metrics(request: Request) -> web.Response:
        body, kind = exposition(request.http.headers.get("Accept", ""))
        return web.Response(body=body, headers={"Content-Type": kind})

    async def listing(_: Request) -> web.Response:
        return web.Response(body=orjson.dumps({"data": connectors()}), content_type="application/json")

    routes = Routes(reason="operator_route")
    routes.add("GET", "/livez", livez)
    routes.add("GET", "/readyz", readyz)
    routes.add("GET", "/metrics", metrics)
    routes.add("GET", "/connectors", listing)
    sign_in = SignIn(access)
    routes.add("POST", SESSION, sign_in.begin)
    routes.add("GET", SESSION, sign_in.show)
    routes.add("DELETE", SESSION, sign_in.end)
    return routes
