"""Two gateways behind nginx (``deploy/nginx.conf``), one Redis, one PostgreSQL: each is ended by SIGTERM and started
again under load, and no request fails: ``python -m tests.proof.restart``.

Portals ask for enterprises, each third question past the cache, and each tenth request is an application, which must
reach the ministry once.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import aiohttp

from tests.gateway.pipeline.redis_server import RedisServer
from tests.proof.processes import Gateway, Mocks, address, ending
from tests.support import postgres
from tests.support.checker import Order, Report, check
from tests.support.ending import command
from tests.support.nginx import EXECUTABLE, FAIL_TIMEOUT_S, MISSING, behind_nginx

CLIENTS: Final = 6
LAME_DUCK_S: Final = 1.0
SECRET: Final = "the secret that two gateways of a proof share"
KEY: Final = "lgsp_laptop_only"
PATIENCE_S: Final = 60.0
APPLICATIONS: Final = "/v1/criminal-records/applications"
WELL: Final = frozenset({200, 202})


@dataclass(slots=True)
class Load:
    """Clients of a portal, each of which asks one thing after the other."""

    session: aiohttp.ClientSession
    url: str
    samples: Sequence[Mapping[str, Any]]
    application: Mapping[str, Any]
    answered: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    slowest_s: float = 0.0
    over: bool = False
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    async def run(self) -> None:
        """One client, until it is over."""
        while not self.over:
            number = next(self.numbers)
            began = time.perf_counter()
            try:
                await (self._apply(number) if number % 10 == 0 else self._ask(number))
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                self.failures.append(f"{number}: {type(error).__name__} {error}")
            self.slowest_s = max(self.slowest_s, time.perf_counter() - began)

    async def _ask(self, number: int) -> None:
        code = self.samples[number % len(self.samples)]["path"]["enterprise_code"]
        headers = {"Authorization": f"Bearer {KEY}"} | ({"Cache-Control": "no-cache"} if number % 3 == 0 else {})
        async with self.session.get(f"{self.url}/v1/business-registry/enterprises/{code}", headers=headers) as answer:
            self._note("questions", number, answer.status, await answer.text())

    async def _apply(self, number: int) -> None:
        code = f"000.00.04.H58-261127-{number:06d}"
        headers = {
            "Authorization": f"Bearer {KEY}",
            "Idempotency-Key": code,
            "X-Dossier-Id": code,
            "X-User-Id": "canbo.test",
        }
        url, body = f"{self.url}{APPLICATIONS}", {**self.application, "dossier_code": code}
        async with self.session.post(url, headers=headers, json=body) as answer:
            self._note("applications", number, answer.status, await answer.text())
            if answer.status == 202:  # accepted
                self.codes.append(code)

    def _note(self, what: str, number: int, status: int, text: str) -> None:
        if status in WELL:
            self.answered[what] += 1
        else:
            self.failures.append(f"{number}: {status} {text[:300]}")

    async def more(self, number: int) -> None:
        """Returns when so many more were answered."""
        wanted = self.answered.total() + number
        async with asyncio.timeout(PATIENCE_S):
            while self.answered.total() < wanted and len(self.failures) < wanted:  # noqa: ASYNC110  # a load, not an event
                await asyncio.sleep(0.05)


@dataclass(frozen=True, slots=True)
class Seen:
    """The figures of a proof."""

    restarts: int
    statuses: tuple[int | None, ...]
    """With which the gateways ended."""
    answered: Counter[str]
    failures: Sequence[str]
    slowest_s: float
    seconds: float
    report: Report

    @property
    def sound(self) -> bool:
        """Whether all held."""
        return not self.failures and self.report.sound and set(self.statuses) == {0}

    def lines(self) -> list[str]:
        """The figures for people."""
        return [
            f"restarts by SIGTERM under load: {self.restarts}, each of one of two gateways; ended with {self.statuses}",
            f"answered: {dict(self.answered)}, {self.answered.total() / self.seconds:.0f} a second",
            f"failed: {len(self.failures)}",
            f"slowest: {self.slowest_s * 1000:.0f} ms",
            f"applications accepted by the ministry: {self.report.taken}, second messages: {len(self.report.repeats)}",
            *self.failures[:10],
            *([] if self.report.sound else self.report.lines()),
        ]


@asynccontextmanager
async def two_gateways(
    folder: Path, store: str, redis: RedisServer, mocks: Mocks, variables: Mapping[str, str] = MappingProxyType({})
) -> AsyncIterator[list[Gateway]]:
    """Two gateways that share a Redis and a store, with *variables* of their own; both have ended when left."""
    more = {
        "LGSP_CACHE__REDIS__URL": redis.url,
        "LGSP_CACHE__REDIS__KEY": "env:PROOF_KEY",
        "PROOF_KEY": SECRET,
        "LGSP_DRAIN__LAME_DUCK_S": str(LAME_DUCK_S),
        **variables,
    }
    gateways = [Gateway(mocks, name, {"LGSP_STORE__URL": store}, more) for name in ("a", "b")]
    async with ending(*gateways):
        for gateway in gateways:
            await gateway.start()
            assert await gateway.ready(), (folder / f"gateway-{gateway.name}.log").read_text("utf-8")[-3000:]
        yield gateways


@asynccontextmanager
async def redis_and_country(folder: Path, mocks: Mocks) -> AsyncIterator[RedisServer]:
    """A Redis with its data in *folder*, and *mocks*, both started; both have ended when left."""
    (folder / "redis").mkdir(parents=True)
    redis = RedisServer(folder / "redis")
    async with ending(mocks):
        try:
            await asyncio.to_thread(redis.start)
            await mocks.start()
            yield redis
        finally:
            await asyncio.to_thread(redis.stop)


async def proof(folder: Path, store: str, restarts: int) -> Seen:
    """Restarts one of the two after the other; *store* is the address of an empty database."""
    mocks = Mocks(folder)
    async with (
        redis_and_country(folder, mocks) as redis,
        two_gateways(folder, store, redis, mocks) as gateways,
        behind_nginx(folder / "nginx", [one.port for one in gateways]) as proxy,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=proxy.trust)) as session,
    ):
        async with session.get(f"{mocks.url}/__mock/samples") as answer:
            samples = await answer.json()
        enterprises = [one for one in samples["business_registry.enterprise"] if one.get("exists", True)]
        load = Load(session, proxy.url, enterprises, samples["criminal_records.apply"][0]["body"])
        began = time.perf_counter()
        statuses = await restarted(load, gateways, restarts)
        seconds = time.perf_counter() - began
        await brought(load, session)
    report = check(mocks.journal, [Order("criminal_records", code) for code in load.codes])
    return Seen(restarts, tuple(statuses), load.answered, load.failures, load.slowest_s, seconds, report)


async def restarted(load: Load, gateways: Sequence[Gateway], restarts: int) -> list[int | None]:
    """Ends and starts the gateways in turn under *load*, and gives the statuses with which they ended."""
    clients = [asyncio.create_task(load.run()) for _ in range(CLIENTS)]
    statuses = []
    try:
        await load.more(100)
        for number in range(restarts):
            gateway = gateways[number % len(gateways)]
            assert gateway.process is not None
            statuses.append(await gateway.process.end())
            await load.more(100)
            await gateway.start()
            assert await gateway.ready()
            # Until nginx asks it again: the other one must not leave before.
            await asyncio.sleep(FAIL_TIMEOUT_S + 1.0)
            await load.more(100)
    finally:
        load.over = True  # each has its last answer: an order may not be forgotten
        await asyncio.gather(*clients)
    return statuses


async def brought(load: Load, session: aiohttp.ClientSession) -> None:
    """Waits until the ministry has all applications that were accepted."""
    async with asyncio.timeout(PATIENCE_S):
        for code in load.codes:
            headers = {"Authorization": f"Bearer {KEY}", "X-Dossier-Id": code, "X-User-Id": "canbo.test"}
            while True:
                async with session.get(
                    f"{load.url}/v1/criminal-records/applications/{code}", headers=headers
                ) as answer:
                    if answer.status == 200 and (await answer.json())["data"]["state"] != "accepted":
                        break
                await asyncio.sleep(0.05)


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--restarts", type=int, default=6)
    parser.add_argument("--folder", type=Path, help="keeps logs there; else they are removed")
    asked = parser.parse_args()
    if EXECUTABLE is None:
        sys.stdout.write(f"skipped: {MISSING}\n")
        return 0

    async def run(folder: Path, server: postgres.Server) -> Seen:
        async with server.empty() as url:
            return await proof(folder / "proof", address(url), asked.restarts)

    with tempfile.TemporaryDirectory(prefix="restart-") as own:
        folder = asked.folder or Path(own)
        with postgres.server(folder / "postgres") as server:
            seen = asyncio.run(run(folder, server))
    sys.stdout.write("\n".join(seen.lines()) + "\n")
    return 0 if seen.sound else 1


if __name__ == "__main__":
    command(main)
