"""A bare aiohttp handler that answers given bytes, without key, metrics, logs and our headers."""

from __future__ import annotations

import argparse
from pathlib import Path

from aiohttp import web

from benchmarks.baselines import run, serve


def make_app(body: bytes) -> web.Application:
    async def enterprise(_: web.Request) -> web.Response:
        return web.Response(body=body, content_type="application/json")

    app = web.Application()
    app.router.add_get("/v1/business-registry/enterprises/{enterprise_code}", enterprise)
    return app


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--body", type=Path, required=True)
    given = parser.parse_args()
    run(serve(make_app(given.body.read_bytes()), given.port))
