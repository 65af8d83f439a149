"""A PostgreSQL for one run, and the gateway's configuration with orders in it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import count, cycle
from pathlib import Path
from typing import Any, Final, LiteralString
from urllib.parse import urlsplit

import psycopg

from benchmarks.client import Connection
from benchmarks.load import BadAnswers
from benchmarks.processes import ROOT, Server
from benchmarks.subjects import KEY, WIDE
from gateway.connectors.criminal_records.operations import EXAMPLE
from gateway.durable import migrations
from gateway.durable.embedded import EmbeddedPostgres

APPLICATIONS: Final = "/v1/criminal-records/applications"
CONTRIBUTIONS: Final = "/v1/social-insurance/contributions/lookup"
PEOPLE: Final = 1_000
ALWAYS: Final = {
    "Authorization": f"Bearer {KEY}",
    "X-User-Id": "canbo.bench",
    "Content-Type": "application/json",
}
PAUSE: Final[LiteralString] = """
insert into pauses (target, who, why, since) values ('criminal_records.apply', 'bench', 'only accepting', now())
"""
CLEAR: Final[LiteralString] = """
truncate pauses, idempotency_keys, events, cases, outcomes, messages, lanes restart identity cascade
"""
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
    """Changes of the configuration: criminal records, social insurance, and orders in *store*."""
    credentials = ROOT / "contracts" / "criminal_records" / "credentials"
    keys = ROOT / "contracts" / "social_insurance" / "credentials"
    up = {
        "url": f"{upstream}/criminal-records/lltp2024",
        "allow_private": True,
        "auth_key": f"file:{credentials / 'auth_key'}",
        "province_code": "82",
        "province_name": "Tỉnh Đồng Tháp",
        **WIDE,
    }
    insurance = {
        "url": f"{upstream}/social-insurance",
        "allow_private": True,
        "road": "lgsp",
        "token": {
            "url": f"{upstream}/social-insurance/token",
            "access_key": f"file:{keys / 'access_key'}",
            "secret_key": f"file:{keys / 'secret_key'}",
        },
        **WIDE,
    }
    return {
        "callers": {"portal": {"scopes": ["*", "*:personal"]}},
        "store": {"url": store},
        "connectors": {
            "criminal_records": {"upstreams": {"lltp2024": up}},
            "social_insurance": {"upstreams": {"ngsp": insurance}},
        },
    }


def order(number: int) -> dict[str, Any]:
    """A whole application under a code of its own."""
    day = FIRST + timedelta(days=number // 10_000)
    return {**EXAMPLE, "dossier_code": f"000.00.04.H58-{day:%y%m%d}-{number % 10_000:04d}"}


def accept(server: Server, seconds: float) -> float:
    """Orders that *server* accepts in a second, with as many connections as are kept busy."""

    def asked() -> tuple[bytes, dict[str, str]]:
        number = next(_numbers)
        written = order(number)
        told = {"Idempotency-Key": f"bench-{number}", "X-Dossier-Id": str(written["dossier_code"])}
        return json.dumps(written).encode(), told

    return post(server, APPLICATIONS, asked, 202, seconds)


def ask_about_people(server: Server, seconds: float) -> float:
    """Answers about people that *server* gives in a second of its CPU; all of them are cached once all were asked."""
    numbers = cycle(range(PEOPLE))

    def asked() -> tuple[bytes, dict[str, str]]:
        body = {"insurance_number": f"99{next(numbers):08}"}
        return json.dumps(body).encode(), {"X-Dossier-Id": "000.00.04.H58-260106-0001"}

    before = server.cpu_seconds()
    rate = post(server, CONTRIBUTIONS, asked, 200, seconds)
    return rate * seconds / (server.cpu_seconds() - before)


def post(
    server: Server, path: str, asked: Callable[[], tuple[bytes, dict[str, str]]], status: int, seconds: float
) -> float:
    """Posts what *asked* gives (body and own headers) for *seconds*, and returns the answers in a second.

    Raises:
        BadAnswers: One has not *status*.
    """

    async def run() -> float:
        where = urlsplit(server.url)
        loop = asyncio.get_running_loop()
        began, done = loop.time(), 0

        async def one() -> None:
            nonlocal done
            connection = await Connection.open(str(where.hostname), int(where.port or 0))
            while loop.time() - began < seconds:
                body, own = asked()
                answer = await connection.post(path, body, {**ALWAYS, **own})
                if answer.status != status:
                    raise BadAnswers(f"{server.url}: {answer.status} {answer.body[:200]!r}")
                done += 1
            connection.close()

        await asyncio.gather(*(one() for _ in range(CONNECTIONS)))
        return done / (loop.time() - began)

    return asyncio.run(run())


def execute(store: str, *statements: LiteralString) -> None:
    """Executes *statements*, each in a transaction of its own."""
    with psycopg.connect(store, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)
