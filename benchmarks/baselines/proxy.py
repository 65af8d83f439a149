"""A bare aiohttp handler that calls the upstream with aiohttp's client and forwards its bytes unparsed."""

from __future__ import annotations

import argparse
from collections.abc import AsyncIterator

import aiohttp
from aiohttp import web

from benchmarks.baselines import run, serve

SESSION = web.AppKey("session", aiohttp.ClientSession)


def make_app(upstream: str) -> web.Application:
    async def session(app: web.Application) -> AsyncIterator[None]:
        async with aiohttp.ClientSession() as client:
            app[SESSION] = client
            yield

    async def enterprise(request: web.Request) -> web.Response:
        query = {"msdn": request.match_info["enterprise_code"]}
        async with request.app[SESSION].get(f"{upstream}/apiCSDLDKDN/chiTietDoanhNghiep", params=query) as answer:
            return web.Response(status=answer.status, body=await answer.read(), content_type=answer.content_type)

    app = web.Application()
    app.cleanup_ctx.append(session)
    app.router.add_get("/v1/business-registry/enterprises/{enterprise_code}", enterprise)
    return app


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--upstream", required=True)
    given = parser.parse_args()
    run(serve(make_app(given.upstream), given.port))
