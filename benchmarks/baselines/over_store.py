"""The parts of servers that keep rows in a PostgreSQL: the pool, the address that says they are ready, the command."""

from __future__ import annotations

import argparse
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeAlias

from aiohttp import web
from psycopg_pool import AsyncConnectionPool

from benchmarks.baselines import run, serve

Keep: TypeAlias = Callable[[web.Request, AsyncConnectionPool], Awaitable[web.Response]]
"""Reads a request, inserts its rows over a connection of the pool, and answers."""


def serve_over_store(about: str | None, path: str, keep: Keep) -> None:
    """The command of a server whose handler of POST *path* keeps rows: ``--port N --store ADDRESS``."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--store", required=True)
    given = parser.parse_args()
    pool = AsyncConnectionPool(given.store, min_size=8, max_size=8, open=False)

    async def opened(_: web.Application) -> AsyncIterator[None]:
        async with pool:
            yield

    async def post(request: web.Request) -> web.Response:
        return await keep(request, pool)

    async def ready(_: web.Request) -> web.Response:
        return web.Response()

    app = web.Application()
    app.cleanup_ctx.append(opened)
    app.router.add_post(path, post)
    app.router.add_get("/ready", ready)
    run(serve(app, given.port))
