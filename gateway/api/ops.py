"""The operator's port: liveness, readiness, metrics, connectors. None of these routes is on the public port."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import orjson
from aiohttp import web

Ping = Callable[[], str | None]
"""None when well, else why not."""


def ops_app(
    pings: Mapping[str, Ping],
    exposition: Callable[[str], tuple[bytes, str]],
    connectors: Callable[[], Sequence[object]],
) -> web.Application:
    """The application of the ops port.

    Args:
        pings: The checks that ``/readyz`` runs, by name.
        exposition: Metrics for an ``Accept`` header: body and content type.
        connectors: The catalogue's entries.
    """

    async def livez(_: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def readyz(_: web.Request) -> web.Response:
        wrong = {name: why for name, ping in pings.items() if (why := ping()) is not None}
        status = 503 if wrong else 200
        body = orjson.dumps({"ready": not wrong, "checks": {name: wrong.get(name, "ok") for name in pings}})
        return web.Response(status=status, body=body, content_type="application/json")

    async def metrics(request: web.Request) -> web.Response:
        body, kind = exposition(request.headers.get("Accept", ""))
        return web.Response(body=body, headers={"Content-Type": kind})

    async def listing(_: web.Request) -> web.Response:
        return web.Response(body=orjson.dumps({"data": connectors()}), content_type="application/json")

    app = web.Application()
    app.router.add_get("/livez", livez)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", metrics)
    app.router.add_get("/connectors", listing)
    return app
