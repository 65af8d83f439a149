"""A bare aiohttp handler that reads an order, inserts the rows that the gateway keeps of it, and answers 202.

Each order is a transaction of its own on a connection of the pool, as a user would write it.
"""

from __future__ import annotations

import hashlib
from typing import Final, LiteralString

from aiohttp import web
from psycopg_pool import AsyncConnectionPool

from benchmarks.baselines.over_store import serve_over_store

LANE: Final[LiteralString] = """
insert into lanes (system, key, tail, operation, due_at) values ('bare', %s, 1, 'bare.apply', now()) returning id
"""
MESSAGE: Final[LiteralString] = """
insert into messages (lane, seq, operation, caller, request_id, accepted_at, body)
values (%s, 1, 'bare.apply', 'portal', '1', now(), %s)
"""
KEY: Final[LiteralString] = """
insert into idempotency_keys (caller, operation, key, body_hash, lane, seq, answer, created_at)
values ('portal', 'bare.apply', %s, %s, %s, 1, %s, now())
"""
ANSWER: Final = b'{"data":{"state":"accepted"}}'


async def apply(request: web.Request, pool: AsyncConnectionPool) -> web.Response:
    """Keeps one order."""
    body = await request.read()
    key = request.headers["Idempotency-Key"]
    async with pool.connection() as connection, connection.transaction():
        row = await (await connection.execute(LANE, [key])).fetchone()
        assert row is not None
        await connection.execute(MESSAGE, [row[0], body])
        await connection.execute(KEY, [key, hashlib.blake2b(body, digest_size=32).digest(), row[0], ANSWER])
    return web.Response(status=202, body=ANSWER, content_type="application/json")


if __name__ == "__main__":
    serve_over_store(__doc__, "/v1/criminal-records/applications", apply)
