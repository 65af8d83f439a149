"""A PostgreSQL for one run, and the gateway's configuration with orders in it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import psycopg

from benchmarks.client import Connection
from benchmarks.load import BadAnswers
from benchmarks.processes import ROOT, Server
from benchmarks.subjects import KEY, WIDE
from gateway.connectors.criminal_records.operations import EXAMPLE
from gateway.durable import migrations
from gateway.durable.embedded import EmbeddedPostgres

PATH: Final = "/v1/criminal-records/applications"
CONNECTIONS: Final = 64
FIRST: Final = date(2026, 1, 6)
_numbers = count(1)


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """The address of an embedded PostgreSQL with the gateway's schema."""
    own = EmbeddedPostgres(folder / "postgres")
    url = own.join()
    try:
        asyncio.run(_migrate(url))
        yield url
    finally:
        own.leave()


async def _migrate(url: str) -> None:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await migrations.migrate(connection)


def with_orders(upstream: str, store: str) -> dict[str, Any]:
    """Changes of the configuration: criminal records, and orders in *store*."""
    credentials = ROOT / "contracts" / "criminal_records" / "credentials"
    up = {
        "url": f"{upstream}/criminal-records/lltp2024",
        "allow_private": True,
        "auth_key": f"file:{credentials / 'auth_key'}",
        "province_code": "82",
        "province_name": "Tỉnh Đồng Tháp",
        **WIDE,
    }
    return {
        "callers": {"portal": {"scopes": ["*", "*:personal"]}},
        "store": {"url": store},
        "connectors": {"criminal_records": {"upstreams": {"lltp2024": up}}},
    }


def order(number: int) -> dict[str, Any]:
    """A whole application under a code of its own."""
    day = FIRST + timedelta(days=number // 10_000)
    return {**EXAMPLE, "dossier_code": f"000.00.04.H58-{day:%y%m%d}-{number % 10_000:04d}"}


def accept(server: Server, seconds: float) -> float:
    """Orders that *server* accepts in a second, with as many connections as are kept busy."""

    async def run() -> float:
        where = urlsplit(server.url)
        loop = asyncio.get_running_loop()
        began, done = loop.time(), 0

        async def one() -> None:
            nonlocal done
            connection = await Connection.open(str(where.hostname), int(where.port or 0))
            while loop.time() - began < seconds:
                number = next(_numbers)
                written = order(number)
                headers = {
                    "Authorization": f"Bearer {KEY}",
                    "Idempotency-Key": f"bench-{number}",
                    "X-Dossier-Id": str(written["dossier_code"]),
                    "X-User-Id": "canbo.bench",
                    "Content-Type": "application/json",
                }
                answer = await connection.post(PATH, json.dumps(written).encode(), headers)
                if answer.status != 202:
                    raise BadAnswers(f"{server.url}: {answer.status} {answer.body[:200]!r}")
                done += 1
            connection.close()

        await asyncio.gather(*(one() for _ in range(CONNECTIONS)))
        return done / (loop.time() - began)

    return asyncio.run(run())
