"""A bare aiohttp handler that reads a pushed dossier, inserts the rows that the gateway keeps of it, and answers 200.

Each dossier is a transaction of its own on a connection of the pool, as a user would write it.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Final, LiteralString

from aiohttp import web
from psycopg_pool import AsyncConnectionPool

from benchmarks.baselines.over_store import serve_over_store

MESSAGE: Final[LiteralString] = """
insert into inbox (system, kind, code, body_hash, revision, caller, request_id, received_at, body, answer)
values ('bare', 'dossier', %s, %s, 1, 'portal', '1', now(), %s, %s) returning id
"""
FILE: Final[LiteralString] = """
insert into inbox_files (inbox, number, state, info, media_type, size, sha256, body)
values (%s, 1, 'kept', %s, 'application/pdf', %s, %s, %s)
"""
EVENT: Final[LiteralString] = """
insert into events (system, key, at, kind, detail) values ('bare', %s, now(), 'received', '{}')
"""
ANSWER: Final = '{"error_code":"00","message":"Thành công"}'


async def push(request: web.Request, pool: AsyncConnectionPool) -> web.Response:
    """Keeps one dossier with its one file."""
    body = await request.read()
    sent = json.loads(body)
    code, [file] = sent["MaHoSo"], sent["TaiLieuNop"]
    content = base64.b64decode(file["Base64"])
    name, digest = file["TenTepDinhKem"].encode(), hashlib.blake2b(body, digest_size=32).digest()
    async with pool.connection() as connection, connection.transaction():
        row = await (await connection.execute(MESSAGE, [code, digest, body, ANSWER])).fetchone()
        assert row is not None
        file_digest = hashlib.sha256(content).digest()
        await connection.execute(FILE, [row[0], name, len(content), file_digest, content])
        await connection.execute(EVENT, [code])
    return web.Response(body=ANSWER.encode(), content_type="application/json")


if __name__ == "__main__":
    serve_over_store(__doc__, "/inbound/public-service-portal/dossier", push)
